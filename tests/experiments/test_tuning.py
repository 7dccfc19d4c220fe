import pytest

from sim.experiments.confirm import Compared, Confirmation
from sim.experiments.sample import Sample
from sim.experiments.slo import Slo, parse
from sim.experiments.tuning import Tuning
from sim.measure.statistics import Estimate

from .small import INTERVAL, SCENARIO, sample

SLOS = (parse("latency_p99_s<=2"),)


def candidate(interval_s: float, polls: float, p99: float, spread: float = 0.0, age: float = 1.0) -> Sample:
    return sample(
        {INTERVAL: interval_s},
        latency_p99_s=[p99 - spread, p99 + spread],
        polls_per_s_mean=[polls, polls],
        age_mean_s=[age, age],
    )


def tuning(*samples: Sample, slos: tuple[Slo, ...] = SLOS) -> Tuning:
    return Tuning(SCENARIO, "model", 0, slos, "polls_per_s_mean", samples)


def test_the_best_is_the_cheapest_that_keeps_every_slo() -> None:
    found = tuning(candidate(1, 40, 1.0), candidate(2, 20, 1.9), candidate(4, 10, 4.0))
    assert (found.best, found.cheaper, found.dearer) == (1, 2, 0)
    both = tuning(*found.samples, slos=(*SLOS, parse("latency_p99_s<=1.5")))
    assert (both.best, both.cheaper, both.dearer) == (0, 1, None)


def test_a_mean_below_the_bound_is_not_enough_where_the_interval_reaches_beyond() -> None:
    found = tuning(candidate(1, 40, 1.0), candidate(2, 20, 1.9, spread=0.2))
    assert found.best == 0
    assert found.broken(1) == SLOS


def test_a_candidate_without_the_measure_is_never_the_best() -> None:
    silent = sample({INTERVAL: 9}, latency_p99_s=[None, None], polls_per_s_mean=[0.0, 0.0])
    assert tuning(candidate(1, 40, 1.0), silent).best == 0
    assert tuning(silent).best is None


def test_where_none_keeps_them_the_closest_is_the_one_with_the_smallest_worst_excess() -> None:
    found = tuning(candidate(8, 5, 9.0), candidate(4, 10, 4.0), candidate(6, 7, 6.0))
    assert (found.best, found.closest, found.cheaper, found.dearer) == (None, 1, None, None)
    assert not found.holds


def test_the_front_is_of_age_and_requests_over_all_candidates() -> None:
    found = tuning(
        candidate(1, 40, 1.0, age=1.0),
        candidate(2, 20, 1.9, age=2.0),
        candidate(3, 30, 2.1, age=2.5),
        candidate(4, 10, 4, age=3),
    )
    assert found.front == [3, 1, 0]


@pytest.mark.parametrize(("low", "holds"), [(3.0, True), (5.0, False)])
def test_an_answer_holds_where_the_model_does_not_contradict_it(low: float, holds: bool) -> None:
    compared = Compared("age_mean_s", False, Estimate(3, 2, 4), Estimate(low, low, low))
    confirmation = Confirmation(candidate(1, 40, 1.0), (compared,))
    assert Tuning(SCENARIO, "fleet", 0, SLOS, "polls_per_s_mean", (candidate(1, 40, 1.0),), confirmation).holds is holds
