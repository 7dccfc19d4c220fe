"""Poll: its way to the orchestrator and back, within a time limit (C9, C11, O3, B8, B20)."""

from sim.contract.draws import NEVER
from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.layout import SECOND_US
from sim.fleet.memory import add, around, at, byte
from sim.fleet.passage import passing_us, window_fate
from sim.fleet.record import record

REQUEST = 9
"""The turn in which requests arrive; those sent in a later turn of the instant take their places after the others."""

AFTER_SERVICE = 3
"""The first place of those sent on an answer that left in this instant (class 8), each after that service."""


@inlined
def send(x, c, now):
    """Send the client's next poll. Without a queue it is known at once what comes of it."""
    record(x, c, now, codes.POLL_SENT, -1, 0)
    add(x.polls, 0, now // SECOND_US, 1)
    latencies = x.poll_latency_us
    number = around(c.polls, latencies.columns)
    c.polls += 1
    c.in_flight = 1
    c.asked = c.cursor
    latency_us = at(latencies, c.row, number)
    c.reached_us = passing_us(x, c, now + latency_us // 2)
    c.back_us = latency_us - latency_us // 2
    c.limit_us = now + x.timeout_us
    fate = byte(x.poll_fate, c.row, number)
    if fate == codes.ANSWER:
        fate = window_fate(x, c, now)
    if fate == codes.ANSWER and x.queued:
        c.request_us = c.reached_us
        c.rank = 0 if c.reached_us > now else max(c.turn - REQUEST, 0)
        if c.reached_us == c.served_us:
            c.rank = AFTER_SERVICE + c.served
        fate = codes.EXPIRY
    finish(x, c, fate, c.reached_us)


@inlined
def finish(x, c, fate, leaves_us):
    """What comes of the poll in flight sets out for the client at this time, or does not."""
    c.finish_us = NEVER if fate == codes.EXPIRY else passing_us(x, c, leaves_us + c.back_us)
    c.outcome = fate
    if c.finish_us > c.limit_us:
        c.finish_us = c.limit_us
        c.outcome = codes.EXPIRY


@inlined
def answered_events(x, c):
    """How many events the history has in the answer: as of the request's arrival (O3)."""
    count = c.next_own
    while count > 0 and at(x.event_us, c.row, count - 1) > c.reached_us:
        count -= 1
    return count
