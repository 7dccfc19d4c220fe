"""Rules of polls once the script is known: how each ends, and what an answer holds."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

from sim.contract.script import ANSWERED, Script
from sim.contract.trace import Row, seconds
from sim.verify.expected import Broken, pair, told
from sim.verify.queue import served
from sim.verify.requests import Request, finish
from sim.verify.rule import BOTH, Rules
from sim.verify.story import FINISHED, Story

RULES = Rules()


class OfClient(NamedTuple):
    """Where one client's rows break a rule of all clients together."""

    client: int
    time_us: int
    what: str


@RULES.rule("C9, C11, L7, B8", by_script=True, of=BOTH)
def polls_finish_as_scripted(story: Story) -> Broken:
    """By their fate and their latency; behind the orchestrator's queue clients meet, so there are only bounds."""
    script, _ = story.known
    sent = [row for row, _ in story.of("poll_sent")]
    for number, (row, end) in enumerate(zip_longest(sent, story.finished)):
        if row is None or number >= len(story.requests):
            yield (row or end)[0], f"{told(row or end)} belongs to poll {number}, which has not been sent"
            return
        poll = story.requests[number]
        if script.scenario.orchestrator.workers and poll.fate == ANSWERED:
            yield from _out_of_bounds(script, poll, end, story.margin_us)
            continue
        wanted = finish(script, poll, poll.reached_us)
        if wanted[0] <= script.horizon_us or end is not None:
            yield from pair(wanted, end, story.margin_us)


def _out_of_bounds(script: Script, poll: Request, end: Row | None, margin_us: int) -> Broken:
    """Where a poll ends otherwise than any queue could make it (O5)."""
    limit_us = poll.sent_us + script.poll_timeout_us
    earliest = finish(script, poll, poll.reached_us + poll.service_us, served=True)
    if end is None:
        if limit_us <= script.horizon_us:
            yield limit_us, f"the poll sent at {seconds(poll.sent_us)} s does not finish by its time limit (C11)"
    elif end[4] == "overloaded":
        yield from pair(finish(script, poll, poll.reached_us, overloaded=True), end, margin_us)
    elif end[2] == "poll_failed" or earliest[1] == "poll_failed":
        yield from pair((limit_us, "poll_failed", -1, "timeout"), end, margin_us)
    elif not earliest[0] - margin_us <= end[0] <= limit_us + margin_us:
        bounds = f"{seconds(earliest[0])} s to {seconds(limit_us)} s"
        yield end[0], f"{told(end)}, but the poll sent at {seconds(poll.sent_us)} s finishes within {bounds}"


@RULES.rule("O3, C9, L7, P2", by_script=True, of=BOTH)
def an_answer_holds_the_history_at_its_requests_arrival(story: Story) -> Broken:
    """What is emitted at that instant is in it; what is not asked for is not."""
    emitted_us = [row[0] for row, _ in story.of("event_emitted")]
    for poll, (row, before) in zip(story.requests, story.of(*FINISHED), strict=False):
        if row[2] == "poll_answered":
            unasked, offsets_us = before.duty.asked_from, (-story.margin_us, story.margin_us)
            least, most = (sum(t <= poll.reached_us + off_us for t in emitted_us) - unasked for off_us in offsets_us)
            if not least <= int(row[4]) <= most:
                at = seconds(poll.reached_us)
                were = f"{least} more than the {unasked} shown before" if unasked else str(least)
                yield row[0], f"the answer holds {row[4]} events, but {were} were emitted when it was asked at {at} s"


def queue_broken(script: Script, stories: Iterable[Story]) -> Iterator[OfClient]:
    """Where polls of all clients end otherwise than the orchestrator's queue makes them (O5)."""
    finished: dict[int, list[Row]] = {}
    polls: list[Request] = []
    for story in stories:
        finished[story.client] = story.finished
        polls += story.requests
    for request in served(script, polls):
        poll = request.poll
        rows = finished[poll.me.client]
        end = rows[poll.number] if poll.number < len(rows) else None
        turned_away = request.overloaded
        wanted = finish(script, poll, request.leaves_us, served=not turned_away, overloaded=turned_away)
        if wanted[0] <= script.horizon_us or end is not None:
            for time_us, what in pair(wanted, end, 0):
                yield OfClient(poll.me.client, time_us, what)
