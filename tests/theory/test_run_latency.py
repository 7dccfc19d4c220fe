"""Latency of whole runs in closed form, held against the fleet: intervals of 99.9 % over seeds."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.totals import Totals
from sim.measure.statistics import mean
from sim.theory.run_drops import MOST
from sim.theory.run_latency import CursorRunLatency, RunLatency
from sim.worlds import totals

GAP_S, CLIENTS, SEEDS, CONFIDENCE = 3.0, 2_000, 10, 0.999


def performed(interval_s: float, events: int, loss: float, **client: Any) -> list[Totals]:
    """Runs of random events; the horizon is one that none comes near."""
    scenario = {
        "title": "Whole runs",
        "horizon_s": 20 * GAP_S * events + 3 * interval_s,
        "client": {"policy": "hybrid", "poll_interval_s": interval_s, "count": CLIENTS} | client,
        "workload": {"poisson": {"count": events, "mean_gap_s": GAP_S}},
        "fault": [{"kind": "message-lost", "probability": loss}],
    }
    return [totals(realize(Scenario.from_dict(scenario), seed), "fleet") for seed in range(SEEDS)]


def held_against(found: list[Totals], theory: RunLatency) -> None:
    average = mean([float(one.measures()["latency_mean_s"] or 0.0) for one in found], CONFIDENCE)
    assert average.low <= theory.mean_s() <= average.high
    for late_s in (theory.interval_s * share for share in (0.0, 0.3, 0.9, 1.4, 2.6)):
        within = [float(one.shown[one.latencies_s <= late_s].sum() / one.shown.sum()) for one in found]
        held = mean(within, CONFIDENCE)
        assert held.low - 1e-9 <= theory.share_within(late_s) <= held.high + 1e-9, late_s  # but for rounding


RUNS = [(1.95, 10, 0.05), (4.0, 10, 0.3), (12.0, 10, 0.05), (2.0, 3, 0.6), (4.0, 1, 0.5), (4.0, 10, 1.0)]


@pytest.mark.parametrize(("interval_s", "events", "loss"), RUNS)
def test_events_of_whole_runs_are_shown_as_late_as_in_the_fleet(interval_s: float, events: int, loss: float) -> None:
    held_against(performed(interval_s, events, loss), RunLatency(1 / GAP_S, interval_s, events, loss))


@pytest.mark.parametrize(("interval_s", "events", "loss"), RUNS)
def test_with_a_cursor_too(interval_s: float, events: int, loss: float) -> None:
    found = performed(interval_s, events, loss, policy="hybrid-cursor", poll_jitter=0.0)
    held_against(found, CursorRunLatency(1 / GAP_S, interval_s, events, loss))


runs = st.builds(RunLatency, st.floats(0.05, 5.0), st.floats(0.1, 10.0), st.integers(1, 8), st.floats(0.0, 1.0))


@settings(max_examples=20, deadline=None)
@given(runs)
def test_what_is_shown_in_the_end_is_what_is_not_lost_for_good(run: RunLatency) -> None:
    # the sum over all ways to be shown, by that of `sim.theory.loss` over all ways to be lost
    assert run.share_within((run.drops.events + 1) * run.interval_s) == pytest.approx(1, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(runs, st.floats(0.0, 0.99))
def test_a_quantile_has_its_share_below_it(run: RunLatency, share: float) -> None:
    late_s = run.quantile_s(share)
    assert run.share_within(late_s) >= share - 1e-5  # found to 1e-7 s
    if late_s > 0:
        assert run.share_within(0.99 * late_s) <= share + 1e-5


@pytest.mark.parametrize("of", [RunLatency, CursorRunLatency])
def test_the_mean_is_that_of_the_distribution(of: type[RunLatency]) -> None:
    run = of(0.5, 3.0, 3, 0.4)
    pieces = (
        integrate.quad(lambda late_s: 1 - run.share_within(late_s), 3.0 * number, 3.0 * (number + 1))[0]
        for number in range(4)
    )
    assert sum(pieces) == pytest.approx(run.mean_s(), rel=1e-6)


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(InputError, match=rf"^events must be at most {MOST}, not {MOST + 1}$"):
        RunLatency(1.0, 4.0, MOST + 1, 0.1)
    with pytest.raises(InputError, match=r"^loss must be a probability from 0 to 1, not 1.5$"):
        RunLatency(1.0, 4.0, 10, 1.5)
    with pytest.raises(InputError, match=r"^share must be from 0 and below 1, not 1.0$"):
        RunLatency(1.0, 4.0, 10, 0.1).quantile_s(1.0)
