import pytest

from sim import load
from sim.contract.scenario import Scenario
from sim.experiments.closed_form import expected
from sim.experiments.replace import replaced
from sim.experiments.sampler import Sampler
from sim.experiments.stopping import Stopping

from .small import INTERVAL, Counting

MEASURES = ("poll_requests", "polls_per_s_mean", "events_lost", "latency_mean_s", "latency_p50_s", "latency_p99_s")


@pytest.mark.parametrize("interval_s", [1.95, 4.0])
def test_what_theory_says_of_the_shipped_scenario_is_what_the_fleet_measures(interval_s: float) -> None:
    scenario = replaced(load("tuning"), {"client.count": 5_000, INTERVAL: interval_s})
    (found,) = Sampler(scenario, "fleet", 0, Stopping(12, 12), Counting()).sample([{}])
    for name in MEASURES:
        theory, fleet = expected(scenario, name), found.estimate(name, 0.999)
        assert theory is not None
        assert fleet is not None
        resolution = fleet.value / 256 if name == "latency_p99_s" else 0.0  # of the fleet's quantiles
        assert fleet.low - resolution <= theory <= fleet.high + resolution, name


def test_measures_without_a_closed_form_have_none() -> None:
    assert expected(load("tuning"), "age_mean_s") is None
    assert expected(load("tuning"), "polls_per_s_peak") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("client.policy", "polling-only"),
        ("client.policy", "hybrid-cursor"),
        ("client.backoff_factor", 1.5),
        ("client.start_s", {"exponential": {"mean": 1.0}}),
        ("client.start_s", 60.0),
        ("horizon_s", 50.0),
        ("workload", {"even": {"count": 10, "every_s": 3.0}}),
        ("workload.poisson.count", 41),
        ("workload.poisson.count", 0),
        ("workload.other_events", [{"at_s": 1.0, "type": "node_completed"}]),
        ("websocket.latency_s", 0.1),
        ("polling.latency_s", 0.1),
        ("orchestrator.workers", 3),
        ("fault.0.fraction", 0.5),
        ("fault", [{"kind": "connection-lost", "at_s": 5.0}]),
        ("fault", [{"kind": "message-lost", "event": 1}]),
        ("fault", [{"kind": "message-lost", "probability": 0.1}, {"kind": "poll-failed", "polls": [0]}]),
    ],
)
def test_theory_is_silent_where_it_does_not_hold(key: str, value: object) -> None:
    assert expected(load("tuning"), "poll_requests") is not None
    table = load("tuning").to_dict() | ({"horizon_s": 1_000.0} if "count" in key else {})
    assert expected(replaced(Scenario.from_dict(table), {key: value}), "poll_requests") is None


def test_without_faults_no_message_is_lost() -> None:
    whole = replaced(load("tuning"), {"fault": []})
    assert expected(whole, "events_lost") == 0
    assert expected(whole, "latency_p99_s") == 0
