"""Spans of a trace: how long a WebSocket was open, a timer armed, a poll under way, a server away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.contract.trace import Row
from sim.report.marks import AWAY


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


def outage_spans(rows: Iterable[Row], end_s: float) -> list[Span]:
    """From each outage's beginning to its end, or to the last instant where there is none (B14)."""
    spans: list[Span] = []
    began_s: dict[str, float] = {}
    for time_us, _, kind, _, detail in rows:
        if kind == "outage_began":
            began_s[detail] = time_us / 1e6
        elif kind == "outage_ended" and detail in began_s:
            spans.append(Span("", AWAY[detail], began_s.pop(detail), time_us / 1e6))
    return spans + [Span("", AWAY[detail], from_s, end_s) for detail, from_s in began_s.items()]
