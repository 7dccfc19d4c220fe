"""Kernel: steps one client after the other through what happens to it, in the order of one instant (section 3)."""

from sim.contract.draws import NEVER
from sim.fleet import client, codes, connection
from sim.fleet.calm import calm, push_on
from sim.fleet.compiled import inlined
from sim.fleet.memory import at, byte, put, put_byte
from sim.fleet.payload import digits
from sim.fleet.poll import REQUEST, send
from sim.fleet.record import record, stop_watching
from sim.fleet.waits import poll_wait_us

ATTEMPT, OPENS, STOP, LOSS, HALF_LOSS, OVER, PUBLISH, PONG, ARRIVES = range(REQUEST)
FINISH, DUE, LATE, DEADLINE, PING, NONE = range(REQUEST + 1, REQUEST + 7)
"""What may happen, in the order in which it takes turns at one instant. LATE is an answer that left in this instant,
when a service ended (class 8), and takes no time back."""

ENDED, AT_REQUEST, GIVEN_UP = range(3)
"""Why a client's steps pause: nothing more within the horizon; its request is at the orchestrator, which must say when
it is answered; a poll has failed whose request is not there yet."""


@inlined
def begin(x, c, number, row, slot):
    """Make this the state of a client before its mount, with the draws of a row and the crowd's row of a slot."""
    c.number = number
    c.row = row
    c.slot = slot
    c.id_bytes = digits(number) - 6 if number > 999_999 else 0
    c.run = number % x.runs.rows if x.runs.rows > 1 else 0
    c.attempt_us = at(x.start_us, 0, row)
    c.open_us = c.over_us = c.pong_us = c.request_us = c.finish_us = c.due_us = c.late_us = c.deadline_us = (
        c.ping_us
    ) = NEVER
    c.next_own = c.next_other = c.next_beat = c.ended = 0
    c.stops = c.losses = c.halves = 0
    c.attempts = c.failed_attempts = c.state = c.gone = c.half_open = c.last_arrival_us = c.head = c.tail = 0
    c.mounted = c.polls = c.in_flight = c.terminal = c.idle_polls = c.failed_polls = c.overloaded = 0
    c.owed = c.cursor = c.heard = c.since_us = -1
    c.held_terminals = c.displayed = c.solid = c.missing = c.opened = 0
    c.disconnected_us = c.served_us = -1
    c.held_up = 0
    for k in range(x.partitioned.columns):
        c.held_up |= byte(x.partitioned, row, k)
    c.pinged = c.held_up
    for k in range(x.half_open_us.columns):
        c.pinged |= at(x.half_open_us, row, k) != NEVER
    for event in range(x.seen.columns):
        put_byte(x.seen, slot, event, 0)
    put(x.history_bytes, slot, 0, 0)
    c.stop_us = at(x.stops, 0, 0) if x.websocket and x.stops.rows > 0 else NEVER
    c.lost_us = _in_order(x.connection_lost_us, row, 0)
    c.half_us = _in_order(x.half_open_us, row, 0)
    connection.find_next_message(x, c)


@inlined
def _in_order(times_us, row, place):
    """The time at this place, from 0, when a row's times are sorted; NEVER beyond them."""
    count = times_us.columns
    for k in range(count):
        before = 0
        for other in range(count):
            earlier = at(times_us, row, other) < at(times_us, row, k)
            before += earlier or (at(times_us, row, other) == at(times_us, row, k) and other < k)
        if before == place:
            return at(times_us, row, k)
    return NEVER


@inlined
def _rare(c):
    """When the first of those happenings comes that most clients see once or never, and which it is."""
    now, what = c.attempt_us, ATTEMPT
    if c.open_us < now:
        now, what = c.open_us, OPENS
    if c.stop_us < now:
        now, what = c.stop_us, STOP
    if c.lost_us < now:
        now, what = c.lost_us, LOSS
    if c.half_us < now:
        now, what = c.half_us, HALF_LOSS
    if c.over_us < now:
        now, what = c.over_us, OVER
    if c.pong_us < now:
        now, what = c.pong_us, PONG
    if c.request_us < now:
        now, what = c.request_us, REQUEST
    if c.late_us < now:
        now, what = c.late_us, LATE
    if c.deadline_us < now:
        now, what = c.deadline_us, DEADLINE
    if c.ping_us < now:
        now, what = c.ping_us, PING
    return now, what


