"""Agreement of two traces: exactly, or within a margin as far as a live world decides (DESIGN.md section 9)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from sim.contract.errors import InputError
from sim.contract.script import Script
from sim.contract.trace import Row, Trace, seconds
from sim.verify.margin import margin_of, starved
from sim.verify.races import contested_polls, decided_until_us
from sim.verify.script_races import queue_race_us
from sim.verify.story import FINISHED, Story

Verdict = Literal["agree", "differ", "not decided"]
Contested = dict[int, set[int]]
"""Numbers of polls, with the events that their answers may hold or not."""

OF_DISPLAY = ("event_shown", "event_repeated", "event_erased")


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where rows differ.

    first, second: the rows; None where that trace has no such row.
    swapped: whether the rows pair up, but stand in another order among the others.
    """

    time_us: int
    first: Row | None
    second: Row | None
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two traces compare.

    verdict: `agree`; `differ`; or `not decided` where they differ only in what hangs on the order of happenings
        closer than the margin, or the machine was too busy for the live world to keep its times.
    sentence: the verdict in words, with the first row that differs.
    margin_s: what times were allowed to differ by; largest_s: the most they did, None where nothing was paired.
    """

    first_world: str
    second_world: str
    verdict: Verdict
    sentence: str
    margin_s: float
    largest_s: float | None


def compare(first: Trace, second: Trace, margin_s: float | None = None) -> Agreement:
    """Hold two traces against each other.

    margin_s: seconds that times may differ by; 0 demands the same rows in the same microseconds; by default the
        live margin where one of the traces is live, else 0.
    """
    margin_s = margin_of(first, second) if margin_s is None else margin_s
    if not 0 <= margin_s < 1e9:
        raise InputError(f"the margin must be seconds from 0, not {margin_s!r}")
    names = (first.world or "first", second.world or "second")
    if names[0] == names[1]:
        names = (names[0], f"{names[1]} again")
    if margin_s == 0:
        return _exact(first, second, names)
    return _within(first, second, names, round(margin_s * 1e6))


def _exact(first: Trace, second: Trace, names: tuple[str, str]) -> Agreement:
    if first.rows == second.rows:
        sentence = f"{names[0]} and {names[1]} agree to the microsecond in all {len(first):,} rows"
        return Agreement(*names, "agree", sentence, 0.0, 0.0)
    number, pair = next(
        (number, pair) for number, pair in enumerate(zip_longest(first.rows, second.rows), 1) if pair[0] != pair[1]
    )
    difference = Difference(0, *pair)
    return Agreement(*names, "differ", f"row {number:,} differs: {_told(difference, names)}", 0.0, None)


def _within(first: Trace, second: Trace, names: tuple[str, str], margin_us: int) -> Agreement:
    script = first.script or second.script
    clients = sorted({row[1] for trace in (first, second) for row in trace.rows})
    stories = [_stories(trace, clients, script, margin_us) for trace in (first, second)]
    queue_us = None if script is None else _first_queue_race_us(script, stories)
    largest_us = -1
    differing: list[Difference] = []
    undecided: list[Difference] = []
    for pair in zip(*stories, strict=True):
        difference, client_largest_us = _client_difference(pair[0].rows, pair[1].rows, margin_us)
        largest_us = max(largest_us, client_largest_us)
        if difference is not None:
            (undecided if _hangs_on_a_race(pair, queue_us) else differing).append(difference)
    largest_s = largest_us / 1e6 if largest_us >= 0 else None
    margin_s = margin_us / 1e6
    agreeing = len(clients) - len(differing) - len(undecided)
    shares = f"{agreeing:,} of {len(clients):,} clients agree within {margin_s:g} s"
    if differing and starved(margin_s, first, second):
        longest_s = max(first.starved_s, second.starved_s)
        sentence = f"{shares}; the machine kept the live world waiting for up to {longest_s:.2f} s, too long to decide"
        return Agreement(*names, "not decided", sentence, margin_s, largest_s)
    if differing:
        told = _told(min(differing, key=lambda d: d.time_us), names)
        return Agreement(*names, "differ", f"{shares}, {len(differing):,} differ: {told}", margin_s, largest_s)
    if undecided:
        told = _told(min(undecided, key=lambda d: d.time_us), names)
        sentence = f"{shares}, {len(undecided):,} hang on the order of closer happenings: {told}"
        return Agreement(*names, "not decided", sentence, margin_s, largest_s)
    count = "the client agrees" if len(clients) == 1 else f"all {len(clients):,} clients agree"
    sentence = f"{names[0]} and {names[1]}: {count} in all {len(first):,} rows within {margin_s:g} s"
    return Agreement(*names, "agree", sentence, margin_s, largest_s)


def _stories(trace: Trace, clients: Sequence[int], script: Script | None, margin_us: int) -> list[Story]:
    """The rows of each of these clients, -1 for the servers'."""
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    for row in trace.rows:
        rows[row[1]].append(row)
    return [
        Story(n, rows[n], script, script.client(n) if script and 0 <= n < script.clients else None, margin_us)
        for n in clients
    ]


