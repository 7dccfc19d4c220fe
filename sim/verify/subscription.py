"""Subscription: over which times a publication finds Redis, and the fanout server subscribed (R4, R5, F7)."""

from collections.abc import Iterator
from typing import NamedTuple

from sim.contract.script import Script, ServerOutage, Window


class Recovery(NamedTuple):
    """How a lost subscription came back; times in microseconds.

    lost_us: from when on nothing is heard. failed_us: the last try that failed, or the loss.
    found_us: the try that succeeded. next_us: the try after it, had it failed.
    heard_us: from when on a publication is heard; a try in class 8 is later than its instant's publications.
    """

    lost_us: int
    failed_us: int
    found_us: int
    next_us: int
    heard_us: int


def redis_outage(script: Script, time_us: int) -> Window | None:
    """The outage of Redis in which something is lost that is published, or tried, at this time (R4)."""
    return next((w for w in script.redis_outages if w.from_us <= time_us < w.until_us), None)


def recoveries(script: Script) -> Iterator[Recovery]:
    """Every loss of the subscription within the horizon; before the first it is there."""
    since_us = 0
    losses_us = [w.from_us for w in script.redis_outages] + [o.from_us for o in script.fanout_outages]
    while (lost_us := min((t for t in losses_us if t >= since_us), default=script.horizon_us + 1)) <= script.horizon_us:
        recovery = _recovery(script, lost_us)
        yield recovery
        since_us = recovery.heard_us


def subscribed_windows(script: Script) -> list[Window]:
    """Over which times the fanout server hears what is published."""
    found = list(recoveries(script))
    since_us = [0, *(r.heard_us for r in found)]
    until_us = [*(r.lost_us for r in found), script.horizon_us + 1]
    return [Window(*window) for window in zip(since_us, until_us, strict=True)]


def _recovery(script: Script, lost_us: int) -> Recovery:
    from_us = lost_us
    while True:
        server = next((o for o in script.fanout_outages if o.until_us > from_us), None)
        if server is not None and server.from_us <= from_us:
            from_us = server.until_us
            if not any(w.from_us < from_us < w.until_us for w in script.redis_outages):
                next_us = from_us + min(script.resubscribe_us, script.resubscribe_max_us)
                return Recovery(lost_us, from_us, from_us, next_us, from_us)
        failed_us, found_us, next_us = _tries(script, from_us)
        stopped = _stopped_by(script, from_us, found_us)
        if stopped is None:
            return Recovery(lost_us, failed_us, found_us, next_us, found_us + 1)
        from_us = stopped.from_us


def _stopped_by(script: Script, from_us: int, found_us: int) -> ServerOutage | None:
    """The stop of the server that ends the tries."""
    return next((o for o in script.fanout_outages if from_us <= o.from_us <= found_us), None)


def _tries(script: Script, lost_us: int) -> tuple[int, int, int]:
    """The last try that failed, the one that succeeds and the one after it (F7); long outages are skipped over."""
    longest_us = script.resubscribe_max_us
    failed_us, delay_us = lost_us, min(script.resubscribe_us, longest_us)
    found_us = lost_us + delay_us
    while outage := redis_outage(script, found_us):
        delay_us = min(2 * delay_us, longest_us)
        skipped = (outage.until_us - 1 - found_us) // delay_us if delay_us == longest_us else 0
        failed_us = found_us + skipped * delay_us
        found_us = failed_us + delay_us
    return failed_us, found_us, found_us + min(2 * delay_us, longest_us)
