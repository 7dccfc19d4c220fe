"""Connection: a WebSocket from an attempt to its end on either side, and what it carries (L1 to L7, F8 to F10)."""

from sim.contract.draws import NEVER
from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.memory import around, at, byte, put
from sim.fleet.passage import passing_us, refused, unheard
from sim.fleet.payload import remember_event
from sim.fleet.record import record, record_arrival, record_closed, record_emitted
from sim.fleet.waits import reconnect_wait_us

OVER, CONNECTING, OPEN = 0, 1, 2
"""States of the WebSocket, as the client sees it."""

_KIND, _POSITION, _NEWEST = 2, 30, 31
"""Bits of a message in flight: its kind, its place among its kind, and the newest seq it tells of, plus one."""


@inlined
def connect(x, c, now):
    """The client's next attempt starts; in a refused window, or without a server, it will fail (L5, F9)."""
    durations = x.connect_us
    done_us = passing_us(x, c, now + at(durations, c.row, around(c.attempts, durations.columns)))
    c.attempts += 1
    c.state = CONNECTING
    c.gone = c.half_open = c.last_arrival_us = 0
    if refused(x, c, now):
        c.over_us = done_us
        c.over_reason = codes.REFUSED
    else:
        c.open_us = done_us


@inlined
def open_(x, c, now):
    """The attempt succeeds."""
    c.open_us = NEVER
    c.state = OPEN
    if c.pinged:
        c.ping_us = now + x.ping_every_us


@inlined
def publish(x, c, now):
    """The next of the user's messages is published (W2, P3); what no connection takes is lost (L2).

    Whether a message arrives in this very instant.
    """
    kind = c.publishes
    if kind == codes.OWN:
        position = newest = c.next_own
        c.next_own += 1
        lost = byte(x.event_lost, c.row, position)
        latency_us = at(x.event_latency_us, c.row, position)
        remember_event(x, c, position, now)
        record_emitted(x, c, now, position)
        c.ended |= byte(x.terminals, c.run, position)
        record(x, c, now, codes.MESSAGE_PUBLISHED, position, 0)
    elif kind == codes.OTHER:
        position, newest = c.next_other, -1
        c.next_other += 1
        lost = byte(x.other_lost, c.row, position)
        latency_us = at(x.other_latency_us, c.row, position)
    else:
        position, newest = c.next_beat, c.next_own - 1
        c.next_beat += 1
        lost = byte(x.heartbeat_lost, c.row, position)
        latency_us = at(x.heartbeat_latency_us, c.row, position)
    reason = unheard(x, now)
    if reason < 0:
        if c.state != OPEN or c.gone:
            reason = codes.NO_CONNECTION
        elif lost:
            reason = codes.FAULT
        elif c.half_open:
            reason = codes.HALF_OPEN
        if reason != codes.NO_CONNECTION:
            record_arrival(x, now, 1)
    if reason >= 0:
        record(x, c, now, codes.MESSAGE_LOST, position if kind == codes.OWN else -1, reason)
    else:
        _send(x, c, now + latency_us, kind | position << _KIND | (newest + 1) << (_KIND + _POSITION))
    find_next_message(x, c)
    return reason < 0 and arrival_us(x, c) == now


@inlined
def find_next_message(x, c):
    """What is published next: at one instant own events, then other runs', then heartbeats (B3, P3)."""
    c.publish_us = NEVER
    if c.next_own < x.event_us.columns:
        c.publish_us = at(x.event_us, c.row, c.next_own)
        c.publishes = codes.OWN
    if c.next_other < x.other_us.columns and at(x.other_us, c.row, c.next_other) < c.publish_us:
        c.publish_us = at(x.other_us, c.row, c.next_other)
        c.publishes = codes.OTHER
    if c.next_beat < x.heartbeat_us.columns and not c.ended:
        beat_us = at(x.heartbeat_us, c.row, c.next_beat)
        if beat_us < c.publish_us:
            c.publish_us = beat_us
            c.publishes = codes.HEARTBEAT


