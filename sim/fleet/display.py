"""Display: what a client has on display, as the document has it (C6, B9) or by sequence (P4 to P6)."""

from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.memory import byte, put_byte
from sim.fleet.record import has, lack, record, record_shown

SHOWN, DISPLAYED, HELD = 1, 2, 4
"""Bits of `Crowd.seen`: was shown once; is on display; is held back until all before it are there."""


@inlined
def append(x, c, now, event):
    """A message's event, behind what is on display (C6)."""
    before = byte(x.seen, c.slot, event)
    if before & SHOWN:
        record(x, c, now, codes.EVENT_REPEATED, event, 0)
        if not before & DISPLAYED:
            has(x, c, now)
    else:
        record_shown(x, c, now, event)
    put_on_display(x, c, event)


@inlined
def put_on_display(x, c, event):
    """Behind what is there."""
    put_byte(x.seen, c.slot, event, SHOWN | DISPLAYED)
    c.displayed = max(c.displayed, event + 1)
    c.solid += c.solid == event


@inlined
def replace(x, c, now, count):
    """An answer's events, the first so many, in place of what is on display (C6, B9); whether any is new."""
    seen = x.seen
    known = min(c.solid, count)
    for event in range(count, c.displayed):
        if byte(seen, c.slot, event) & DISPLAYED:
            put_byte(seen, c.slot, event, SHOWN)
            record(x, c, now, codes.EVENT_ERASED, event, 0)
            lack(c, now)
    fresh = False
    back = False
    for event in range(known, count):
        before = byte(seen, c.slot, event)
        if before == 0:
            fresh = True
            record_shown(x, c, now, event)
            put_byte(seen, c.slot, event, SHOWN | DISPLAYED)
        back |= before == SHOWN
    if back:
        for event in range(known, count):
            if byte(seen, c.slot, event) == SHOWN:
                record(x, c, now, codes.EVENT_REPEATED, event, 0)
                has(x, c, now)
                put_byte(seen, c.slot, event, SHOWN | DISPLAYED)
    c.displayed = c.solid = count
    return fresh


@inlined
def hold(x, c, seq):
    """Keep an event until it can be shown; what the client has already changes nothing (P4)."""
    c.heard = max(c.heard, seq)
    if seq > c.cursor and byte(x.seen, c.slot, seq) == 0:
        put_byte(x.seen, c.slot, seq, HELD)
        c.held_terminals += byte(x.terminals, c.run, seq)


@inlined
def show_in_order(x, c, now):
    """Show what has all before it shown; the first terminal event among it, -1 for none (P6)."""
    reached = -1
    seen = x.seen
    while c.cursor + 1 < seen.columns and byte(seen, c.slot, c.cursor + 1) == HELD:
        c.cursor += 1
        event = c.cursor
        record_shown(x, c, now, event)
        put_byte(seen, c.slot, event, SHOWN | DISPLAYED)
        if byte(x.terminals, c.run, event):
            c.held_terminals -= 1
            if reached < 0:
                reached = event
    return reached
