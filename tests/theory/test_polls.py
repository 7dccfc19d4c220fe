"""Polls in closed form, held against model and fleet: replications under seeds, intervals of 99.9 %."""

from typing import Any

import pytest

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.statistics import Estimate, mean
from sim.theory.backoff import Backoff, PoissonBackoff
from sim.theory.gaps import EvenGaps, PoissonGaps
from sim.theory.jitter import JitteredPolls
from sim.theory.polls import (
    polls_per_run,
    polls_per_run_by_sequence,
    polls_per_run_polling_only,
    polls_per_s,
    polls_per_s_polling_only,
)
from sim.worlds import totals

EVENTS, SEEDS, CONFIDENCE = 10, 20, 0.999


def per_run(world: str, clients: int, loss: float = 0.0, **client: Any) -> Estimate:
    """Polls per run of ten events at random with gaps of 3 s; the horizon is one that no run comes near."""
    scenario = {
        "title": "Ten random events",
        "horizon_s": 300.0,
        "client": {"poll_interval_s": 4.0, "count": clients} | client,
        "workload": {"poisson": {"count": EVENTS, "mean_gap_s": 3.0}},
        "fault": [{"kind": "message-lost", "probability": loss}] if loss else [],
    }
    found = (totals(realize(Scenario.from_dict(scenario), seed), world).measures() for seed in range(SEEDS))
    return mean([float(measures["poll_requests"] or 0) / clients for measures in found], CONFIDENCE)


def test_theory_fleet_and_model_agree_on_the_polls_of_ten_random_events_in_30_s() -> None:
    theory = polls_per_run(PoissonGaps(1 / 3, 4.0), EVENTS)
    assert theory == pytest.approx(3.58, abs=0.005)
    for world, clients in (("fleet", 2_000), ("model", 50)):
        found = per_run(world, clients, policy="hybrid")
        assert found.low <= theory <= found.high, world


@pytest.mark.parametrize("loss", [0.05, 0.3, 0.8])
def test_with_losses_the_fleet_polls_as_often(loss: float) -> None:
    gaps, backoff = PoissonGaps(1 / 3, 4.0), PoissonBackoff(1 / 3, Backoff(4.0, 1.5, 30.0))
    for theory, client in (
        (polls_per_run(gaps, EVENTS, loss), {"policy": "hybrid"}),
        (polls_per_run(backoff, EVENTS, loss), {"policy": "hybrid-backoff"}),
        (polls_per_run_by_sequence(gaps, EVENTS, loss), {"policy": "hybrid-cursor", "poll_jitter": 0.0}),
    ):
        found = per_run("fleet", 1_000, loss, **client)
        assert found.low <= theory <= found.high, client


def test_without_a_websocket_the_fleet_polls_as_often() -> None:
    found = per_run("fleet", 1_000, policy="polling-only")
    assert found.low <= polls_per_run_polling_only(PoissonGaps(1 / 3, 4.0), EVENTS) <= found.high


@pytest.mark.parametrize("jitter", [0.25, 1.0])
def test_with_jitter_the_fleet_polls_as_often(jitter: float) -> None:
    found = per_run("fleet", 1_000, policy="hybrid-cursor", poll_jitter=jitter)
    assert found.low <= JitteredPolls(1 / 3, 4.0, jitter).per_run(EVENTS) <= found.high


def per_s(clients: int, loss: float = 0.0, latency_s: float = 0.0, **client: Any) -> Estimate:
    """Polls per second while runs go on, from the first minute on: none ends, and cycles of 4 and 5 s fit in."""
    scenario = {
        "title": "Runs that go on",
        "horizon_s": 260.0,
        "client": {"poll_interval_s": 4.0, "count": clients} | client,
        "workload": {"poisson": {"count": 130, "mean_gap_s": 3.0}},
        "polling": {"latency_s": latency_s},
        "fault": [{"kind": "message-lost", "probability": loss}] if loss else [],
    }
    found = (totals(realize(Scenario.from_dict(scenario), seed), "fleet").polls_per_s for seed in range(SEEDS // 2))
    return mean([float(polls[60:260].mean()) for polls in found], CONFIDENCE)


@pytest.mark.parametrize("loss", [0.0, 0.3, 0.8])
def test_while_runs_go_on_the_fleet_polls_as_often_each_second(loss: float) -> None:
    found = per_s(100, loss, policy="hybrid")
    assert found.low <= polls_per_s(PoissonGaps((1 - loss) / 3, 4.0), 100) <= found.high


@pytest.mark.parametrize("jitter", [0.25, 1.0])
def test_with_jitter_too(jitter: float) -> None:
    found = per_s(100, policy="hybrid-cursor", poll_jitter=jitter)
    assert found.low <= 100 * JitteredPolls(1 / 3, 4.0, jitter).per_s() <= found.high


@pytest.mark.parametrize("latency_s", [0.0, 1.0])
def test_without_a_websocket_each_wait_begins_with_an_answer(latency_s: float) -> None:
    found = per_s(100, latency_s=latency_s, policy="polling-only")
    assert found.value == pytest.approx(polls_per_s_polling_only(4.0, 100, latency_s), rel=1e-12)


def test_with_even_events_the_polls_of_a_gap_come_once_a_gap() -> None:
    workload = {"even": {"count": 50, "every_s": 10.0}}
    client = {"count": 100, "poll_interval_s": 4.0, "start_s": {"uniform": [0, 10]}}
    scenario = Scenario.from_dict({"title": "Even", "horizon_s": 260, "client": client, "workload": workload})
    found = totals(realize(scenario), "fleet").polls_per_s[60:260].mean()
    assert found == pytest.approx(polls_per_s(EvenGaps(10.0, 4.0), 100), rel=1e-12)


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^events must be at least one, not 0$"):
        polls_per_run(PoissonGaps(1, 4), 0)
    with pytest.raises(InputError, match=r"^jitter must be a share above 0 and up to 1, not 0$"):
        JitteredPolls(1, 4, 0)
