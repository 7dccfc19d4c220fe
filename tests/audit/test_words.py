"""What each word of the Benefits table means: what it takes to hold, at its border and where chance leaves it open."""

import pytest

from sim.audit.conditions import CONDITIONS, EVEN
from sim.audit.sample import Sample
from sim.audit.words import COLUMNS, TABLE, WORDS, Case, number
from sim.measure.statistics import Estimate

LOSSY = next(condition for condition in CONDITIONS if condition.name == "5 % loss")

USUAL = {
    "instant_share": (1.0, 1.0),
    "latency_p50_s": (2.0, 2.0),
    "latency_max_s": (4.1, 4.1),
    "bytes_per_run": (100.0, 200.0),
    "bytes_needed": (100.0, 200.0),
    "events_per_run": (10.0, 10.0),
    "events_missed_per_run": (0.0, 0.0),
    "runs_missing_share": (0.0, 0.0),
    "runs_endless_share": (0.0, 0.0),
    "polls_per_run": (8.0, 8.0),
    "polls_per_s_peak": (15.0, 15.0),
}


def holds(column: str, word: str, condition: object = LOSSY, **numbers: tuple[float, float]) -> bool | None:
    assert condition in CONDITIONS
    polling = Sample(50, USUAL)
    chosen = next(one for one in CONDITIONS if one == condition)
    return WORDS[column, word].judge(Case(chosen, Sample(50, USUAL | numbers), polling))[0]


@pytest.mark.parametrize(
    ("shares", "expected"), [((0.98, 0.98), True), ((0.979, 0.979), False), ((0.99, 0.96), None), ((1.0, 0.999), True)]
)
def test_instant_is_98_of_100_events_within_a_tenth_of_a_second(
    shares: tuple[float, float], expected: bool | None
) -> None:
    assert holds("Latency", "Instant", instant_share=shares) is expected


@pytest.mark.parametrize(
    ("longest", "expected"), [((4.49, 4.49), True), ((4.5, 4.5), False), ((4.0, 5.0), False), ((11.0, 11.1), False)]
)
def test_0_to_4_s_is_every_event_within_4_s_in_whole_seconds(longest: tuple[float, float], expected: bool) -> None:
    assert holds("Latency", "0-4s", latency_max_s=longest) is expected


def test_0_to_4_s_does_not_hold_where_an_event_is_never_displayed() -> None:
    assert holds("Latency", "0-4s", events_missed_per_run=(0.0, 0.02)) is False


@pytest.mark.parametrize(
    ("sent", "low"), [((199.0, 398.0), True), ((200.0, 400.0), False), ((100.0, 600.0), None), ((100.0, 200.0), True)]
)
def test_low_bandwidth_is_less_than_twice_what_is_needed_and_high_the_rest(
    sent: tuple[float, float], low: bool | None
) -> None:
    assert holds("Bandwidth", "Low", bytes_per_run=sent) is low
    assert holds("Bandwidth", "High", bytes_per_run=sent) is (None if low is None else not low)


@pytest.mark.parametrize(
    ("polls", "low"), [((1.99, 1.99), True), ((2.0, 2.0), False), ((1.0, 3.0), None), ((0.0, 0.0), True)]
)
def test_low_load_is_less_than_a_quarter_of_polling_only_s_polls_and_high_the_rest(
    polls: tuple[float, float], low: bool | None
) -> None:
    assert holds("Server Load", "Low", polls_per_run=polls) is low
    assert holds("Server Load", "High", polls_per_run=polls) is (None if low is None else not low)


@pytest.mark.parametrize("name", ["runs_missing_share", "runs_endless_share"])
def test_high_reliability_is_that_no_run_of_all_misses_anything_or_its_end(name: str) -> None:
    assert holds("Reliability", "High") is True
    assert holds("Reliability", "High", **{name: (0.0, 0.02)}) is False


def test_medium_is_to_drop_something_but_not_most() -> None:
    dropping = {"runs_missing_share": (0.5, 0.5)}
    assert holds("Reliability", "Medium (can drop)") is False
    assert holds("Reliability", "Medium (can drop)", events_missed_per_run=(5.0, 5.0), **dropping) is True
    assert holds("Reliability", "Medium (can drop)", events_missed_per_run=(5.1, 5.1), **dropping) is False


def test_where_nothing_can_drop_anything_can_drop_stays_open() -> None:
    assert holds("Reliability", "Medium (can drop)", EVEN) is None


def test_every_word_of_the_table_has_a_meaning_and_a_reason() -> None:
    for words in TABLE.values():
        for column, word in zip(COLUMNS, words, strict=True):
            assert WORDS[column, word].meaning
            assert WORDS[column, word].because


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(3.444, 3.3, 3.6), "3.44 ± 0.15"),
        (Estimate(17.44, 16.5, 18.4), "17.4 ± 0.9"),
        (Estimate(2191.2, 2135.0, 2247.0), "2,191 ± 56"),
        (Estimate(1.0, 1.0, 1.0), "1.00"),
        (Estimate(0.0, 0.0, 0.0), "0"),
    ],
)
def test_an_estimate_is_told_with_half_of_its_interval(estimate: Estimate, text: str) -> None:
    assert number(estimate) == text
