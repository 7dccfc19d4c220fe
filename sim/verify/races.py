"""Races: happenings of one client so close that a live world may swap them (DESIGN.md section 9).

What hangs on their order is not decided live, and no more than that. Each race is found in a trace's own rows.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from sim.contract.script import ClientScript
from sim.contract.trace import Row

FINISHED = ("poll_answered", "poll_failed")
CLOSED = "connection-lost"
"""The reason of a message that is lost because the connection closes: no race, but its consequence."""


def contested_polls(rows: Sequence[Row], margin_us: int) -> dict[int, set[int]]:
    """Events emitted so close to a poll's arrival at the orchestrator that its answer may hold them or not.

    By number of the poll. On such an order hangs one answer, and when that event is shown; no timer and no other
    poll does, unless the event is the terminal one.
    """
    requested_us = _requested_us(rows)
    terminal = next((row[3] for row in rows if row[2] == "terminal_reached"), None)
    contested: dict[int, set[int]] = {}
    for time_us, _, kind, event, _ in rows:
        if kind == "event_emitted" and event != terminal:
            for poll, request_us in enumerate(requested_us):
                if abs(request_us - time_us) <= margin_us:
                    contested.setdefault(poll, set()).add(event)
    return contested


def first_race_us(rows: Sequence[Row], margin_us: int) -> int | None:
    """When the first race of one client's rows begins on which everything later hangs; None where there is none."""
    return min((min(a, b) for a, b in _close_pairs(rows) if abs(a - b) <= margin_us), default=None)


def scripted_race_us(rows: Sequence[Row], client: ClientScript, timeout_us: int, margin_us: int) -> int | None:
    """The first race with what only the script knows: windows' ends, cuts as a handshake ends, poll timeouts."""
    sent_us = _times(rows, "poll_sent")
    edges_us = [edge for window in client.poll_windows for edge in window[:2]]
    races = [min(pair) for pair in product(sent_us, edges_us) if abs(pair[0] - pair[1]) <= margin_us]
    opens_us = [client.start_us + connect_us for connect_us in client.connect_us[:1]]
    races += [min(pair) for pair in product(opens_us, client.connection_lost_us) if abs(pair[0] - pair[1]) <= margin_us]
    races += [
        time_us + timeout_us
        for number, time_us in enumerate(sent_us)
        if abs(client.poll_latency_us[number] - timeout_us) <= margin_us
    ]
    return min(races, default=None)


def _close_pairs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Pairs of times whose order matters to what the client does."""
    terminal = next((row[3] for row in rows if row[2] == "terminal_reached"), None)
    ended_us = [row[0] for row in rows if row[2] == "event_emitted" and row[3] == terminal]
    received_us = _times(rows, "message_received")
    sent_us = _times(rows, "poll_sent")
    finished_us = [row[0] for row in rows if row[2] in FINISHED]
    switched_us = _times(rows, "websocket_opened") + _times(rows, "websocket_closed")
    yield from product(ended_us, _requested_us(rows))
    yield from product(received_us, sent_us)
    yield from product(received_us, finished_us)
    yield from product(_times(rows, "message_published"), switched_us)
    yield from product([row[0] for row in rows if row[2] == "message_lost" and row[4] != CLOSED], switched_us)
    yield from product(received_us, switched_us)
    yield from _overtaken_timers(rows)


def _overtaken_timers(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Each time at which a timer was re-armed or cleared, with the time at which it would have fired.

    A finished poll that re-arms is none: had the timer fired before it, it would have done nothing (C3).
    """
    due_us: int | None = None
    poll_finished = False
    for time_us, _, kind, _, detail in rows:
        if kind in FINISHED:
            poll_finished = True
        elif kind in ("message_received", "websocket_opened"):
            poll_finished = False
        elif kind == "poll_sent":
            due_us = None
        elif kind in ("timer_armed", "timer_cleared"):
            if due_us is not None and not (kind == "timer_armed" and poll_finished):
                yield time_us, due_us
            due_us = round(float(detail) * 1e6) if kind == "timer_armed" else None


def _requested_us(rows: Sequence[Row]) -> list[int]:
    """When each poll reached the orchestrator: half its way (C9)."""
    finished_us = [row[0] for row in rows if row[2] in FINISHED]
    return [sent + (done - sent) // 2 for sent, done in zip(_times(rows, "poll_sent"), finished_us, strict=False)]


def _times(rows: Sequence[Row], kind: str) -> list[int]:
    return [row[0] for row in rows if row[2] == kind]
