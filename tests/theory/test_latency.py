"""Latency in closed form, held against the model far from the beginning of a run: intervals of 99.9 % over seeds."""

from math import exp, expm1, inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.metrics import latencies_us
from sim.measure.statistics import Estimate, mean
from sim.theory.latency import CursorLatency, HybridLatency, PollingLatency
from sim.theory.latency_even import latency_even_s
from sim.worlds import perform

SEEDS, CLIENTS, CONFIDENCE = 12, 20, 0.999
FROM_S, HORIZON_S = 60.0, 300.0
INTERVAL_S = 4.0
SHARES = (0.5, 0.9, 0.99)


def found(loss: float, gap_s: float, **more: Any) -> list[np.ndarray[Any, Any]]:
    """Latencies in seconds of what is shown after the first minute, per seed; no run comes to its end."""
    scenario = {
        "title": "An endless run",
        "horizon_s": HORIZON_S,
        "client": {"poll_interval_s": INTERVAL_S, "count": CLIENTS, "policy": more.pop("policy", "hybrid")},
        "workload": {"poisson": {"count": int(2 * HORIZON_S / gap_s), "mean_gap_s": gap_s}},
        "fault": [{"kind": "message-lost", "probability": loss}] if loss else [],
    } | more
    traces = (perform(realize(Scenario.from_dict(scenario), seed), "model") for seed in range(SEEDS))
    return [
        np.array(latencies_us([row for row in trace.rows if row[0] >= FROM_S * 1e6], trace.rows)) / 1e6
        for trace in traces
    ]


def mean_of(latencies_s: list[np.ndarray[Any, Any]]) -> Estimate:
    return mean([float(values.mean()) for values in latencies_s], CONFIDENCE)


def share_within(latencies_s: list[np.ndarray[Any, Any]], longest_s: float) -> Estimate:
    return mean([float((values <= longest_s).mean()) for values in latencies_s], CONFIDENCE)


@pytest.mark.parametrize(("loss", "gap_s"), [(0.3, 3.0), (0.6, 2.0), (1.0, 3.0)])
def test_the_hybrid_shows_events_as_late_as_in_the_model(loss: float, gap_s: float) -> None:
    theory, model = HybridLatency(1 / gap_s, INTERVAL_S, loss), found(loss, gap_s)
    whole = mean_of(model)
    assert whole.low <= theory.mean_s() <= whole.high
    at_once = share_within(model, 0)
    assert at_once.low <= 1 - loss <= at_once.high
    for share in SHARES:
        if share > 1 - loss:
            within = share_within(model, theory.quantile_s(share))
            assert within.low <= share <= within.high, share


@pytest.mark.parametrize(("loss", "gap_s"), [(0.3, 3.0), (1.0, 3.0)])
def test_the_cursor_shows_events_as_late_as_in_the_model(loss: float, gap_s: float) -> None:
    theory = CursorLatency(1 / gap_s, INTERVAL_S, loss)
    client = {"policy": "hybrid-cursor", "poll_jitter": 0.0, "poll_interval_s": INTERVAL_S, "count": CLIENTS}
    model = found(loss, gap_s, client=client)
    whole = mean_of(model)
    assert whole.low <= theory.mean_s() <= whole.high
    for share in SHARES:
        if share > 1 - loss:
            within = share_within(model, theory.quantile_s(share))
            assert within.low <= share <= within.high, share


@pytest.mark.parametrize(("loss", "gap_s"), [(0.3, 3.0), (0.3, 4.0), (0.5, 7.0)])
def test_with_even_events_the_hybrid_shows_them_as_late_as_in_the_model(loss: float, gap_s: float) -> None:
    model = mean_of(found(loss, gap_s, workload={"even": {"count": int(2 * HORIZON_S / gap_s), "every_s": gap_s}}))
    assert model.low <= latency_even_s(gap_s, INTERVAL_S, loss) <= model.high


def test_with_even_events_what_never_polls_is_never_shown_and_what_is_not_dropped_is_shown_at_once() -> None:
    assert latency_even_s(1e-3, 1.0, 0.1) == inf
    assert latency_even_s(3.0, 4.0, 0.0) == 0.0


