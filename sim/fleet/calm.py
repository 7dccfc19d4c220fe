"""Calm: events that are pushed and shown with nothing in between, as most are, one after the other in one go.

What the other files say of an event, its message, the display and the timer, for this case alone; it takes a third of
the time. The rows are the same.
"""

from sim.contract.draws import NEVER
from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.connection import OPEN
from sim.fleet.display import put_on_display
from sim.fleet.layout import SECOND_US
from sim.fleet.memory import add, at, byte
from sim.fleet.payload import remember_event
from sim.fleet.record import count_shown, keep, record_arrival


@inlined
def calm(x, c):
    """Whether the client's messages reach it, for as long as nothing rare happens."""
    return x.plain and c.state == OPEN and not (c.gone | c.half_open | c.held_up)


@inlined
def push_on(x, c, rare_us):
    """Take one event after the other from its emission to the display, as long as nothing comes between."""
    if c.terminal or c.failed_polls > 0 or c.owed >= 0 or c.head < c.tail:
        return
    wait_us = at(x.idle_us, 0, 0)
    others_us = min(rare_us, c.finish_us, x.horizon_us)
    while True:
        event, now = c.next_own, c.publish_us
        until_us = min(others_us, c.due_us)
        if now >= until_us or byte(x.event_lost, c.row, event) or byte(x.terminals, c.run, event):
            return
        next_us = at(x.event_us, c.row, event + 1) if event + 1 < x.event_us.columns else NEVER
        arrival_us = max(now + at(x.event_latency_us, c.row, event), c.last_arrival_us)
        if arrival_us >= min(until_us, next_us):
            return
        c.publish_us, c.next_own = next_us, event + 1
        record_arrival(x, now, 1)
        c.last_arrival_us = arrival_us
        c.idle_polls = 0
        add(x.received, 0, arrival_us // SECOND_US, 1)
        x.sums.bytes_websocket += x.message_bytes + remember_event(x, c, event, now) + c.id_bytes
        if c.missing == 0:
            x.sums.stale_us += arrival_us - now
        count_shown(x, c, arrival_us, now)
        put_on_display(x, c, event)
        if x.polling:
            c.due_us = arrival_us + wait_us
        if c.recorded:
            keep(x, c, now, codes.EVENT_EMITTED, event, 0)
            keep(x, c, now, codes.MESSAGE_PUBLISHED, event, 0)
            keep(x, c, arrival_us, codes.MESSAGE_RECEIVED, event, codes.OWN)
            keep(x, c, arrival_us, codes.EVENT_SHOWN, event, 0)
            if x.polling:
                keep(x, c, arrival_us, codes.TIMER_ARMED, -1, c.due_us)
