"""Races: happenings of one client so close that a live world may swap them (DESIGN.md section 9).

What follows from their order is not decided live. Each race is found in a trace's own rows.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from sim.contract.script import ClientScript
from sim.contract.trace import Row


def first_race_us(rows: Sequence[Row], margin_us: int) -> int | None:
    """When the first race of one client's rows begins, in microseconds; None where there is none."""
    return min((min(a, b) for a, b in _close_pairs(rows) if abs(a - b) <= margin_us), default=None)


def scripted_race_us(rows: Sequence[Row], client: ClientScript, timeout_us: int, margin_us: int) -> int | None:
    """The first race between this client's rows and what only its script knows: windows' ends and poll timeouts."""
    sent_us = _times(rows, "poll_sent")
    edges_us = [edge for window in client.poll_windows for edge in window[:2]]
    races = [min(pair) for pair in product(sent_us, edges_us) if abs(pair[0] - pair[1]) <= margin_us]
    mounted_us = [client.start_us]
    edges_us = [edge for window in client.refused_windows for edge in window]
    races += [min(pair) for pair in product(mounted_us, edges_us) if abs(pair[0] - pair[1]) <= margin_us]
    races += [
        time_us + timeout_us
        for number, time_us in enumerate(sent_us)
        if abs(client.poll_latency_us[number] - timeout_us) <= margin_us
    ]
    return min(races, default=None)


def _close_pairs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Pairs of times whose order matters to what the client does."""
    emitted_us = _times(rows, "event_emitted")
    received_us = _times(rows, "message_received")
    sent_us = _times(rows, "poll_sent")
    finished_us = sorted(_times(rows, "poll_answered") + _times(rows, "poll_failed"))
    switched_us = _times(rows, "websocket_opened") + _times(rows, "websocket_closed")
    requested_us = [sent + (done - sent) // 2 for sent, done in zip(sent_us, finished_us, strict=False)]  # C9
    yield from product(emitted_us, requested_us)
    yield from product(received_us, sent_us)
    yield from product(received_us, finished_us)
    yield from product(_times(rows, "message_published"), switched_us)
    yield from product(received_us, switched_us)
    yield from _overtaken_timers(rows)


def _overtaken_timers(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Each time at which a timer was re-armed or cleared, with the time at which it would have fired.

    A finished poll that re-arms is none: had the timer fired before it, it would have done nothing (C3).
    """
    due_us: int | None = None
    poll_finished = False
    for time_us, _, kind, _, detail in rows:
        if kind in ("poll_answered", "poll_failed"):
            poll_finished = True
        elif kind in ("message_received", "websocket_opened"):
            poll_finished = False
        elif kind == "poll_sent":
            due_us = None
        elif kind in ("timer_armed", "timer_cleared"):
            if due_us is not None and not (kind == "timer_armed" and poll_finished):
                yield time_us, due_us
            due_us = round(float(detail) * 1e6) if kind == "timer_armed" else None


def _times(rows: Sequence[Row], kind: str) -> list[int]:
    return [row[0] for row in rows if row[2] == kind]
