"""What the words of the document's Benefits table are taken to mean, in numbers, and why."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.audit.conditions import CLIENTS, REPLICATIONS, Condition
from sim.audit.sample import Sample
from sim.measure.statistics import Estimate, proportion

COLUMNS = ("Latency", "Bandwidth", "Reliability", "Server Load")

TABLE = {
    "websocket-only": ("Instant", "Low", "Medium (can drop)", "Low"),
    "polling-only": ("0-4s", "High", "High", "High"),
    "hybrid": ("Instant", "Low", "High", "Low"),
}
"""The document's table by preset, in the order of COLUMNS."""

INSTANT_AT_LEAST = 0.98
LATE_S = 4.5
BYTES_FACTOR = 2.0
POLLS_FACTOR = 0.25
SHOWN_AT_LEAST = 0.5
RUNS = CLIENTS * REPLICATIONS


@dataclass(frozen=True, slots=True)
class Case:
    """What a word is judged by: a policy and Polling Only on the same scripts, and under which condition."""

    condition: Condition
    of: Sample
    polling: Sample


@dataclass(frozen=True, slots=True)
class Word:
    """A word's meaning as a number, why that number, and what it says of facts: whether it holds, and what is there."""

    meaning: str
    because: str
    judge: Callable[[Case], tuple[bool | None, str]]


def above(estimate: Estimate, border: float) -> bool | None:
    """Whether the true value is at or above the border; None where the interval leaves it open."""
    if estimate.low >= border:
        return True
    return False if estimate.high < border else None


def _not(holds: bool | None) -> bool | None:
    return None if holds is None else not holds


def _instant(case: Case) -> tuple[bool | None, str]:
    share = case.of.estimate("instant_share")
    return above(share, INSTANT_AT_LEAST), f"{percent(share)} of events are displayed within 0.1 s"


def _within_interval(case: Case) -> tuple[bool | None, str]:
    longest_s, missed = max(case.of.numbers["latency_max_s"]), sum(case.of.numbers["events_missed_per_run"])
    middle = case.of.estimate("latency_p50_s")
    found = f"half of the events within {seconds(middle)}, the last of all after {longest_s:.2f} s"
    return longest_s < LATE_S and not missed, found


def _bytes(case: Case) -> tuple[bool | None, str]:
    needed = case.of.numbers["bytes_needed"]
    times = [sent / need for sent, need in zip(case.of.numbers["bytes_per_run"], needed, strict=True)]
    over = Sample(case.of.runs, {"times": tuple(times)}).estimate("times")
    low = _not(above(over, BYTES_FACTOR))
    return low, f"{number(case.of.estimate('bytes_per_run'))} bytes per run, {number(over)} times what is needed"


def _polls(case: Case) -> tuple[bool | None, str]:
    beyond = case.of.difference(case.polling, "polls_per_run", POLLS_FACTOR)
    sent, all_sent = case.of.estimate("polls_per_run"), case.polling.estimate("polls_per_run")
    peak = case.of.estimate("polls_per_s_peak")
    low = None if case.of is case.polling else _not(above(beyond, 0.0))
    found = f"{number(sent)} polls per run, {sent.value / all_sent.value:.0%} of Polling Only's"
    return low, f"{found}, and {number(peak)} in the busiest second of {case.of.runs} users"


def _opposite(judge: Callable[[Case], tuple[bool | None, str]]) -> Callable[[Case], tuple[bool | None, str]]:
    def judged(case: Case) -> tuple[bool | None, str]:
        holds, found = judge(case)
        return _not(holds), found

    return judged


def _misses_nothing(case: Case) -> tuple[bool | None, str]:
    missing, endless = case.of.estimate("runs_missing_share"), case.of.estimate("runs_endless_share")
    return missing.value == endless.value == 0, _missed(missing, endless)


def _can_drop(case: Case) -> tuple[bool | None, str]:
    missing, endless = case.of.estimate("runs_missing_share"), case.of.estimate("runs_endless_share")
    missed, events = case.of.estimate("events_missed_per_run"), case.of.estimate("events_per_run")
    shown = 1 - missed.value / events.value
    found = f"{_missed(missing, endless)}; {shown:.1%} of events are displayed"
    if not case.condition.scenario.faults and missing.value == 0:
        return None, f"{found}, there being nothing that drops any"
    return missing.value > 0 and shown >= SHOWN_AT_LEAST, found


def _missed(missing: Estimate, endless: Estimate) -> str:
    return f"{percent(missing)} of runs miss an event, {percent(endless)} never learn their end"


WORDS = {
    ("Latency", "Instant"): Word(
        "at least 98 of 100 events are displayed within 0.1 s of their emission",
        "0.1 s is what people take for immediate (Miller 1968, Nielsen 1993); the document grants the WebSocket "
        "one failure in a hundred, and as many events more may come late; what is never displayed is not instant",
        _instant,
    ),
    ("Latency", "0-4s"): Word(
        "every event is displayed, the last less than 4.5 s after its emission",
        "the document speaks in whole seconds, and a poll itself takes a round trip",
        _within_interval,
    ),
    ("Bandwidth", "Low"): Word(
        "less than twice the bytes of sending each event once over a WebSocket",
        "to say everything once is the least that any approach can do, and up to twice that still deserves the word; "
        "JSON text alone is counted, which flatters polling, whose requests carry headers",
        _bytes,
    ),
    ("Bandwidth", "High"): Word(
        "twice the bytes, or more, of sending each event once over a WebSocket",
        "the document has two words, so what is not Low is High",
        _opposite(_bytes),
    ),
    ("Reliability", "High"): Word(
        "no run misses an event, and each learns its end",
        "that users miss events is the problem which the document sets out to solve; without a miss in "
        f"{RUNS:,} runs the true share is below {proportion(0, RUNS).high:.1%} (Wilson)",
        _misses_nothing,
    ),
    ("Reliability", "Medium (can drop)"): Word(
        "some runs miss an event, but at least half of the events are displayed",
        "what drops something is not High, and what drops most is not Medium",
        _can_drop,
    ),
    ("Server Load", "Low"): Word(
        "less than a quarter of the polls that Polling Only sends on the same scripts",
        "the document calls that one High; its own best case is no poll at all, and a quarter is lenient",
        _polls,
    ),
    ("Server Load", "High"): Word(
        "a quarter or more of the polls that Polling Only sends on the same scripts",
        "the document has two words, so what is not Low is High; for Polling Only, the measure itself, nothing is "
        "decided",
        _opposite(_polls),
    ),
}
"""The words by column."""


def number(estimate: Estimate) -> str:
    """An estimate as text, to three digits, with half of its interval."""
    if estimate.low == estimate.high == 0:
        return "0"
    digits = 0 if abs(estimate.value) >= 100 else 1 if abs(estimate.value) >= 10 else 2
    half = round((estimate.high - estimate.low) / 2, digits)
    return f"{estimate.value:z,.{digits}f}" + (f" ± {half:,.{digits}f}" if half else "")


def seconds(estimate: Estimate) -> str:
    """A time as text."""
    return f"{number(estimate)} s"


def percent(share: Estimate) -> str:
    """A share as text, with the bounds of its interval."""
    return f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
