"""Age of information in closed form, held against fleet and model: intervals of 99.9 % over seeds."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.measure.metrics import measure
from sim.measure.statistics import Estimate, mean
from sim.theory.age import age_even_s, age_hybrid_s, age_polling_only_s, age_random_s
from sim.worlds import perform, totals

INTERVAL_S, CONFIDENCE = 4.0, 0.999


def script(seed: int, horizon_s: float, workload: dict[str, Any], loss: float, **client: Any) -> Script:
    scenario = {
        "title": "Runs that grow old",
        "horizon_s": horizon_s,
        "client": {"poll_interval_s": INTERVAL_S} | client,
        "workload": workload,
        "fault": [{"kind": "message-lost", "probability": loss}] if loss else [],
    }
    return realize(Scenario.from_dict(scenario), seed)


def over_seeds(age_s: Callable[[int], object], seeds: int) -> Estimate:
    return mean([float(str(age_s(seed))) for seed in range(seeds)], CONFIDENCE)


def whole_runs(events: int, **client: Any) -> Estimate:
    """Of a thousand clients under each of twenty seeds, with gaps of 3 s; no run comes near the horizon."""
    workload = {"poisson": {"count": events, "mean_gap_s": 3.0}}

    def age_s(seed: int) -> object:
        return totals(script(seed, 300.0, workload, 0.0, count=1_000, **client), "fleet").measures()["age_mean_s"]

    return over_seeds(age_s, 20)


def endless(loss: float, gap_s: float) -> Estimate:
    """Of ten clients under each of ten seeds, after the first minute; no run comes to its end."""
    workload = {"poisson": {"count": int(400 / gap_s), "mean_gap_s": gap_s}}

    def age_s(seed: int) -> object:
        trace = perform(script(seed, 200.0, workload, loss, policy="hybrid", count=10), "model")
        return measure(trace, within_s=(60.0, 200.0))["age_mean_s"]

    return over_seeds(age_s, 10)


@pytest.mark.parametrize(("loss", "gap_s"), [(0.3, 3.0), (0.6, 2.0), (1.0, 3.0)])
def test_endless_hybrid_runs_are_as_old_as_in_the_model(loss: float, gap_s: float) -> None:
    model = endless(loss, gap_s)
    assert model.low <= age_hybrid_s(1 / gap_s, INTERVAL_S, loss) <= model.high


@pytest.mark.parametrize(("policy", "loss", "gap_s"), [("hybrid", 0.3, 3.0), ("hybrid-cursor", 0.6, 2.0)])
def test_long_runs_are_as_old_as_in_the_fleet(policy: str, loss: float, gap_s: float) -> None:
    # they begin as after a received message, which is felt for about one gap of 300 or more, well inside the interval
    workload = {"poisson": {"count": int(2_000 / gap_s), "mean_gap_s": gap_s}}

    def age_s(seed: int) -> object:
        long = script(seed, 1_000.0, workload, loss, policy=policy, poll_jitter=0.0, count=40)
        return totals(long, "fleet").measures()["age_mean_s"]

    fleet = over_seeds(age_s, 10)
    assert fleet.low <= age_hybrid_s(1 / gap_s, INTERVAL_S, loss) <= fleet.high


@pytest.mark.parametrize("events", [1, 3, 10])
def test_whole_runs_are_as_old_as_in_the_fleet(events: int) -> None:
    polled = whole_runs(events, policy="polling-only")
    assert polled.low <= age_polling_only_s(1 / 3, INTERVAL_S, events) <= polled.high
    received = whole_runs(events, policy="hybrid")
    assert received.low <= age_random_s(1 / 3) <= received.high


@pytest.mark.parametrize("policy", ["websocket-only", "hybrid"])
def test_with_even_events_the_age_is_half_the_gap(policy: str) -> None:
    workload = {"even": {"count": 10, "every_s": 3.0}}
    found = measure(perform(script(1, 60.0, workload, 0.0, policy=policy)))["age_mean_s"]
    assert found == pytest.approx(age_even_s(3.0), rel=1e-12)


@given(x=st.floats(1e-6, 500.0))
def test_with_no_losses_and_with_nothing_but_losses_it_is_the_limit(x: float) -> None:
    assert age_hybrid_s(x, 1.0, 0.0) == pytest.approx(1 / x, rel=1e-9)
    assert age_hybrid_s(x, 1.0, 1.0) == pytest.approx(1 / x + 0.5, rel=1e-9)


@given(x=st.floats(0.01, 20.0), loss=st.floats(0.0, 0.99))
def test_what_is_dropped_makes_it_older(x: float, loss: float) -> None:
    assert age_hybrid_s(x, 1.0, loss) < age_hybrid_s(x, 1.0, loss + 0.01)


def test_long_runs_under_polling_alone_are_as_old_as_endless_ones() -> None:
    # a run's ends are felt for some gaps, of which it has ten thousand
    assert age_polling_only_s(1 / 3, 4.0, 10_000) == pytest.approx(age_hybrid_s(1 / 3, 4.0, 1.0), rel=1e-3)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: age_even_s(0.0), "gap_s must be more than 0 and finite, not 0.0"),
        (lambda: age_random_s(-1.0), "rate_per_s must be more than 0 and finite, not -1.0"),
        (lambda: age_hybrid_s(1.0, 4.0, -0.1), "loss must be a probability from 0 to 1, not -0.1"),
        (lambda: age_polling_only_s(1.0, 4.0, 0), "events must be at least one, not 0"),
    ],
)
def test_bad_input_is_one_sentence(wrong: Callable[[], float], sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        wrong()
    assert str(raised.value) == sentence
