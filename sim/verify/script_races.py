"""Races that only the script knows: how close happenings come to the edges of its windows, losses and limits."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from sim.contract.script import ANSWERED, TIMEOUT, PollWindow, Script, Window
from sim.verify.connections import Attempt, ping_from_us
from sim.verify.happenings import AT_PUBLICATION
from sim.verify.partition import passes_us
from sim.verify.queue import served
from sim.verify.story import Story
from sim.verify.subscription import recoveries


def scripted_races_us(story: Story) -> Iterator[int]:
    """When each race of one client begins."""
    yield from _of_polls(story)
    yield from _of_attempts(story)
    yield from _of_connections(story)
    yield from _of_slow_reader(story) if story.slow else _of_messages(story)


def queue_race_us(script: Script, stories: Sequence[Story]) -> int | None:
    """From when on nobody's polls are decided, since the order hangs on it in which clients reach the workers (O5).

    That is where one is turned away, or waits, and another client's request comes at about the same time.
    """
    if not script.scenario.orchestrator.workers:
        return None
    queue = served(script, (poll for story in stories for poll in story.requests))
    races_us = [request.poll.reached_us for request in queue if request.overloaded]
    for first, second in pairwise(queue):
        meet = second.poll.reached_us - first.poll.reached_us <= stories[0].margin_us
        if meet and (first.waited or second.waited) and first.poll.me.client != second.poll.me.client:
            races_us.append(first.poll.reached_us)
    for story in stories:
        ends = zip(story.requests, story.finished, strict=False)
        races_us += [poll.reached_us for poll, row in ends if row[4] == "overloaded"]
    return min(races_us, default=None)


def _meeting(story: Story, some_us: Iterable[int], others_us: Iterable[int]) -> Iterator[int]:
    """Where times of both kinds meet: the earlier of each close pair."""
    others = list(others_us)
    return (min(a, b) for a in some_us for b in others if story.near(a, b))


def _starts(windows: Iterable[Window]) -> list[int]:
    """When windows begin; nothing comes before zero."""
    return [window.from_us for window in windows if window.from_us]


def _edges(windows: Iterable[Window | PollWindow]) -> list[int]:
    return [edge for window in windows for edge in window[:2] if edge]


def _of_polls(story: Story) -> Iterator[int]:
    """At the edges of their windows, at a partition that holds them up or not, and at their limit."""
    script, me = story.known
    starts_us, edges_us = _starts(me.partition_windows), _edges(me.poll_windows)
    ends = story.finished
    for number, poll in enumerate(story.requests):
        yield from _meeting(story, [poll.sent_us], edges_us)
        if poll.fate == TIMEOUT:
            continue
        back_us = poll.reached_us + poll.returns_us
        if script.scenario.orchestrator.workers and poll.fate == ANSWERED:
            back_us = ends[number][0] if number < len(ends) else script.horizon_us
        yield from _meeting(story, [poll.due_us, back_us], starts_us)
        yield from _meeting(story, [passes_us(me, back_us)], [poll.sent_us + script.poll_timeout_us])


def _of_attempts(story: Story) -> Iterator[int]:
    """At their start: refused or not, hit by a loss or not; at their end: open or not, told at once or not."""
    script, me = story.known
    refused_us = _edges(me.refused_windows)
    stops_us = [o.from_us for o in script.fanout_outages]
    backs_us = [o.until_us for o in script.fanout_outages]
    losses_us = [*me.connection_lost_us, *me.half_open_us]
    yield from _meeting(story, stops_us, _starts(me.partition_windows))
    causes: set[int | None] = set()  # of earlier attempts' ends: a start that follows from one cannot precede it
    for attempt in story.attempts:
        unrelated_us = [t for t in (*losses_us, *stops_us) if t not in causes]
        yield from _meeting(story, [attempt.start_us], [*refused_us, *backs_us, *unrelated_us])
        yield from _meeting(story, [attempt.done_us], _starts(me.partition_windows))
        end_us = passes_us(me, attempt.done_us)
        if attempt.closed_us is None or attempt.closed_us >= end_us - story.margin_us:
            yield from _meeting(story, [end_us], unrelated_us)
        causes |= {attempt.closed_us, attempt.gone_us}


def _of_connections(story: Story) -> Iterator[int]:
    """Two ends of one connection, those that a partition holds up or not, and pings that are answered or not."""
    script, me = story.known
    for attempt in story.attempts:
        if attempt.opened_us is None:
            continue
        deadlines_us = [] if attempt.deadline_us is None else [attempt.deadline_us]
        servers_us = [*(o.from_us for o in script.fanout_outages), *deadlines_us]
        told_us = [passes_us(me, t) for t in servers_us if passes_us(me, t) != t]
        ends_us = [*me.connection_lost_us, *me.half_open_us, *servers_us, *told_us]
        latest_us = script.horizon_us if attempt.closed_us is None else attempt.closed_us + story.margin_us
        within_us = [t for t in ends_us if attempt.opened_us <= t <= latest_us]
        yield from (min(pair) for pair in combinations(within_us, 2) if story.near(*pair))
        yield from _of_pings(story, attempt, attempt.opened_us)


def _of_pings(story: Story, attempt: Attempt, opened_us: int) -> Iterator[int]:
    """The first deadline that there may be or not (F10)."""
    script, me = story.known

    def near_ping_us(time_us: int) -> int | None:
        ping_us = ping_from_us(script, opened_us, time_us - story.margin_us)
        return ping_us if story.near(ping_us, time_us) else None

    if attempt.silent_us is not None and (ping_us := near_ping_us(attempt.silent_us)) is not None:
        yield ping_us + script.pong_within_us
    for window in me.partition_windows:
        edge_us, ping_us = near_ping_us(window.from_us), ping_from_us(script, opened_us, window.from_us)
        if edge_us is not None and edge_us + script.pong_within_us <= window.until_us + story.margin_us:
            yield edge_us + script.pong_within_us
        if ping_us < window.until_us:
            yield from _meeting(story, [ping_us + script.pong_within_us], [window.until_us])
            if attempt.silent_us is not None and story.near(attempt.silent_us, window.until_us):
                yield ping_us + script.pong_within_us


def _of_messages(story: Story) -> Iterator[int]:
    """At their publication: heard, sent and passed on or not; on their way: held up or not, lost or not."""
    script, me = story.known
    edges_us = [edge for window in (*script.redis_outages, *script.fanout_outages) for edge in window[:2]]
    for attempt in story.attempts:
        sides = (attempt.opened_us, attempt.gone_us, attempt.silent_us)
        edges_us += [time_us for time_us in sides if time_us is not None]
    published_us = [message.published_us for message in story.deliveries]
    yield from _meeting(story, published_us, edges_us)
    for window in _doubtful(story):
        yield from (t for t in published_us if window.from_us <= t <= window.until_us)
    starts_us = _starts(me.partition_windows)
    for message in story.deliveries:
        if message.due_us is None or message.attempt is None:
            continue
        yield from _meeting(story, [message.due_us], starts_us)
        arrives_us = passes_us(me, message.due_us)
        ends = (message.attempt.closed_us, message.attempt.silent_us)
        held_up = arrives_us > message.due_us  # then the close that was held up with it comes first, in one turn
        ends_us = [t for t in ends if t is not None and not (held_up and t == arrives_us)]
        yield from _meeting(story, [arrives_us], ends_us)


def _doubtful(story: Story) -> Iterator[Window]:
    """Around each return of the subscription, and from a try to the next where Redis comes back as one is made.

    Where an outage begins in between, another try may be the first after it, and so on until the end.
    """
    script, _ = story.known
    backs_us = [w.until_us for w in script.redis_outages]
    for recovery in recoveries(script):
        first_us, last_us = recovery.found_us, recovery.found_us
        if any(story.near(recovery.failed_us, back_us) for back_us in backs_us):
            first_us = recovery.failed_us
        if any(story.near(recovery.found_us, back_us) for back_us in backs_us):
            last_us = recovery.next_us
        if first_us < last_us and any(first_us <= w.from_us <= last_us + story.margin_us for w in script.redis_outages):
            last_us = script.horizon_us
        yield Window(first_us - story.margin_us, last_us + story.margin_us)


def _of_slow_reader(story: Story) -> Iterator[int]:
    """Its first abort, or close that no fault of its own brings: on real sockets the kernel buffers more (L9)."""
    for row, _ in story.of("message_lost"):
        if row[4] not in AT_PUBLICATION:
            yield row[0]
    closes = [row for row, _ in story.of("websocket_closed")]
    for attempt, row in zip(story.attempts, closes, strict=False):
        if attempt.closed_us is None or not story.near(attempt.closed_us, row[0]):
            yield row[0]
