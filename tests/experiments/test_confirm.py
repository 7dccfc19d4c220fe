from functools import cache

import pytest

from sim import load
from sim.contract.claim import MEASURES
from sim.contract.fault import SlowReader
from sim.experiments.confirm import OF_ALL_CLIENTS, OF_THE_EXTREME, REPLICATIONS, TOGETHER, Compared, confirm, why_not
from sim.experiments.replace import replaced
from sim.experiments.sample import Sample
from sim.experiments.sampler import Sampler
from sim.experiments.stopping import Stopping
from sim.experiments.store import Record
from sim.measure.statistics import Estimate

from .small import INTERVAL, SCENARIO, Counting, sample

POINT: dict[str, object] = {INTERVAL: 2.0}


def searched() -> Sample:
    (found,) = Sampler(SCENARIO.override(count=400), "fleet", 0, Stopping(4, 4), Counting()).sample([POINT])
    return found


def test_the_model_performs_the_point_with_fewer_clients_on_other_seeds() -> None:
    run = Counting()
    found = confirm(
        SCENARIO, searched(), ["polls_per_s_mean", "age_mean_s"], clients=20, seed=4, run=run, record=Record()
    )
    assert [task.seed for task in run.tasks] == list(range(4, 4 + REPLICATIONS))
    assert {task.world for task in run.tasks} == {"model"}
    assert {(task.scenario.client.count, task.scenario.policy.poll_interval_s) for task in run.tasks} == {(20, 2.0)}
    assert [one.measure for one in found.compared] == ["polls_per_s_mean", "age_mean_s"]
    assert found.confirms


def test_sums_over_clients_are_compared_per_client() -> None:
    predicted = searched()
    found = confirm(
        SCENARIO, predicted, ["poll_requests", "age_mean_s"], clients=20, seed=4, run=Counting(), record=Record()
    )
    polls, age = found.compared
    total = predicted.estimate("poll_requests", 1 - (1 - TOGETHER) / 2)
    assert total is not None
    assert polls.per_client
    assert polls.predicted == Estimate(total.value / 400, total.low / 400, total.high / 400)
    assert not age.per_client
    assert age.predicted == predicted.estimate("age_mean_s", 1 - (1 - TOGETHER) / 2)


@cache
def replicated(clients: int) -> Sample:
    """Much goes wrong, also with polls, so that hardly a measure is 0."""
    faults = ({"kind": "poll-failed", "probability": 0.2}, *load("network-instability").to_dict()["fault"])
    base = load("network-instability").override(policy="hybrid", reconnect="fixed", count=clients)
    scenario = replaced(base, {"fault": list(faults)})
    (found,) = Sampler(scenario, "fleet", 0, Stopping(4, 4), Counting()).sample([{}])
    return found


@pytest.mark.parametrize("name", sorted(set(MEASURES) - set(OF_THE_EXTREME)))
def test_what_is_compared_does_not_grow_with_the_number_of_clients(name: str) -> None:
    few, many = replicated(400).estimate(name), replicated(800).estimate(name)
    assert few is not None
    assert many is not None
    share = 0.5 if name in OF_ALL_CLIENTS else 1.0
    # one that grows would be twice as large, which no chance makes of such as are not rare
    assert share * many.value == pytest.approx(few.value, rel=0.4, abs=0.05)


def test_a_prediction_that_the_model_does_not_share_is_contradicted() -> None:
    wrong = sample(POINT, 400, age_mean_s=[90.0, 91.0, 92.0], events_erased=[0.0, 0.0, 0.0])
    found = confirm(
        SCENARIO, wrong, ["age_mean_s", "events_erased"], clients=20, seed=0, run=Counting(), record=Record()
    )
    assert [one.overlap for one in found.compared] == [False, True]
    assert not found.confirms


@pytest.mark.parametrize(("low", "high", "overlap"), [(3, 4, True), (2.5, 3, True), (4.1, 5, False), (1, 1.9, False)])
def test_intervals_overlap_where_they_have_a_value_in_common(low: float, high: float, overlap: bool) -> None:
    assert Compared("age_mean_s", False, Estimate(3, 2, 4), Estimate(low, low, high)).overlap is overlap


def test_equal_numbers_overlap_also_where_rounding_or_the_fleets_quantiles_tell_them_apart() -> None:
    third = Estimate(1 / 3, 1 / 3, 1 / 3)
    for name, share, overlap in (
        ("age_mean_s", 1e-12, True),
        ("age_mean_s", 1e-3, False),
        ("latency_p99_s", 1 / 257, True),
        ("latency_p99_s", 1 / 200, False),
    ):
        for moved in (third.value * (1 + share), third.value * (1 - share)):
            assert Compared(name, False, third, Estimate(moved, moved, moved)).overlap is overlap


def test_extremes_are_not_compared() -> None:
    for name in OF_THE_EXTREME:
        assert name not in OF_ALL_CLIENTS
    found = confirm(SCENARIO, searched(), list(OF_THE_EXTREME), clients=20, seed=4, run=Counting(), record=Record())
    assert found.compared == ()


def test_a_sample_that_would_say_nothing_is_not_taken() -> None:
    assert why_not(SCENARIO, "fleet", 20) is None
    assert why_not(SCENARIO, "model", 20) == "the model itself performed it"
    assert why_not(load("slow-orchestrator"), "fleet", 20) == (
        "all clients share the orchestrator's workers, so that fewer of them are no sample"
    )
    slow = SCENARIO.model_copy(update={"faults": (SlowReader(kind="slow-reader", clients=(3, 25), bytes_per_s=0.0),)})
    assert why_not(slow, "virtual", 20) == "client 25, a slow reader, is not among the first 20"
    assert why_not(slow, "virtual", 26) is None
