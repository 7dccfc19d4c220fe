"""Races: happenings of one client so close that a live world may swap them (DESIGN.md section 9).

What hangs on their order is not decided live, and no more than that. Races that rows show by themselves stand here,
those that only the script knows in `script_races`.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from sim.contract.trace import Row
from sim.verify.happenings import AT_PUBLICATION
from sim.verify.herds import herds_us
from sim.verify.script_races import scripted_races_us
from sim.verify.story import FINISHED, Story


class Poll(NamedTuple):
    """A poll that finished.

    place: where its `poll_sent` stands. at_once: whether it was owed (P8). heard: of how many events the client had
    heard then. requested_us: when it reached the orchestrator. end: its last row.
    """

    place: int
    at_once: bool
    heard: int
    requested_us: int
    end: Row


def contested_polls(story: Story) -> dict[int, set[int]]:
    """Events emitted so close to a poll's arrival at the orchestrator that its answer may hold them or not.

    By number of the poll. On such an order hangs one answer, and when that event is shown; no timer and no other
    poll does, unless the event is the terminal one, or a client by sequence may take it for missing. What such a
    client asks for next hangs on it too, so that the next answer stands here without an event of its own.
    """
    polls = _finished(story)
    terminal = _terminal(story.rows)
    contested: dict[int, set[int]] = {}
    for number, event in _contested(story, polls):
        if event != terminal and not _may_be_missed(story, polls, number, event):
            contested.setdefault(number, set()).add(event)
            if story.script is not None and story.script.policy.by_sequence:
                contested.setdefault(_next_answered(polls, number), set())
    return contested


def _contested(story: Story, polls: Sequence[Poll]) -> Iterator[tuple[int, int]]:
    """Each such poll and event; what the client has heard of when it asks is in the history."""
    answered = [(number, poll) for number, poll in enumerate(polls) if poll.end[2] == "poll_answered"]
    for time_us, _, kind, event, _ in story.rows:
        if kind == "event_emitted":
            for number, poll in answered:
                if event >= poll.heard and story.near(poll.requested_us, time_us):
                    yield number, event


def _may_be_missed(story: Story, polls: Sequence[Poll], number: int, event: int) -> bool:
    """Whether anything but the answers hangs on it for a client by sequence: its backoff, or the poll for a gap.

    It would miss the event if it heard of a later one before it got this one, by its message or the next answer.
    """
    if story.script is None or not story.script.policy.by_sequence:
        return False
    if story.script.backoff_factor > 1:
        return True
    following = _next_answered(polls, number)
    next_us = polls[following].end[0] if following < len(polls) else story.script.horizon_us
    for row, _ in story.of("message_received"):
        if row[0] >= polls[number].end[0] - story.margin_us and row[0] <= next_us + story.margin_us:
            if row[3] == event:
                return False
            if row[3] > event or row[4] == "heartbeat":
                return True
    return False


def _next_answered(polls: Sequence[Poll], number: int) -> int:
    """The number of the next poll that is answered, or that of none."""
    later = range(number + 1, len(polls))
    return next((n for n in later if polls[n].end[2] == "poll_answered"), len(polls))


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
    polls = _finished(story)
    emitted_us = {row[3]: row[0] for row in rows if row[2] == "event_emitted"}
    for number, event in _contested(story, polls):
        if event == terminal or _may_be_missed(story, polls, number, event):
            yield emitted_us[event], polls[number].requested_us
    sent_us = [
        row[0]
        for place, row in enumerate(rows)
        if row[2] == "poll_sent" and not story.at_once(story.before[place], place)
    ]
    received_us, opened_us = _times(rows, "message_received"), _times(rows, "websocket_opened")
    switched_us = _times(rows, "websocket_opened", "websocket_closed")
    yield from product(received_us, sent_us)
    yield from _before_or_after_its_end(rows, polls, "message_received")
    policy = None if story.script is None else story.script.policy
    if policy is None or policy.backoff_factor > 1 or policy.error_backoff_factor > 1 or policy.retry_after:
        yield from _before_or_after_its_end(rows, polls, "websocket_opened")  # the wait that an opening re-arms
    if policy is None or policy.catch_up_poll:
        yield from product(opened_us, sent_us)
    yield from product(_times(rows, "message_published"), switched_us)
    # what is lost at a loss or a close is its consequence, and no race
    yield from product([r[0] for r in rows if r[2] == "message_lost" and r[4] in AT_PUBLICATION[:-1]], switched_us)
    yield from product(received_us, switched_us)
    yield from _overtaken_timers(story)


def _before_or_after_its_end(rows: Sequence[Row], polls: Sequence[Poll], kind: str) -> Iterator[tuple[int, int]]:
    """Rows of this kind and ends of polls; what comes before a poll that is owed for it comes before its end too."""
    places = [(place, row[0]) for place, row in enumerate(rows) if row[2] == kind]
    for poll in polls:
        yield from ((time_us, poll.end[0]) for place, time_us in places if not poll.at_once or place > poll.place)


def _overtaken_timers(story: Story) -> Iterator[tuple[int, int]]:
    """Each time at which a timer was re-armed or cleared, or a poll sent at once, with the time at which it would fire.

    A finished poll that re-arms is none: had the timer fired before it, it would have done nothing (C3). The terminal
    is one: a timer that fired just before it, with a poll in flight, is not cleared.
    """
    due_us: int | None = None
    in_flight_us: int | None = None
    answered_us: int | None = None  # when the poll was sent that has just been answered
    poll_finished = False
    for place, (time_us, _, kind, _, detail) in enumerate(story.rows):
        if kind in FINISHED:
            poll_finished = True
            answered_us, in_flight_us = in_flight_us, None
        elif kind in ("message_received", "websocket_opened"):
            poll_finished = False
        elif kind == "poll_sent":
            at_once = story.at_once(story.before[place], place)
            if at_once and due_us is not None:
                yield time_us, due_us
            due_us, in_flight_us = due_us if at_once else None, time_us
        elif kind == "terminal_reached":
            polled_us = answered_us if poll_finished else in_flight_us
            if due_us is not None and polled_us is not None and polled_us < due_us:
                yield time_us, due_us
        elif kind in ("timer_armed", "timer_cleared"):
            if due_us is not None and not (kind == "timer_armed" and poll_finished):
                yield time_us, due_us
            due_us = round(float(detail) * 1e6) if kind == "timer_armed" else None


def _finished(story: Story) -> list[Poll]:
    """The polls that finished; without a script each reached the orchestrator half its way (C9)."""
    places = [place for place, row in enumerate(story.rows) if row[2] == "poll_sent"]
    polls = []
    for number, (place, end) in enumerate(zip(places, story.finished, strict=False)):
        sent_us, before = story.rows[place][0], story.before[place]
        reached_us = sent_us + (end[0] - sent_us) // 2 if story.me is None else story.requests[number].reached_us
        polls.append(Poll(place, story.at_once(before, place), before.duty.heard, reached_us, end))
    return polls


def _terminal(rows: Sequence[Row]) -> int | None:
    return next((row[3] for row in rows if row[2] == "terminal_reached"), None)


def _times(rows: Sequence[Row], *kinds: str) -> list[int]:
    return [row[0] for row in rows if row[2] in kinds]
