"""Messages on their way in closed form, held against the fleet: intervals of 99.9 % over seeds."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import integrate

from sim.contract.errors import InputError
from sim.contract.fields import Duration
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.statistics import Estimate, mean
from sim.theory.durations import excess_s, share_within
from sim.theory.messages import MessageLatency
from sim.worlds import totals

CLIENTS, EVENTS, GAP_S, SEEDS, CONFIDENCE = 50, 600, 0.2, 8, 0.999
DURATION: TypeAdapter[Duration] = TypeAdapter(Duration)
DURATIONS = [
    0.3,
    {"uniform": [0.1, 1.0]},
    {"exponential": {"mean": 0.5}},
    {"lognormal": {"median": 0.1, "p99": 2.0}},
]


def duration(written: object) -> Duration:
    return DURATION.validate_python(written, context={})


def measured(latency_s: object, loss: float = 0.0) -> list[dict[str, Any]]:
    scenario = {
        "title": "Messages on their way",
        "horizon_s": 2 * EVENTS * GAP_S,
        "client": {"policy": "websocket-only", "count": CLIENTS},
        "workload": {"poisson": {"count": EVENTS, "mean_gap_s": GAP_S}},
        "websocket": {"latency_s": latency_s},
        "fault": [{"kind": "message-lost", "probability": loss}] if loss else [],
    }
    found = (totals(realize(Scenario.from_dict(scenario), seed), "fleet") for seed in range(SEEDS))
    return [one.measures() for one in found]


def estimate(found: list[dict[str, Any]], name: str) -> Estimate:
    return mean([float(one[name]) for one in found], CONFIDENCE)


@pytest.mark.parametrize(("latency_s", "loss"), list(zip(DURATIONS[1:], (0.0, 0.6, 0.3), strict=True)))
def test_messages_that_do_not_overtake_take_as_long_as_in_the_fleet(latency_s: object, loss: float) -> None:
    # the first of a run find nobody before them: less than the interval's width
    theory, found = MessageLatency((1 - loss) / GAP_S, duration(latency_s)), measured(latency_s, loss)
    whole = estimate(found, "latency_mean_s")
    assert whole.low <= theory.mean_s() <= whole.high
    assert excess_s(theory.latency_s, 0.0) < whole.low  # what they would take if they could overtake
    for name, share in (("latency_p50_s", 0.5), ("latency_p95_s", 0.95)):
        within = estimate(found, name)
        resolution = within.value / 256  # of the fleet's quantiles
        assert within.low - resolution <= theory.quantile_s(share) <= within.high + resolution


def test_a_constant_latency_is_what_every_message_takes() -> None:
    theory = MessageLatency(5.0, 0.3)
    assert theory.mean_s() == pytest.approx(0.3, abs=1e-8)
    assert theory.quantile_s(0.99) == pytest.approx(0.3, abs=1e-8)
    assert MessageLatency(5.0, 0.0).quantile_s(0.99) == 0.0
    assert MessageLatency(5.0, 0.0).mean_s() == 0.0


@pytest.mark.parametrize("latency_s", DURATIONS)
def test_where_messages_are_rare_each_takes_its_own_latency(latency_s: object) -> None:
    rare = MessageLatency(1e-9, duration(latency_s))
    assert rare.mean_s() == pytest.approx(excess_s(rare.latency_s, 0.0), rel=1e-6)


@pytest.mark.parametrize("latency_s", [*DURATIONS, {"uniform": [0.3, 0.3]}, {"lognormal": {"median": 0.3, "p99": 0.3}}])
@given(time_s=st.floats(0.0, 3.0))
def test_the_excess_is_the_integral_of_what_is_longer(latency_s: object, time_s: float) -> None:
    drawn = duration(latency_s)
    ends = sorted({time_s, *(end for end in (0.1, 0.3, 1.0, 3.0, 10.0, 100.0) if end > time_s)})  # kinks are at ends
    longer = sum(
        integrate.quad(lambda u: 1 - share_within(drawn, u), begin, end)[0] for begin, end in itertools.pairwise(ends)
    )
    # a lognormal one is longer than 100 s once in 1e7
    assert excess_s(drawn, time_s) == pytest.approx(longer, abs=1e-5)


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^rate_per_s must be more than 0 and finite, not 0$"):
        MessageLatency(0, 0.1)
    with pytest.raises(InputError, match=r"^share must be from 0 and below 1, not 1.0$"):
        MessageLatency(1.0, 0.1).quantile_s(1.0)
