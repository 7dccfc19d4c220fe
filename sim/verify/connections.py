"""Connections: the life of every attempt to open a client's WebSocket, as the script alone determines it.

An attempt hangs on its number and its start, and on no other attempt; so where a trace tells when one ended, the next
is judged from there.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sim.contract.script import ClientScript, Script
from sim.verify.partition import passes_us

LOST = "connection-lost"


class Attempt(NamedTuple):
    """One attempt, and the connection that comes of it; times in microseconds, None for what does not come.

    done_us: when its handshake would end, but for a partition. opened_us: when it opens.
    closed_us, reason: when the client's end closes or the attempt fails, and what it says (B4).
    gone_us: from when on a publication finds no connection on the server's side.
    silent_us: from when on nothing passes (L6). deadline_us: when the server would miss a pong (F10).
    late: whether it opens after the publications of its instant (D8).
    """

    number: int
    start_us: int
    done_us: int
    opened_us: int | None
    closed_us: int | None
    reason: str
    gone_us: int | None = None
    silent_us: int | None = None
    deadline_us: int | None = None
    late: bool = False


def attempts(script: Script, me: ClientScript, closed_us: Sequence[int] = ()) -> Iterator[Attempt]:
    """The attempts that start within the horizon (C1, C8, C10); closed_us: when the first ones ended, where told."""
    policy = script.policy
    number, failed, start_us = 0, 0, me.start_us
    while policy.websocket and start_us <= script.horizon_us:
        attempt = attempt_at(script, me, number, start_us)
        yield attempt
        ended_us = closed_us[number] if number < len(closed_us) else attempt.closed_us
        if ended_us is None or policy.reconnect == "none":
            return
        failed = failed + 1 if attempt.opened_us is None else 0
        number += 1
        start_us = ended_us + _delay_us(script, me, number, failed)


def attempts_of_a_listing(script: Script, me: ClientScript, ended_us: int | None) -> list[Attempt]:
    """The mount's attempt, which the terminal closes, and the one that starts then (D8)."""
    if me.start_us > script.horizon_us:
        return []
    first = attempt_at(script, me, 0, me.start_us)
    if ended_us is None:
        return [first]
    if first.closed_us is None or first.closed_us > ended_us:
        first = first._replace(
            opened_us=None if first.opened_us is None or first.opened_us > ended_us else first.opened_us,
            closed_us=ended_us,
            reason="client",
            gone_us=ended_us + 1 if first.gone_us is None else min(first.gone_us, ended_us + 1),
            silent_us=None if first.silent_us is None or first.silent_us > ended_us else first.silent_us,
        )
    second = attempt_at(script, me, 1, ended_us)
    return [first, second._replace(late=second.opened_us == ended_us)]


def _delay_us(script: Script, me: ClientScript, number: int, failed: int) -> int:
    """How long an attempt waits for its start (C10)."""
    delay_us = script.reconnect_delay_us
    if script.policy.reconnect == "exponential":
        doubled = min(failed, script.reconnect_max_us.bit_length())  # more would pass any maximum
        delay_us = min(delay_us << doubled, script.reconnect_max_us)
    if script.policy.jitter == "none":
        return max(delay_us, 1)
    fixed_us = delay_us // 2 if script.policy.jitter == "equal" else 0
    draw = me.reconnect_draw[number % len(me.reconnect_draw)]
    return max(fixed_us + ((delay_us - fixed_us) * draw >> 32), 1)


def attempt_at(script: Script, me: ClientScript, number: int, start_us: int) -> Attempt:
    """The life of one attempt (L3, L5, L6, L7, F8, F9, F10)."""
    done_us = start_us + me.connect_us[number % len(me.connect_us)]
    end_us = passes_us(me, done_us)
    refused = any(w.from_us <= start_us < w.until_us for w in me.refused_windows)
    refused = refused or any(o.from_us < start_us < o.until_us for o in script.fanout_outages)

    def under_way(time_us: int) -> bool:
        return start_us <= time_us < end_us or (refused and time_us == end_us)  # then the loss comes first (B4)

    losses_us = [t for t in (*me.connection_lost_us, *me.half_open_us) if under_way(t)]
    stops_us = [passes_us(me, o.from_us) for o in script.fanout_outages if under_way(o.from_us)]
    failed_us = min((*losses_us, *stops_us), default=None)
    if failed_us is not None:
        return Attempt(number, start_us, done_us, None, failed_us, LOST)
    if refused:
        return Attempt(number, start_us, done_us, None, end_us, "refused")
    return _connection(script, me, Attempt(number, start_us, done_us, end_us, None, ""))


AT_ONCE, CUT, SILENCE, TOLD_LATER = range(4)
"""Which comes first at one instant: a stop of the server, a closed loss, a half-open one, what a partition held up."""


class _End(NamedTuple):
    """An end of the client's side."""

    time_us: int
    rank: int
    reason: str


def _connection(script: Script, me: ClientScript, opening: Attempt) -> Attempt:
    """What becomes of a connection: its ends on both sides, and from when on it is silent."""
    opened_us = opening.opened_us or 0
    cut_us, silent_us = _first(me.connection_lost_us, opened_us), _first(me.half_open_us, opened_us)
    stop = next((o for o in script.fanout_outages if o.from_us >= opened_us), None)
    deadline_us = _deadline_us(script, me, opened_us, silent_us)
    ends, gone_us = [], []
    if cut_us is not None:
        ends.append(_End(cut_us, CUT, LOST))
        gone_us.append(cut_us)
    told: _End | None = None
    if stop is not None and (deadline_us is None or stop.from_us <= deadline_us):
        told_us = passes_us(me, stop.from_us)
        told = _End(told_us, AT_ONCE if told_us == stop.from_us else TOLD_LATER, LOST if stop.killed else "going-away")
        gone_us.append(stop.from_us)
    elif deadline_us is not None:
        told = _End(passes_us(me, deadline_us), TOLD_LATER, LOST)
        gone_us.append(deadline_us + 1)  # in class 8, after the publications of its instant
    if told is not None and (silent_us is None or told[:2] < (silent_us, SILENCE)):
        ends.append(told)
    closed = min(ends, default=None)
    if closed is not None and silent_us is not None and closed[:2] < (silent_us, SILENCE):
        silent_us = None
    return opening._replace(
        closed_us=closed.time_us if closed else None,
        reason=closed.reason if closed else "",
        gone_us=min(gone_us, default=None),
        silent_us=silent_us,
        deadline_us=deadline_us,
    )


def _first(times_us: Sequence[int], from_us: int) -> int | None:
    return next((t for t in times_us if t >= from_us), None)


def _deadline_us(script: Script, me: ClientScript, opened_us: int, silent_us: int | None) -> int | None:
    """When the server misses a pong (F10): of a ping in a partition that lasts too long, or of one into silence."""
    for window in me.partition_windows:
        if silent_us is not None and silent_us < window.from_us:
            break
        ping_us = ping_from_us(script, opened_us, window.from_us)
        deadline_us = ping_us + script.pong_within_us
        silenced = silent_us is not None and silent_us <= window.until_us
        if ping_us < window.until_us and (silenced or deadline_us < window.until_us):
            return deadline_us
    return None if silent_us is None else ping_from_us(script, opened_us, silent_us) + script.pong_within_us


def ping_from_us(script: Script, opened_us: int, from_us: int) -> int:
    """The first ping of a connection at or after a time (F10)."""
    every_us = script.ping_every_us
    return opened_us + max(-((opened_us - from_us) // every_us), 1) * every_us
