from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim import load
from sim.contract.errors import InputError
from sim.experiments import tune as module
from sim.experiments.closed_form import expected
from sim.experiments.executor import Run
from sim.experiments.point import Task
from sim.experiments.replace import replaced
from sim.experiments.slo import parse
from sim.experiments.tune import INTERVAL, INTERVALS_S, tune

from .small import SCENARIO, Counting, measures

P99 = [parse("latency_p99_s<=2")]


def proportional(task: Task) -> Mapping[str, int | float | None]:
    """A p99 of 0.8 intervals, and as many polls as fit; the more clients, the more polls."""
    interval_s = task.scenario.policy.poll_interval_s
    polls = task.scenario.client.count / interval_s
    return measures(latency_p99_s=0.8 * interval_s, polls_per_s_mean=polls, age_mean_s=interval_s)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """Performs all that `tune` asks for."""
    counting = Counting(perform=proportional)

    @contextmanager
    def pretended(workers: int | None, dask: str | None) -> Iterator[Run]:
        yield counting

    monkeypatch.setattr(module, "executor", pretended)
    return counting


def test_it_closes_in_on_the_longest_interval_that_keeps_the_slo(run: Counting) -> None:
    found = tune(SCENARIO, P99)
    assert found.best is not None
    assert found.samples[found.best].point == {INTERVAL: 2.5}  # 0.8 x 2.5 s = 2 s
    assert found.cheaper is not None
    assert found.samples[found.cheaper].point == {INTERVAL: 2.55}
    assert [sample.point[INTERVAL] for sample in found.samples] == sorted(
        {*INTERVALS_S, *(sample.point[INTERVAL] for sample in found.samples)}
    )


@pytest.mark.parametrize("bound", [0.2, 0.3, 1.23, 3.17, 8.0, 11.9])
def test_the_gap_between_the_best_and_the_next_that_breaks_an_slo_is_a_twentieth_of_a_second(
    run: Counting, bound: float
) -> None:
    found = tune(SCENARIO, [parse(f"latency_p99_s<={bound}")], replications=2, confirm_clients=0)
    assert found.best is not None
    best_s = found.samples[found.best].point[INTERVAL]
    assert 0.8 * best_s <= bound + 1e-9
    assert 0.8 * (best_s + 0.05) > bound or best_s == INTERVALS_S[-1]


def test_where_all_or_none_keep_the_slo_there_is_nothing_to_close_in_on(run: Counting) -> None:
    for bound, best in ((100, len(INTERVALS_S) - 1), (0.01, None)):
        found = tune(SCENARIO, [parse(f"latency_p99_s<={bound}")], replications=2, confirm_clients=0)
        assert found.best == best
        assert len(found.samples) == len(INTERVALS_S)


def test_where_the_user_names_candidates_only_those_are_tried(run: Counting) -> None:
    found = tune(SCENARIO, P99, over={INTERVAL: [1, 2, 4], "client.count": [10, 20]}, confirm_clients=0)
    assert len(found.samples) == 6
    assert found.best is not None
    assert found.samples[found.best].point == {INTERVAL: 2, "client.count": 10}


def test_the_answer_is_confirmed_on_seeds_that_the_search_has_not_seen(run: Counting) -> None:
    found = tune(SCENARIO, P99, seed=100, replications=3, confirm_clients=12)
    confirming = [task for task in run.tasks if task.world == "model"]
    assert {task.seed for task in confirming}.isdisjoint({task.seed for task in run.tasks if task.world == "fleet"})
    assert {task.scenario.client.count for task in confirming} == {12}
    assert found.confirmation is not None
    assert [one.measure for one in found.confirmation.compared] == ["polls_per_s_mean", "latency_p99_s"]
    assert found.holds


def test_why_nothing_is_confirmed_is_told(run: Counting) -> None:
    assert tune(SCENARIO, P99, replications=2, confirm_clients=0).unconfirmed == "it was not asked to"
    assert tune(SCENARIO, P99, world="model", replications=2).unconfirmed == "the model itself performed it"


def test_an_interrupted_search_goes_on_to_the_same_answer(run: Counting, tmp_path: Path) -> None:
    expected = tune(SCENARIO, P99, replications=2)
    whole = len(run.tasks)
    run.tasks, run.most = [], whole - 8
    with pytest.raises(KeyboardInterrupt):
        tune(SCENARIO, P99, replications=2, folder=tmp_path)
    run.tasks, run.most = [], None
    assert tune(SCENARIO, P99, replications=2, folder=tmp_path) == expected
    assert len(run.tasks) == 8


def test_a_search_without_an_slo_is_refused() -> None:
    with pytest.raises(InputError, match="a search needs an SLO"):
        tune(SCENARIO, [])


def test_the_shipped_scenario_has_an_answer_that_the_model_confirms() -> None:
    scenario = load("tuning").override(count=2_000)
    found = tune(scenario, P99, "polls_per_s", replications=3, confirm_clients=100)
    assert found.holds
    assert found.world == "fleet"
    assert found.confirmation is not None
    assert found.best is not None
    assert found.cheaper is not None
    assert found.broken(found.cheaper) == tuple(P99)
    best = replaced(scenario, found.samples[found.best].point)
    assert found.expected == {name: expected(best, name) for name in ("polls_per_s_mean", "latency_p99_s")}


def test_where_theory_does_not_hold_nothing_is_expected(run: Counting) -> None:
    assert tune(SCENARIO.override(policy="polling-only"), P99, replications=2).expected == {}