@inlined
def advance(x, c):
    """Step a client through its happenings until something must be known from outside; says what."""
    rare_us, rare = _rare(c)
    is_calm = calm(x, c)
    while True:
        if is_calm:
            push_on(x, c, rare_us)
        arrival_us = connection.arrival_us(x, c)
        now = min(c.publish_us, arrival_us, c.finish_us, c.due_us, rare_us)
        if c.publish_us == now:
            what = PUBLISH
        elif arrival_us == now:
            what = ARRIVES
        elif c.finish_us == now:
            what = FINISH
        elif c.due_us == now:
            what = DUE
        else:
            what = NONE
        is_rare = rare_us == now and rare < what
        if is_rare:
            what = rare
        if now > x.horizon_us:
            if not c.terminal:
                stop_watching(x, c, x.horizon_us)
            return ENDED

        if what == PUBLISH and connection.publish(x, c, now) and c.publish_us > now:
            what = ARRIVES  # nothing comes between: it arrives in this instant's next turn
        c.turn = what
        follows = client.NOTHING
        connects = False
        over, reason = False, codes.LOST
        given_up = False
        if what == ARRIVES:
            kind, position, newest = connection.take(x, c)
            follows = client.received(x, c, now, kind, position, newest)
        elif what in (FINISH, LATE):
            c.finish_us = c.late_us = NEVER
            if c.outcome == codes.ANSWER:
                follows = client.answered(x, c, now)
            else:
                given_up = c.request_us != NEVER
                follows = client.failed(x, c, now, c.outcome)
        elif what == DUE:
            c.due_us = NEVER
            if not c.in_flight:
                follows = client.ASK
        elif what == ATTEMPT:
            c.attempt_us = NEVER
            connects = x.websocket != 0
            if not c.mounted:
                c.mounted = 1
                follows = client.ARM | client.ASK if x.poll_at_mount else client.ARM
        elif what == OPENS:
            connection.open_(x, c, now)
            follows = client.opened(x, c, now)
        elif what == REQUEST:
            return AT_REQUEST
        elif what == LOSS:
            c.losses += 1
            c.lost_us = _in_order(x.connection_lost_us, c.row, c.losses)
            over = c.state != connection.OVER
        elif what == HALF_LOSS:
            c.halves += 1
            c.half_us = _in_order(x.half_open_us, c.row, c.halves)
            over = connection.fall_silent(x, c, now)
        elif what == STOP:
            reason = codes.LOST if at(x.stops, c.stops, 2) else codes.GOING_AWAY
            c.stops += 1
            c.stop_us = at(x.stops, c.stops, 0) if c.stops < x.stops.rows else NEVER
            over = connection.close_by_server(x, c, now, reason)
            reason = c.over_reason
        elif what == OVER:
            over, reason = True, c.over_reason
        elif what == PONG:
            connection.pong(c)
        elif what == DEADLINE:
            c.deadline_us = NEVER
            over = connection.close_by_server(x, c, now, codes.LOST)
            reason = c.over_reason
        elif what == PING:
            connection.ping(x, c, now)

        if over:
            connection.end(x, c, now, reason)
        if follows & client.ARM and x.polling:
            c.due_us = now + poll_wait_us(x, c)
            record(x, c, now, codes.TIMER_ARMED, -1, c.due_us)
        if follows & client.ASK:
            send(x, c, now)
        if connects:
            connection.connect(x, c, now)
        if given_up:
            return GIVEN_UP
        if is_rare or x.queued:
            rare_us, rare = _rare(c)
            is_calm = calm(x, c)
