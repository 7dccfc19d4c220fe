"""Client: what it does at a message, an answer, an opening, a timer (C1 to C8, P4 to P9).

Each function returns what is to follow in the same turn: bits of ARM and ASK, or NOTHING.
"""

from sim.contract.draws import NEVER
from sim.fleet import codes, display
from sim.fleet.compiled import inlined
from sim.fleet.layout import SECOND_US
from sim.fleet.memory import add, at, byte
from sim.fleet.payload import count_answer, count_message
from sim.fleet.poll import answered_events
from sim.fleet.record import record, record_opened, record_terminal

NOTHING, ARM, ASK = 0, 1, 2
"""What follows: the timer is armed; a poll is sent."""


@inlined
def opened(x, c, now):
    """The WebSocket is open: re-arm, or poll for what was missed without it (C1, P7)."""
    c.failed_attempts = 0
    record_opened(x, c, now)
    if c.terminal:
        return NOTHING
    if x.catch_up_poll and c.attempts > 1:
        c.owed = c.polls
    return ARM if c.owed < 0 else _ask_at_once(c)


@inlined
def received(x, c, now, kind, position, newest):
    """A message has come (C2, C6, P4, P7)."""
    c.idle_polls = 0
    record(x, c, now, codes.MESSAGE_RECEIVED, position if kind == codes.OWN else -1, kind)
    add(x.received, 0, now // SECOND_US, 1)
    count_message(x, c, kind, position, newest)
    reached = -1
    if not x.by_sequence:
        if kind == codes.OWN:
            display.append(x, c, now, position)
            if byte(x.terminals, c.run, position):
                reached = position
    else:
        c.heard = max(c.heard, newest)
        if kind == codes.OWN:
            display.hold(x, c, position)
        reached = display.show_in_order(x, c, now)
        if c.heard > c.cursor and not c.terminal:
            final = x.final_poll and kind == codes.OWN and c.held_terminals > 0
            if final or (x.gap_poll and kind != codes.OTHER):
                c.owed = c.polls
    if c.owed < 0 or reached >= 0:
        return _end(x, c, now, reached)
    return _ask_at_once(c)


@inlined
def answered(x, c, now):
    """A poll was answered (C4, C6, P4, P8)."""
    count = answered_events(x, c)
    c.in_flight = 0
    if 0 <= c.owed < c.polls:
        c.owed = -1
    new = max(count - c.asked - 1, 0)
    record(x, c, now, codes.POLL_ANSWERED, -1, new)
    count_answer(x, c, c.asked, count)
    reached = -1
    if not x.by_sequence:
        fresh = display.replace(x, c, now, count)
        if count > at(x.runs, c.run, 0):
            reached = at(x.runs, c.run, 0)
        c.idle_polls += 1
    else:
        before = c.cursor
        for seq in range(c.asked + 1, count):
            display.hold(x, c, seq)
        reached = display.show_in_order(x, c, now)
        fresh = c.cursor > before
        c.idle_polls = 0 if fresh else c.idle_polls + 1
    c.failed_polls = 0
    x.sums.empty_answers += not fresh
    follows = _end(x, c, now, reached)
    if c.owed >= 0:
        follows |= _ask_at_once(c)
    return follows


@inlined
def failed(x, c, now, reason):
    """A poll has failed: it is finished all the same (C4, P8)."""
    c.in_flight = 0
    c.idle_polls += not x.by_sequence
    c.failed_polls += 1
    c.overloaded = reason == codes.OVERLOAD
    record(x, c, now, codes.POLL_FAILED, -1, reason)
    return _end(x, c, now, -1)


@inlined
def _end(x, c, now, reached):
    """How messages and finished polls end: at the terminal stop for good, before it re-arm (C2, C4, C5)."""
    if c.terminal:
        return NOTHING
    if reached < 0:
        return ARM
    c.owed = -1
    record_terminal(x, c, now, reached)
    if c.due_us != NEVER:
        c.due_us = NEVER
        record(x, c, now, codes.TIMER_CLEARED, -1, 0)
    return NOTHING


@inlined
def _ask_at_once(c):
    """Send the poll that is owed, unless one is in flight or the last has failed (P8)."""
    return NOTHING if c.in_flight or c.failed_polls > 0 else ASK
