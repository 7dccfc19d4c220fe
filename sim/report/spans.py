"""Spans of one client's trace: how long its WebSocket was open, its timer armed, its polls under way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract.trace import Row


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts: its lane, what it is called, when, and for a poll how it ended."""

    lane: str
    name: str
    from_s: float
    until_s: float
    fate: str = ""


def websocket_spans(rows: Sequence[Row], end_s: float) -> list[Span]:
    """While the WebSocket was open; to the end where nothing closed it."""
    spans: list[Span] = []
    opened_s: float | None = None
    for time_us, _, kind, _, _ in rows:
        if kind == "websocket_opened":
            opened_s = time_us / 1e6
        elif kind == "websocket_closed" and opened_s is not None:
            spans.append(Span("WebSocket open", "open", opened_s, time_us / 1e6))
            opened_s = None
    if opened_s is not None:
        spans.append(Span("WebSocket open", "open", opened_s, end_s))
    return spans


def timer_spans(rows: Sequence[Row], end_s: float) -> list[Span]:
    """From each arming until the timer is armed anew, cleared, runs out, or the end comes."""
    spans: list[Span] = []
    changes = [row for row in rows if row[2] in ("timer_armed", "timer_cleared")]
    for number, (time_us, _, kind, _, detail) in enumerate(changes):
        if kind != "timer_armed":
            continue
        due_s = float(detail)
        changed_s = changes[number + 1][0] / 1e6 if number + 1 < len(changes) else float("inf")
        # at one instant messages and answers come before timers, so a timer changed when due has not run out
        ran_out = due_s < changed_s and due_s <= end_s
        ran_out = ran_out or any(row[0] / 1e6 == due_s == changed_s and row[2] == "poll_sent" for row in rows)
        name = "timer ran out" if ran_out else "timer re-armed or cleared"
        spans.append(Span("poll timer", name, time_us / 1e6, min(due_s, changed_s, end_s)))
    return spans


def poll_spans(rows: Sequence[Row], end_s: float) -> list[Span]:
    """From each poll's sending until it is answered or fails; to the end where neither comes."""
    ended = [row for row in rows if row[2] in ("poll_answered", "poll_failed")]
    spans: list[Span] = []
    for number, sent in enumerate(row for row in rows if row[2] == "poll_sent"):
        until_s, fate = end_s, "poll in flight"
        if number < len(ended):
            time_us, _, kind, _, detail = ended[number]
            until_s = time_us / 1e6
            fate = "poll answered" if kind == "poll_answered" else f"poll failed: {detail}"
        spans.append(Span("polls", "poll", sent[0] / 1e6, until_s, fate))
    return spans
