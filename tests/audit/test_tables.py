"""The Benefits table and the poll-interval table in a small version: deterministic, by seed, and known relations."""

from functools import cache

import pytest

from sim.audit.benefits import POLICIES, Benefits, benefits
from sim.audit.conditions import CONDITIONS, DEAD, LOSS_5_PERCENT, NO_FAULT
from sim.audit.intervals import INTERVALS_S, IntervalRow, intervals
from sim.audit.words import COLUMNS

pytestmark = pytest.mark.xdist_group("audit-tables")

SOME = tuple(c for c in CONDITIONS if c.name in ("no fault", "5 % loss, an event a second", "a fanout restart"))


@cache
def table(seed: int) -> Benefits:
    return benefits(seed, replications=4, conditions=SOME)


@cache
def rows(seed: int) -> tuple[IntervalRow, ...]:
    return intervals(seed, replications=2, conditions=(LOSS_5_PERCENT,))


def test_the_same_seed_gives_the_same_table() -> None:
    assert benefits(0, replications=2, conditions=SOME[:1]) == benefits(0, replications=2, conditions=SOME[:1])


def test_another_seed_gives_other_numbers_and_the_same_verdicts_on_the_document() -> None:
    one, other = table(0), table(1)
    assert one.measured != other.measured
    assert [c.verdict for c in one.cells if c.documented] == [c.verdict for c in other.cells if c.documented]


def test_no_replication_of_one_seed_is_one_of_another() -> None:
    polls = {one.of("no fault", "hybrid")["polls_per_run"].value for one in (table(0), table(1))}
    assert len(polls) == 2


def test_every_cell_is_checked_under_every_condition() -> None:
    for policy in POLICIES:
        for column in COLUMNS:
            assert [check.when for check in table(0).cell(policy, column).checks] == [c.name for c in SOME]


def test_the_document_s_words_are_its_own_and_are_tried_on_what_it_has_no_row_for() -> None:
    assert [c.word for c in table(0).cells if c.policy == "polling-only"] == ["0-4s", "High", "High", "High"]
    assert {c.policy for c in table(0).cells if not c.documented} == {"hybrid-backoff", "hybrid-cursor"}
    assert [c.word for c in table(0).cells if c.policy == "hybrid-cursor"] == ["Instant", "Low", "High", "Low"]


def test_polling_costs_more_than_a_websocket_and_misses_nothing() -> None:
    for condition in SOME:
        push, poll = (table(0).of(condition.name, policy) for policy in ("websocket-only", "polling-only"))
        assert push["polls_per_run"].high == 0 < poll["polls_per_run"].low
        assert push["bytes_per_run"].high < poll["bytes_per_run"].low
        assert poll["runs_missing_share"].value == 0


def test_polls_of_a_hybrid_without_faults_are_those_of_theory() -> None:
    # a poll 4 s after a message, p = exp(-4/3), and one each 4.1 s from then on, r = exp(-4.1/3), until the next comes:
    # p / (1 - r) = 0.354 a gap, of variance p (1 + r) / (1 - r)^2 - 0.354^2 = 0.47, so that the mean of 200 runs of ten
    # gaps has standard error 0.15
    found = table(0).of("no fault", "hybrid")["polls_per_run"].value
    assert found == pytest.approx(3.54, abs=4 * 0.15)


def test_a_cursor_misses_nothing_where_the_hybrid_does() -> None:
    where = "5 % loss, an event a second"
    assert table(0).of(where, "hybrid")["runs_missing_share"].low > 0.3
    for condition in SOME:
        cursor = table(0).of(condition.name, "hybrid-cursor")
        assert cursor["runs_missing_share"].value == cursor["runs_endless_share"].value == 0


def test_differences_are_those_of_the_means() -> None:
    for one in table(0).differences:
        first, second = (table(0).of(one.condition, policy)[one.measure].value for policy in (one.policy, one.against))
        assert one.by.value == pytest.approx(first - second)


def test_progress_goes_up_to_the_whole() -> None:
    told: list[float] = []
    benefits(0, replications=2, conditions=SOME[:1], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_shorter_interval_polls_more_and_misses_less() -> None:
    found = rows(0)
    assert [row.poll_interval_s for row in found] == list(INTERVALS_S)
    polls = [row.values["polls_per_run"].value for row in found]
    missed = [row.values["events_missed_per_run"].value for row in found]
    assert polls == sorted(polls, reverse=True)
    assert missed[0] < missed[-1]


def test_beyond_the_choice_is_nothing_at_the_choice_itself() -> None:
    (four,) = (row for row in rows(0) if row.poll_interval_s == 4.0)
    assert {(one.value, one.low, one.high) for one in four.beyond_choice.values()} == {(0.0, 0.0, 0.0)}


def test_intervals_are_deterministic_and_by_seed() -> None:
    assert rows(0) == intervals(0, replications=2, conditions=(LOSS_5_PERCENT,))
    assert rows(0) != rows(1)


def test_the_interval_table_covers_no_loss_some_loss_and_nothing_but_polls() -> None:
    from sim.audit.intervals import CONDITIONS as CHOSEN

    assert CHOSEN == (NO_FAULT, LOSS_5_PERCENT, DEAD)