@inlined
def _send(x, c, arrival_us, message):
    """A message sets out, behind those before it (L1, L7); of those that arrive together, own events go first."""
    arrival_us = passing_us(x, c, max(arrival_us, c.last_arrival_us))
    c.last_arrival_us = arrival_us
    flight_us, flight = x.flight_us, x.flight
    place = c.tail
    while place > c.head and _after(x, c, place - 1, arrival_us, message):
        put(flight, c.slot, place, at(flight, c.slot, place - 1))
        put(flight_us, c.slot, place, arrival_us)
        place -= 1
    put(flight_us, c.slot, place, arrival_us)
    put(flight, c.slot, place, message)
    c.tail += 1


@inlined
def _after(x, c, place, arrival_us, message):
    """Whether what is in flight at this place comes after a message that arrives then."""
    return at(x.flight_us, c.slot, place) == arrival_us and at(x.flight, c.slot, place) & 3 > message & 3


@inlined
def arrival_us(x, c):
    """When the next message arrives."""
    return at(x.flight_us, c.slot, c.head) if c.head < c.tail else NEVER


@inlined
def take(x, c):
    """The message that has arrived: its kind, its place among its kind, and the newest seq that it tells of."""
    message = at(x.flight, c.slot, c.head)
    c.head += 1
    if c.head == c.tail:
        c.head = c.tail = 0
    position = (message >> _KIND) & ((1 << _POSITION) - 1)
    return message & 3, position, (message >> (_KIND + _POSITION)) - 1


@inlined
def _lose_in_flight(x, c, now, reason):
    """What is on its way is lost, own events first, heartbeats last (L2, B3, P3)."""
    for kind in range(3):
        for place in range(c.head, c.tail):
            message = at(x.flight, c.slot, place)
            if message & 3 == kind:
                position = (message >> _KIND) & ((1 << _POSITION) - 1)
                record(x, c, now, codes.MESSAGE_LOST, position if kind == codes.OWN else -1, reason)
    c.head = c.tail = 0


@inlined
def _leave_server(c):
    """The server knows the connection no longer."""
    c.gone = 1
    c.ping_us = c.deadline_us = c.pong_us = NEVER


@inlined
def end(x, c, now, reason):
    """Both ends know that it is over, and the next attempt comes (C10)."""
    _lose_in_flight(x, c, now, codes.CONNECTION_LOST)
    _leave_server(c)
    record_closed(x, c, now, reason)
    c.failed_attempts += c.state != OPEN
    c.state = OVER
    c.open_us = c.over_us = NEVER
    if x.reconnects:
        c.attempt_us = now + reconnect_wait_us(x, c)


@inlined
def fall_silent(x, c, now):
    """It breaks, and nobody is told; an attempt fails; whether that ends it (L6)."""
    if c.state == OPEN:
        c.half_open = 1
        c.over_us = NEVER
        _lose_in_flight(x, c, now, codes.HALF_OPEN)
    return c.state == CONNECTING


@inlined
def close_by_server(x, c, now, farewell):
    """The server closes it on its side; whether the client hears of it at once (F8, L7)."""
    if c.state == OVER or c.gone:
        return False
    c.over_reason = farewell if c.state == OPEN else codes.LOST
    _leave_server(c)
    c.open_us = NEVER
    c.over_us = NEVER
    told_us = passing_us(x, c, now)
    if told_us > now:
        if not c.half_open:
            c.over_us = told_us
        return False
    return not c.half_open


@inlined
def ping(x, c, now):
    """The server pings it, and sets a deadline where the answer does not come at once (F10)."""
    terms = x
    pong_us = NEVER if c.half_open else passing_us(x, c, now)
    if pong_us == now:
        c.deadline_us = NEVER
    else:
        if c.deadline_us == NEVER:
            c.deadline_us = now + terms.pong_within_us
        c.pong_us = pong_us
    c.ping_us = now + terms.ping_every_us


@inlined
def pong(c):
    """The answer to a ping has come."""
    c.pong_us = NEVER
    if not c.half_open:
        c.deadline_us = NEVER
