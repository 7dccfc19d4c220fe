"""Deliveries: how each message to a client, heartbeats too, ends by the script (L1, L2, L6, L7, B13, P3).

Not of a client that reads slowly.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sim.contract.script import ClientScript, Script, Window
from sim.verify.connections import Attempt
from sim.verify.expected import Wanted
from sim.verify.partition import passes_us
from sim.verify.subscription import redis_outage, subscribed_windows


class Delivery(NamedTuple):
    """One message.

    published_us: when. event: its index, -1 for one of another run (B1) or a heartbeat (P3). attempt: the connection
    it is sent on. due_us: when it would arrive, but for a partition; arrives_us: when it does, unless lost.
    end: the row that tells of its end, None beyond the horizon.
    """

    published_us: int
    event: int
    attempt: Attempt | None
    due_us: int | None
    arrives_us: int
    end: Wanted | None


def deliveries(
    script: Script, me: ClientScript, attempts: Iterable[Attempt], published_us: Mapping[int, int]
) -> list[Delivery]:
    """All messages published within the horizon; published_us: when own ones were, where told."""
    subscribed = subscribed_windows(script)
    opened = [(a.opened_us + a.late, a) for a in attempts if a.opened_us is not None]
    own = zip(me.event_us, me.event_lost, me.event_latency_us, strict=True)
    other = zip(me.other_us, me.other_lost, me.other_latency_us, strict=True)
    due = [(time_us, _OWN, n, lost, latency_us) for n, (time_us, lost, latency_us) in enumerate(own)]
    due += [(time_us, _OTHER, n, lost, latency_us) for n, (time_us, lost, latency_us) in enumerate(other)]
    due += [(time_us, _BEAT, n, lost, latency_us) for n, (time_us, lost, latency_us) in enumerate(_beats(me))]
    found: list[Delivery] = []
    previous_us = on = -1
    for scripted_us, kind, n, lost, latency_us in sorted(due):
        if scripted_us > script.horizon_us:
            break
        now_us, event = (published_us.get(n, scripted_us), n) if kind == _OWN else (scripted_us, -1)
        place = bisect_right(opened, now_us, key=lambda pair: pair[0]) - 1
        attempt = _open_at(opened[place][1], now_us) if place >= 0 else None
        reason = _lost_for(script, subscribed, attempt, now_us, fault=lost)
        if reason or attempt is None:
            found.append(Delivery(now_us, event, None, None, now_us, (now_us, "message_lost", event, reason)))
            continue
        due_us = max(now_us + latency_us, previous_us if attempt.number == on else now_us)
        arrives_us, on = passes_us(me, due_us), attempt.number
        previous_us = arrives_us
        end = _end(attempt, arrives_us, event, _DETAIL[kind])
        found.append(Delivery(now_us, event, attempt, due_us, arrives_us, end if end[0] <= script.horizon_us else None))
    return found


_OWN, _OTHER, _BEAT = range(3)
_DETAIL = ("", "other", "heartbeat")


def _beats(me: ClientScript) -> Iterator[tuple[int, bool, int]]:
    """When each heartbeat is published, whether a fault takes it, and its latency: until the run has ended (P3)."""
    ended_us = min((t for t, event in zip(me.event_us, me.events, strict=True) if event.terminal), default=None)
    for beat in zip(me.heartbeat_us, me.heartbeat_lost, me.heartbeat_latency_us, strict=True):
        if ended_us is not None and beat[0] >= ended_us:
            return
        yield beat


def _open_at(attempt: Attempt, now_us: int) -> Attempt | None:
    """The connection, if it is there on the server's side at a publication."""
    return attempt if attempt.gone_us is None or now_us < attempt.gone_us else None


def _lost_for(script: Script, subscribed: list[Window], attempt: Attempt | None, now_us: int, *, fault: bool) -> str:
    """For what a message is lost at its publication, the first that holds (B13); empty where it is sent."""
    if redis_outage(script, now_us):
        return "redis-outage"
    if not any(window.from_us <= now_us < window.until_us for window in subscribed):
        return "no-subscriber"
    if attempt is None:
        return "no-connection"
    if fault:
        return "fault"
    return "half-open" if attempt.silent_us is not None and attempt.silent_us <= now_us else ""


def _end(attempt: Attempt, arrives_us: int, event: int, detail: str) -> Wanted:
    """How a message that is sent ends: it arrives, or is on its way at a loss or a close.

    What arrives as a listing's client closes is the terminal message for which it does (D8).
    """
    if attempt.silent_us is not None and attempt.silent_us <= arrives_us:
        return attempt.silent_us, "message_lost", event, "half-open"
    if attempt.closed_us is not None and attempt.closed_us + (attempt.reason == "client") <= arrives_us:
        return attempt.closed_us, "message_lost", event, "connection-lost"
    return arrives_us, "message_received", event, detail
