"""Races: happenings of one client so close that a live world may swap them (DESIGN.md section 9).

What hangs on their order is not decided live, and no more than that. Races that rows show by themselves stand here,
those that only the script knows in `script_races`.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from sim.contract.trace import Row
from sim.verify.happenings import AT_PUBLICATION
from sim.verify.herds import herds_us
from sim.verify.script_races import scripted_races_us
from sim.verify.story import FINISHED, Story


def contested_polls(story: Story) -> dict[int, set[int]]:
    """Events emitted so close to a poll's arrival at the orchestrator that its answer may hold them or not.

    By number of the poll. On such an order hangs one answer, and when that event is shown; no timer and no other
    poll does, unless the event is the terminal one.
    """
    answered = [
        (poll, request_us)
        for poll, (request_us, row) in enumerate(zip(_requested_us(story), story.finished, strict=False))
        if row[2] == "poll_answered"
    ]
    terminal = _terminal(story.rows)
    contested: dict[int, set[int]] = {}
    for time_us, _, kind, event, _ in story.rows:
        if kind == "event_emitted" and event != terminal:
            for poll, request_us in answered:
                if story.near(request_us, time_us):
                    contested.setdefault(poll, set()).add(event)
    return contested


def decided_until_us(story: Story, queue_us: int | None = None) -> float:
    """Before which instant a client's rows are decided: none after a race, or where the horizon cuts them off.

    queue_us: the first race of all clients for the orchestrator's workers.
    """
    races = [min(pair) for pair in _close_pairs(story) if story.near(*pair)]
    races += [] if queue_us is None else [queue_us]
    if story.script is not None:
        races += [story.script.horizon_us, *herds_us(story.script, story.margin_us)]
    if story.me is not None:
        races += scripted_races_us(story)
    return min((race_us - story.margin_us for race_us in races), default=float("inf"))


def _close_pairs(story: Story) -> Iterator[tuple[int, int]]:
    """Pairs of times whose order matters to what the client does."""
    rows, terminal = story.rows, _terminal(story.rows)
    ended_us = [row[0] for row in rows if row[2] == "event_emitted" and row[3] == terminal]
    received_us = _times(rows, "message_received")
    sent_us = _times(rows, "poll_sent")
    finished_us = [row[0] for row in story.finished]
    switched_us = _times(rows, "websocket_opened", "websocket_closed")
    yield from product(ended_us, _requested_us(story))
    yield from product(received_us, sent_us)
    yield from product(received_us, finished_us)
    if story.script is None or story.script.backoff_factor > 1:  # the interval that an opening re-arms (C7)
        yield from product(_times(rows, "websocket_opened"), finished_us)
    yield from product(_times(rows, "message_published"), switched_us)
    # what is lost at a loss or a close is its consequence, and no race
    yield from product([r[0] for r in rows if r[2] == "message_lost" and r[4] in AT_PUBLICATION[:-1]], switched_us)
    yield from product(received_us, switched_us)
    yield from _overtaken_timers(rows)


def _overtaken_timers(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Each time at which a timer was re-armed or cleared, with the time at which it would have fired.

    A finished poll that re-arms is none: had the timer fired before it, it would have done nothing (C3). The terminal
    is one: a timer that fired just before it, with a poll in flight, is not cleared.
    """
    due_us: int | None = None
    in_flight_us: int | None = None
    answered_us: int | None = None  # when the poll was sent that has just been answered
    poll_finished = False
    for time_us, _, kind, _, detail in rows:
        if kind in FINISHED:
            poll_finished = True
            answered_us, in_flight_us = in_flight_us, None
        elif kind in ("message_received", "websocket_opened"):
            poll_finished = False
        elif kind == "poll_sent":
            due_us, in_flight_us = None, time_us
        elif kind == "terminal_reached":
            polled_us = answered_us if poll_finished else in_flight_us
            if due_us is not None and polled_us is not None and polled_us < due_us:
                yield time_us, due_us
        elif kind in ("timer_armed", "timer_cleared"):
            if due_us is not None and not (kind == "timer_armed" and poll_finished):
                yield time_us, due_us
            due_us = round(float(detail) * 1e6) if kind == "timer_armed" else None


def _requested_us(story: Story) -> list[int]:
    """When each finished poll reached the orchestrator: by its script, or half its way (C9)."""
    if story.me is not None:
        return [poll.reached_us for poll, _ in zip(story.requests, story.finished, strict=False)]
    sent_us = _times(story.rows, "poll_sent")
    return [sent + (row[0] - sent) // 2 for sent, row in zip(sent_us, story.finished, strict=False)]


def _terminal(rows: Sequence[Row]) -> int | None:
    return next((row[3] for row in rows if row[2] == "terminal_reached"), None)


def _times(rows: Sequence[Row], *kinds: str) -> list[int]:
    return [row[0] for row in rows if row[2] in kinds]