@pytest.mark.parametrize("latency_s", [0.0, 1.0])
def test_polling_alone_shows_events_as_late_as_in_the_model(latency_s: float) -> None:
    theory = PollingLatency(INTERVAL_S, latency_s)
    model = found(0.0, 3.0, policy="polling-only", polling={"latency_s": latency_s})
    whole = mean_of(model)
    assert whole.low <= theory.mean_s() <= whole.high
    for share in SHARES:
        within = share_within(model, theory.quantile_s(share))
        assert within.low <= share <= within.high, share


def test_the_mean_is_the_closed_form() -> None:
    rate, y = 0.7 / 3, 2.8 / 3
    theory = HybridLatency(1 / 3, INTERVAL_S, 0.3).mean_dropped_s()
    assert theory == pytest.approx(exp(y) * (exp(y) - 1 - y) / (rate * expm1(y)), rel=1e-12)


@settings(max_examples=25)
@given(loss=st.floats(0.4, 1.0), x=st.floats(1e-9, 2.0))
def test_the_mean_is_that_of_the_distribution(loss: float, x: float) -> None:
    theory = HybridLatency(x, 1.0, loss)
    times_s = np.linspace(0, 40, 2001)
    later = [1 - theory.share_dropped_within(float(time_s)) for time_s in times_s]
    # y <= 1.2: beyond 40 intervals less than e^-25 is left; the trapezium is exact to the square of its steps of 0.02
    assert np.trapezoid(later, times_s) == pytest.approx(theory.mean_dropped_s(), abs=1e-4)


@given(loss=st.floats(0.01, 1.0), x=st.floats(1e-6, 3.0), share=st.floats(0.0, 0.9))
def test_a_quantile_has_its_share_below_it(loss: float, x: float, share: float) -> None:
    theory = HybridLatency(x, 1.0, loss)
    dropped = theory.share_dropped_within(theory.quantile_s(share))
    # bisection stops at 2e-12 intervals, and the terms that cancel leave ten digits
    assert 1 - loss + loss * dropped == pytest.approx(max(share, 1 - loss), abs=1e-9)


@settings(max_examples=10)
@given(loss=st.floats(0.01, 1.0), x=st.floats(1e-6, 50.0))
def test_the_cursors_quantiles_and_mean_are_of_one_distribution(loss: float, x: float) -> None:
    theory, steps = CursorLatency(x, 1.0, loss), 2_000
    shares = (np.arange(steps) + 0.5) / steps
    # the mean is the integral of the quantiles; they rise from 0 to 1 at the most, so that steps miss half of one
    assert np.mean([theory.quantile_s(float(share)) for share in shares]) == pytest.approx(
        theory.mean_s(), abs=1 / steps
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: HybridLatency(1.0, 4.0, 1.5), "loss must be a probability from 0 to 1, not 1.5"),
        (lambda: HybridLatency(1.0, 0.0, 0.5), "interval_s must be more than 0 and finite, not 0.0"),
        (lambda: HybridLatency(1.0, 4.0, 0.5).quantile_s(1.0), "share must be from 0 and below 1, not 1.0"),
        (
            lambda: HybridLatency(1.0, 4.0, 0.5).share_dropped_within(161.0),
            "latency_s must be at most 40 intervals, not 161.0, where digits cancel",
        ),
        (
            lambda: HybridLatency(2.0, 4.0, 0.5).quantile_s(0.99),
            "share 0.99 is beyond the latencies of 40 intervals, where digits cancel",
        ),
        (lambda: latency_even_s(3.0, 4.0, 1.0), "loss must be from 0 and below 1, not 1.0"),
        (lambda: latency_even_s(1e-9, 4.0, 0.5), "gap_s and interval_s must be a microsecond or more, not 1e-09"),
        (lambda: PollingLatency(4.0, -1.0), "latency_s must be 0 or more and finite, not -1.0"),
    ],
)
def test_bad_input_is_one_sentence(wrong: Any, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        wrong()
    assert str(raised.value) == sentence
