"""Closed forms held against the model: exactly where nothing is random, within the model's interval where it is."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.statistics import mean, proportion
from sim.theory.loss import EvenGaps, Gaps, PoissonGaps, event_lost, events_lost, one_lost
from sim.worlds import perform

EVENTS, CLIENTS, CONFIDENCE = 10, 1_000, 0.999

RUNS = [
    (rate_per_s, interval_s, (0.02, 0.2, 0.6)[(row + column) % 3])
    for row, rate_per_s in enumerate((1 / 3, 1.0, 3.0))
    for column, interval_s in enumerate((1.0, 4.0, 10.0))
]
"""Each rate and each interval with each loss, but not all three together: a Latin square."""


def never_shown(workload: dict[str, Any], interval_s: float, horizon_s: float, **fault: Any) -> list[list[int]]:
    """The events that each client of the model never shows, under one fault that drops messages."""
    scenario = {
        "title": "A run whose messages are dropped",
        "horizon_s": horizon_s,
        "client": {"policy": "hybrid", "poll_interval_s": interval_s, "count": CLIENTS},
        "workload": workload,
        "fault": [{"kind": "message-lost"} | fault],
    }
    script = realize(Scenario.from_dict(scenario), 1)
    rows = perform(script, "model").rows
    shown = {(row[1], row[3]) for row in rows if row[2] == "event_shown"}
    return [[event for event in range(EVENTS) if (client, event) not in shown] for client in range(CLIENTS)]


def random_runs(rate_per_s: float, interval_s: float, **fault: Any) -> list[list[int]]:
    """Of ten events at random; the horizon is one that no run comes near."""
    workload = {"poisson": {"count": EVENTS, "mean_gap_s": 1 / rate_per_s}}
    return never_shown(workload, interval_s, 50 / rate_per_s + 3 * interval_s, **fault)


# one dropped message


@pytest.mark.parametrize("event", [0, 4, 8])
@pytest.mark.parametrize(("rate_per_s", "interval_s"), [(1 / 3, 4.0), (1 / 3, 10.0), (1.0, 2.0)])
def test_the_only_dropped_message_is_lost_for_good_as_often_as_in_the_model(
    rate_per_s: float, interval_s: float, event: int
) -> None:
    found = random_runs(rate_per_s, interval_s, event=event)
    assert all(lost in ([], [event]) for lost in found)
    model = proportion(sum(map(bool, found)), CLIENTS, CONFIDENCE)
    assert model.low <= one_lost(PoissonGaps(rate_per_s, interval_s), EVENTS - 1 - event) <= model.high


def test_for_random_gaps_that_is_the_closed_form() -> None:
    # x = 1.2, three messages to come: (1 - e^-x (1 + x)) (1 - e^-x)
    assert one_lost(PoissonGaps(0.3, 4.0), 3) == pytest.approx((1 - 0.3011942 * 2.2) * (1 - 0.3011942), rel=1e-6)


def test_polls_before_the_drop_make_it_more_likely_than_a_quiet_gap() -> None:
    gaps = PoissonGaps(0.3, 4.0)
    assert gaps.missed(0, 1) > gaps.silent(1)


@given(st.floats(0.01, 10), st.floats(0.1, 20), st.integers(1, 20))
def test_the_more_often_messages_come_the_more_surely_it_is_lost(
    rate_per_s: float, interval_s: float, left: int
) -> None:
    slower, faster = PoissonGaps(rate_per_s, interval_s), PoissonGaps(2 * rate_per_s, interval_s)
    assert 0 <= one_lost(slower, left) <= one_lost(faster, left) <= 1


# each message dropped with a probability


@pytest.mark.parametrize(("rate_per_s", "interval_s", "loss"), RUNS)
def test_as_many_events_per_run_are_lost_for_good_as_in_the_model(
    rate_per_s: float, interval_s: float, loss: float
) -> None:
    found = random_runs(rate_per_s, interval_s, probability=loss)
    theory = events_lost(PoissonGaps(rate_per_s, interval_s), EVENTS, loss)
    if not any(found):
        assert theory < 0.01
        return
    model = mean([len(lost) for lost in found], CONFIDENCE)
    assert model.low <= theory <= model.high


def test_each_event_is_lost_for_good_as_often_as_in_the_model() -> None:
    found = random_runs(0.5, 4.0, probability=0.3)
    for event in range(EVENTS):
        model = proportion(sum(event in lost for lost in found), CLIENTS, CONFIDENCE)
        assert model.low <= event_lost(PoissonGaps(0.5, 4.0), EVENTS, 0.3, event) <= model.high, event


@given(st.floats(0.01, 10), st.floats(0.1, 20), st.integers(1, 12), st.floats(0, 1))
def test_probabilities_are_between_0_and_that_of_a_drop(
    rate_per_s: float, interval_s: float, events: int, loss: float
) -> None:
    gaps = PoissonGaps(rate_per_s, interval_s)
    for event in range(events):
        assert 0 <= event_lost(gaps, events, loss, event) <= loss + 1e-12


@given(st.floats(0.05, 5), st.floats(0.1, 20), st.integers(2, 12))
def test_rare_losses_come_alone(rate_per_s: float, interval_s: float, events: int) -> None:
    gaps, rare = PoissonGaps(rate_per_s, interval_s), 1e-7
    for event in range(events - 1):
        alone = one_lost(gaps, events - 1 - event)
        assert event_lost(gaps, events, rare, event) / rare == pytest.approx(alone, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("gaps", [PoissonGaps(0.5, 4.0), EvenGaps(1.0, 4.0)])
def test_the_terminal_is_never_lost_for_good(gaps: Gaps) -> None:
    assert event_lost(gaps, EVENTS, 0.3, EVENTS - 1) == 0


@pytest.mark.parametrize("gaps", [PoissonGaps(0.5, 4.0), EvenGaps(1.0, 4.0)])
def test_where_nothing_or_everything_is_dropped_nothing_is_lost_for_good(gaps: Gaps) -> None:
    assert events_lost(gaps, EVENTS, 0.0) == events_lost(gaps, EVENTS, 1.0) == 0


def test_a_gap_over_many_drops_is_missed_in_a_moment() -> None:
    assert 0 < PoissonGaps(1.0, 4.0).missed(200, 201) < 1


# even gaps


def lost_at(gaps: EvenGaps, dropped: list[bool]) -> list[int]:
    """The events that the closed form of even gaps loses for good when these messages are dropped."""
    lost: list[int] = []
    begin = 0
    for end in (index for index, drop in enumerate(dropped) if not drop):
        drops = end - begin
        lost = lost if gaps.silent(drops) else []
        lost += [begin + i for i in range(drops) if gaps.missed(i, drops)]
        begin = end + 1
    return [] if dropped[-1] else lost


@given(st.integers(1, 9), st.integers(1, 20), st.lists(st.booleans(), min_size=EVENTS, max_size=EVENTS))
@example(3, 4, [True, True, True] + [False] * 7)  # polls at 4 and 8, a message at 12: event 2, at 9, is missed
@example(2, 4, [False, True] + [False] * 8)  # (j + 1) d = T: the message comes first
@example(4, 4, [False, True] + [False] * 8)
def test_with_even_gaps_the_model_loses_just_these_events(gap_s: int, interval_s: int, dropped: list[bool]) -> None:
    events = [{"at_s": float(gap_s * (i + 1)), "type": "node_completed"} for i in range(EVENTS)]
    events[-1]["type"] = "workflow_completed"
    scenario = {
        "title": "Even gaps",
        "horizon_s": float(gap_s * EVENTS + 2 * interval_s),
        "client": {"policy": "hybrid", "poll_interval_s": float(interval_s)},
        "workload": {"events": events},
        "fault": [{"kind": "message-lost", "event": i} for i, drop in enumerate(dropped) if drop],
    }
    rows = perform(realize(Scenario.from_dict(scenario), 0), "model").rows
    shown = {row[3] for row in rows if row[2] == "event_shown"}
    assert lost_at(EvenGaps(gap_s, interval_s), dropped) == [event for event in range(EVENTS) if event not in shown]


@pytest.mark.parametrize("loss", [0.05, 0.4])
@pytest.mark.parametrize(("gap_s", "interval_s"), [(1.0, 4.0), (3.0, 4.0), (3.0, 10.0)])
def test_with_even_gaps_as_many_events_per_run_are_lost_for_good_as_in_the_model(
    gap_s: float, interval_s: float, loss: float
) -> None:
    workload = {"even": {"count": EVENTS, "every_s": gap_s}}
    found = never_shown(workload, interval_s, gap_s * EVENTS + 2 * interval_s, probability=loss)
    model = mean([len(lost) for lost in found], CONFIDENCE)
    assert model.low <= events_lost(EvenGaps(gap_s, interval_s), EVENTS, loss) <= model.high


@pytest.mark.parametrize("drops", range(6))
def test_a_run_of_drops_is_lost_whole_iff_its_gap_is_no_longer_than_the_interval(drops: int) -> None:
    gaps = EvenGaps(1.0, 4.0)
    assert gaps.silent(drops) == ((drops + 1) * 1.0 <= 4.0)
    assert not drops or gaps.missed(0, drops) == ((drops + 1) * 1.0 <= 4.0)


def test_where_gaps_are_as_long_as_the_interval_nothing_is_lost_for_good() -> None:
    assert events_lost(EvenGaps(4.0, 4.0), EVENTS, 0.3) == 0


# bad input


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: PoissonGaps(0, 4), "rate_per_s must be more than 0 and finite, not 0"),
        (lambda: PoissonGaps(1, float("inf")), "interval_s must be more than 0 and finite, not inf"),
        (lambda: EvenGaps(float("nan"), 4), "gap_s must be more than 0 and finite, not nan"),
        (lambda: one_lost(PoissonGaps(1, 4), 0), "left must be at least one message, the terminal, not 0"),
        (lambda: events_lost(PoissonGaps(1, 4), 0, 0.1), "events must be at least one, not 0"),
        (lambda: events_lost(PoissonGaps(1, 4), 9, 1.5), "loss must be a probability from 0 to 1, not 1.5"),
        (lambda: event_lost(PoissonGaps(1, 4), 9, 0.1, 9), "index must be from 0 to 8, not 9"),
    ],
)
def test_bad_input_is_one_sentence(call: Any, says: str) -> None:
    with pytest.raises(InputError, match=f"^{says}$"):
        call()