def _first_queue_race_us(script: Script, stories: Sequence[Sequence[Story]]) -> int | None:
    races_us = [queue_race_us(script, [story for story in side if story.me is not None]) for side in stories]
    return min((race_us for race_us in races_us if race_us is not None), default=None)


def _client_difference(
    first: Sequence[Row], second: Sequence[Row], margin_us: int, contested: Contested | None = None
) -> tuple[Difference | None, int]:
    """The first difference of one client's rows, and the largest time difference of rows that pair up.

    contested: what is not to be judged.
    """
    contested = contested or {}
    differences: list[Difference] = []
    pairs: list[tuple[int, int]] = []
    positions_of_first, positions_of_second = _by_meaning(first, contested), _by_meaning(second, contested)
    for meaning in positions_of_first.keys() | positions_of_second.keys():
        for a, b in zip_longest(positions_of_first[meaning], positions_of_second[meaning]):
            row_a, row_b = (None if a is None else first[a]), (None if b is None else second[b])
            if row_a and row_b and _close(row_a, row_b, margin_us):
                pairs.append((a, b))
            else:
                differences.append(Difference(min(row[0] for row in (row_a, row_b) if row), row_a, row_b))
    largest_us = max((abs(first[a][0] - second[b][0]) for a, b in pairs), default=-1)
    differences += _swapped(first, second, sorted(pairs), margin_us)
    return min(differences, key=lambda d: d.time_us, default=None), largest_us


def _by_meaning(rows: Sequence[Row], contested: Contested) -> defaultdict[tuple[str, int, str], list[int]]:
    """Positions of the rows that mean the same but for their time; a due time is not part of the meaning.

    Of a contested poll the number of events in the answer is left out, and what became of the contested events from
    there to the next answer.
    """
    positions: defaultdict[tuple[str, int, str], list[int]] = defaultdict(list)
    poll = -1
    of_answer, of_answer_before = set[int](), set[int]()
    for position, (_, _, kind, event, detail) in enumerate(rows):
        if kind in FINISHED:
            poll += 1
        if kind == "poll_answered":
            of_answer, of_answer_before = contested.get(poll, set()), of_answer
        if kind in OF_DISPLAY and event in of_answer | of_answer_before:
            continue
        unsaid = kind == "timer_armed" or (kind == "poll_answered" and poll in contested)
        positions[kind, event, "" if unsaid else detail].append(position)
    return positions


def _close(first: Row, second: Row, margin_us: int) -> bool:
    if abs(first[0] - second[0]) > margin_us:
        return False
    return first[2] != "timer_armed" or abs(_interval_us(first) - _interval_us(second)) <= margin_us


def _interval_us(armed: Row) -> float:
    """Due times count from the row that armed the timer."""
    return float(armed[4]) * 1e6 - armed[0]


def _hangs_on_a_race(pair: tuple[Story, ...], queue_us: int | None) -> bool:
    """Whether all differences of this client hang on the order of happenings closer than the margin."""
    contested: Contested = {}
    for story in pair:
        own = contested_polls(story)
        if _withheld(story.rows, own):
            return False
        for poll, events in own.items():
            contested.setdefault(poll, set()).update(events)
    difference, _ = _client_difference(pair[0].rows, pair[1].rows, pair[0].margin_us, contested)
    if difference is None:
        return True
    return difference.time_us >= min(decided_until_us(story, queue_us) for story in pair)


def _withheld(rows: Sequence[Row], contested: Contested) -> bool:
    """Whether a contested event is not shown even after the answer that follows the contested one."""
    shown = {row[3] for row in rows if row[2] == "event_shown"}
    finished = [row[2] for row in rows if row[2] in FINISHED]
    return any(events - shown and "poll_answered" in finished[poll + 1 :] for poll, events in contested.items())


def _swapped(
    first: Sequence[Row], second: Sequence[Row], pairs: list[tuple[int, int]], margin_us: int
) -> list[Difference]:
    """Rows of the second trace that come before one whose partner lies more than the margin earlier in the first."""
    times_us = [first[a][0] for a, _ in pairs]
    latest, latest_so_far = -1, []
    for _, b in pairs:
        latest = max(latest, b)
        latest_so_far.append(latest)
    swapped = []
    for a, b in pairs:
        before = bisect_left(times_us, first[a][0] - margin_us)
        if before and latest_so_far[before - 1] > b:
            swapped.append(Difference(first[a][0], first[a], second[b], swapped=True))
    return swapped


def _told(difference: Difference, names: tuple[str, str]) -> str:
    told = " but ".join(
        f"{name} has {_row(row)}" for name, row in zip(names, (difference.first, difference.second), strict=True)
    )
    return f"{told}, which comes before an earlier one's" if difference.swapped else told


def _row(row: Row | None) -> str:
    if row is None:
        return "no such row"
    time_us, client, kind, event, detail = row
    told = f"{kind} of client {client} at {seconds(time_us)} s"
    return told + (f", event {event}" if event >= 0 else "") + (f", {detail!r}" if detail else "")
