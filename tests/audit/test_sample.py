"""What replications give: the numbers of one performance by hand, and which interval belongs to which."""

import math

import pytest

from sim import Trace, load, realize
from sim.audit.sample import MEASURES, Sample, gathered, measured, replicate
from sim.measure.statistics import difference, mean, proportion

from ..model.telling import rows, script, tell

PLAYED = script("1 2 3!", policy="hybrid", count=2, horizon=10)


def numbers(text: str) -> dict[str, float]:
    return measured(Trace(rows(text), script=PLAYED), PLAYED)


LATE_AND_LOST = """
    1 event_emitted #0
    1.1 message_received #0
    1.1 event_shown #0
    2 event_emitted #1
    3 event_emitted #2
    4 poll_sent
    4 poll_answered 3
    4 event_shown #2
    4 terminal_reached #2
    c1 4 event_emitted #0
    c1 4.100001 message_received #0
    c1 4.100001 event_shown #0
"""


def test_an_event_is_instant_up_to_a_tenth_of_a_second_and_never_where_it_is_not_displayed() -> None:
    found = numbers(LATE_AND_LOST)  # of four events one after 0.1 s, one a microsecond later, one after 1 s, one never
    assert found["instant_share"] == 1 / 4


def test_a_run_that_misses_an_event_and_one_that_does_not_learn_its_end_are_counted_once_each() -> None:
    found = numbers(LATE_AND_LOST)
    assert (found["runs_missing_share"], found["events_missed_per_run"]) == (0.5, 0.5)
    assert found["runs_endless_share"] == 0.5
    assert numbers("1 event_emitted #0")["runs_endless_share"] == 1


def test_polls_and_bytes_are_per_run() -> None:
    found = numbers(LATE_AND_LOST)
    assert found["polls_per_run"] == 0.5
    alone = numbers("\n".join(LATE_AND_LOST.strip().splitlines()[:3]))
    assert 0 < alone["bytes_per_run"] < found["bytes_per_run"]


def test_what_is_needed_is_each_event_once_over_a_websocket() -> None:
    played = script("1 2 3!", policy="websocket-only", count=2, horizon=10)
    found = measured(Trace(tell("1 2 3!", policy="websocket-only", count=2, horizon=10), script=played), played)
    assert found["bytes_needed"] == found["bytes_per_run"] > 0


def test_a_latency_of_nothing_is_not_a_number() -> None:
    assert math.isnan(numbers("1 event_emitted #0")["latency_mean_s"])


def test_shares_of_runs_have_wilsons_interval_over_all_runs() -> None:
    sample = Sample(50, {"runs_missing_share": (0.0, 0.02, 0.04)})
    assert sample.estimate("runs_missing_share") == proportion(3, 150)


def test_other_numbers_have_student_s_interval_over_replications() -> None:
    sample = Sample(50, {"polls_per_run": (3.0, 4.0, 5.0)})
    assert sample.estimate("polls_per_run") == mean([3.0, 4.0, 5.0])


def test_a_difference_is_paired_and_against_a_multiple_where_one_is_given() -> None:
    one, other = (Sample(1, {"polls_per_run": values}) for values in ((1.0, 4.0), (4.0, 8.0)))
    assert one.difference(other, "polls_per_run") == difference([1.0, 4.0], [4.0, 8.0])
    assert one.difference(other, "polls_per_run", 0.25) == difference([1.0, 4.0], [1.0, 2.0])


def test_replications_have_a_seed_each_and_all_measures() -> None:
    sample = gathered(list(replicate(load("random-gaps").override(count=3), range(4, 7))), 3)
    assert sample.estimates().keys() == set(MEASURES)
    assert len(set(sample.numbers["bytes_per_run"])) == 3


def test_the_model_performs_what_is_replicated() -> None:
    scenario = load("worst-case")
    (found,) = replicate(scenario, range(7, 8))
    assert found["polls_per_run"] == 8
    assert (
        found["bytes_needed"] == measured(Trace([(0, 0, "event_emitted", 0, "")]), realize(scenario, 7))["bytes_needed"]
    )


@pytest.mark.parametrize("name", ["latency_p50_s", "latency_max_s"])
def test_latencies_are_those_of_the_measures(name: str) -> None:
    assert numbers("1 event_emitted #0\n1.5 message_received #0\n1.5 event_shown #0")[name] == 0.5
