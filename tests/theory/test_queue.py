"""Waits at the orchestrator in closed form, held against the fleet's queue."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.totals import Queue
from sim.measure.statistics import mean
from sim.theory import queue as theory
from sim.worlds import totals

HORIZON_S = 400.0
CLIENTS = 20_000
RATE_PER_S = CLIENTS / HORIZON_S
SEEDS = range(12)
CONFIDENCE = 0.999


def queues(workers: int, service: object, limit: int = 100_000) -> list[Queue]:
    """Each client polls once, at a random moment: requests at a constant rate, independent of the answers."""
    table = {
        "title": "at random",
        "horizon_s": HORIZON_S,
        "client": {
            "policy": "polling-only",
            "count": CLIENTS,
            "poll_at_mount": True,
            "poll_interval_s": 2 * HORIZON_S,
            "start_s": {"uniform": [0, HORIZON_S]},
        },
        "workload": {"events": []},
        "orchestrator": {"workers": workers, "service_s": service, "queue_limit": limit},
    }
    found = [totals(realize(Scenario.from_dict(table), seed)).queue for seed in SEEDS]
    return [queue for queue in found if queue is not None]


def held(values: list[float], expected: float) -> None:
    interval = mean(values, CONFIDENCE)
    assert interval.low <= expected <= interval.high, (interval, expected)


def mean_wait_s(queue: Queue) -> float:
    return float(queue.waits_s @ queue.waited / queue.waited.sum())


@pytest.mark.parametrize(("workers", "service_s"), [(1, 0.012), (2, 0.03), (5, 0.07)])
def test_waits_before_exponential_service(workers: int, service_s: float) -> None:
    found = queues(workers, {"exponential": {"mean": service_s}})
    arguments = (RATE_PER_S, service_s, workers)
    held([queue.utilisation for queue in found], theory.utilisation(*arguments))
    held([mean_wait_s(queue) for queue in found], theory.wait_mean_s(*arguments))
    waited = [float(queue.waited[queue.waits_s > 0].sum() / queue.offered) for queue in found]
    held(waited, theory.waiting_share(*arguments))
    bound_s = theory.wait_quantile_s(*arguments, 0.9)
    held([float(queue.waited[queue.waits_s <= bound_s].sum() / queue.offered) for queue in found], 0.9)


def test_constant_service_halves_the_wait_before_one_worker() -> None:
    found = [mean_wait_s(queue) for queue in queues(1, 0.012)]
    held(found, theory.wait_mean_constant_s(RATE_PER_S, 0.012))
    assert theory.wait_mean_constant_s(RATE_PER_S, 0.012) == pytest.approx(theory.wait_mean_s(RATE_PER_S, 0.012, 1) / 2)


def test_an_overload_turns_away_what_the_workers_cannot_do() -> None:
    """But for the line that is left at the horizon: at most its length, in so many requests."""
    for queue in queues(2, 0.05, limit=20)[:3]:
        expected = theory.turned_away_share(RATE_PER_S, 0.05, 2)
        assert abs(queue.turned_away_share - expected) < 3 * math.sqrt(1 / CLIENTS) + 20 / CLIENTS


@given(st.floats(0.01, 0.99), st.floats(0.001, 10.0), st.integers(1, 50))
def test_more_workers_at_the_same_utilisation_make_fewer_wait(busy: float, service_s: float, workers: int) -> None:
    few = theory.waiting_share(busy * workers / service_s, service_s, workers)
    many = theory.waiting_share(busy * (workers + 1) / service_s, service_s, workers + 1)
    assert 0 < many <= few <= 1


def test_a_backlog_is_worked_off_by_what_the_workers_have_to_spare() -> None:
    assert theory.drain_s(600, 20.0, 0.05, 4) == pytest.approx(10.0)


def test_bad_arguments_are_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match="utilisation must be below 1"):
        theory.wait_mean_s(100.0, 0.1, 2)
    with pytest.raises(InputError, match="rate_per_s must be more than 0"):
        theory.utilisation(0.0, 0.1, 2)
    with pytest.raises(InputError, match="share must be from 0 and below 1"):
        theory.wait_quantile_s(1.0, 0.1, 2, 1.0)
    with pytest.raises(InputError, match="backlog must be 0 or more and finite, not -1"):
        theory.drain_s(-1, 1.0, 0.1, 2)
