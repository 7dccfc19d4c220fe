import numpy as np
import pytest

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.experiments import herd as lab
from sim.experiments.herd import Case, herd
from sim.experiments.herd_theory import restart_of
from sim.experiments.replace import replaced
from sim.scenarios.catalog import load
from sim.worlds import perform

CLIENTS = 2_000


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.jitter: case for case in herd(load("deploy-herd"), [CLIENTS])}


def test_without_jitter_all_come_in_one_second_and_stay_in_step(cases: dict[str, Case]) -> None:
    case = cases["none"]
    assert case.peak_per_s == CLIENTS
    assert case.requests_per_s[14:27:4].tolist() == [CLIENTS] * 4
    assert (case.peak_after_s, case.calm_after_s, case.delay_s) == (4, None, None)


def test_jitter_lowers_the_peak_full_more_than_equal(cases: dict[str, Case]) -> None:
    assert cases["full"].peak_per_s < cases["equal"].peak_per_s < cases["none"].peak_per_s
    assert cases["full"].queue.turned_away <= cases["equal"].queue.turned_away < cases["none"].queue.turned_away
    assert cases["full"].hub.largest_backlog <= cases["equal"].hub.largest_backlog < cases["none"].hub.largest_backlog
    assert cases["none"].hub.largest_backlog == CLIENTS


@pytest.mark.parametrize("jitter", lab.JITTERS)
def test_every_second_has_as_many_requests_as_theory_expects(cases: dict[str, Case], jitter: str) -> None:
    case = cases[jitter]
    assert case.expected_per_s is not None
    assert len(case.expected_per_s) == len(case.requests_per_s) - case.restart_s
    off = np.abs(case.requests_per_s[case.restart_s :] - case.expected_per_s)
    # a count of independent clients is off by five deviations once in a million
    assert (off <= 5 * np.sqrt(case.expected_per_s) + 1e-6).all()
    assert case.expected_peak_per_s == pytest.approx(case.peak_per_s, abs=5 * case.peak_per_s**0.5)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("client.policy", "hybrid-backoff"),
        ("client.poll_jitter", 0.5),
        ("client.catch_up_poll", True),
        ("client.start_s", 0.0),
        ("client.start_s", {"uniform": [0, 5]}),
        ("client.reconnect_max_s", 0.5),
        ("websocket.connect_s", 0.1),
        ("websocket.latency_s", {"exponential": {"mean": 0.1}}),
        ("polling.latency_s", 0.1),
        ("orchestrator.heartbeat_s", 3.0),
        ("workload", {"poisson": {"count": 3, "mean_gap_s": 1.0}}),
        ("workload", {"events": [], "other_events": [{"at_s": 6.0, "type": "node_completed"}]}),
        ("fault.0.for_s", 4.5),
    ],
)
def test_theory_is_silent_where_it_does_not_hold(key: str, value: object) -> None:
    one = replaced(load("deploy-herd"), {"workload": {}})
    assert restart_of(one, one.faults[0]) is not None  # type: ignore[arg-type]
    other = replaced(one, {key: value})
    assert restart_of(other, other.faults[0]) is None  # type: ignore[arg-type]


def test_theory_is_silent_where_something_else_goes_wrong_too() -> None:
    table = load("deploy-herd").to_dict()
    table["fault"].append({"kind": "poll-failed", "probability": 0.1})
    other = Scenario.from_dict(table | {"workload": {}})
    assert restart_of(other, other.faults[0]) is None  # type: ignore[arg-type]


def test_requests_are_the_polls_and_openings_of_the_models_trace() -> None:
    (case, *_) = herd(load("deploy-herd"), [50])
    script = realize(lab._Lab(load("deploy-herd"), load("deploy-herd").faults[0], 0)._variant(50, "none", 4.0), 0)  # type: ignore[arg-type]
    counted = [0] * len(case.requests_per_s)
    for time_us, _, kind, _, _ in perform(script, "model").rows:
        counted[time_us // 1_000_000] += kind in ("poll_sent", "websocket_opened")
    assert case.requests_per_s.tolist() == counted


@pytest.mark.parametrize("jitter", ["equal", "full"])
def test_the_delay_that_is_found_keeps_the_capacity_and_a_step_less_does_not(
    cases: dict[str, Case], jitter: str
) -> None:
    case = cases[jitter]
    scenario = load("deploy-herd")
    one = lab._Lab(scenario, scenario.faults[0], 0)  # type: ignore[arg-type]
    assert case.delay_s is not None
    assert one._keeps(CLIENTS, jitter, case.delay_s, case.capacity_per_s)
    assert not one._keeps(CLIENTS, jitter, case.delay_s - lab.STEP_S, case.capacity_per_s)


def test_a_scenario_without_a_restart_or_without_reconnection_is_refused() -> None:
    with pytest.raises(InputError, match="no fault of kind fanout-restart"):
        herd(load("worst-case"), [10])
    with pytest.raises(InputError, match="do not reconnect"):
        herd(load("deploy-herd").override(reconnect="none"), [10])
