"""Polls and openings after a restart in closed form, second by second, held against the fleet over seeds."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.policy import Jitter
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.statistics import mean
from sim.theory.restart import Restart
from sim.worlds import perform, totals

CLIENTS, SEEDS, CONFIDENCE = 4_000, 12, 0.999
AT_S, HORIZON_S, LONGEST_S = 10, 30, 5.0
JITTERS: list[Jitter] = ["none", "equal", "full"]


def scenario(clients: int, restart: Restart) -> Scenario:
    table: dict[str, Any] = {
        "title": "A restart",
        "horizon_s": float(HORIZON_S),
        "client": {
            "count": clients,
            "start_s": {"uniform": [0.0, 2 * restart.interval_s]},
            "poll_interval_s": restart.interval_s,
            "reconnect": "fixed" if restart.growth == 1 else "exponential",
            "reconnect_delay_s": restart.delay_s,
            "reconnect_max_s": LONGEST_S,
            "jitter": restart.jitter,
        },
        "fault": [{"kind": "fanout-restart", "at_s": float(AT_S), "for_s": restart.away_s}],
    }
    return Scenario.from_dict(table)


def held_against_the_fleet(restart: Restart) -> None:
    """Every second from the restart on; all intervals together hold 99.9 % (Bonferroni's inequality)."""
    counted = [
        found.polls_per_s[AT_S:HORIZON_S] + found.openings_per_s[AT_S:HORIZON_S]
        for found in (totals(realize(scenario(CLIENTS, restart), seed), "fleet") for seed in range(SEEDS))
    ]
    for second in range(HORIZON_S - AT_S):
        found = mean([float(seconds[second]) for seconds in counted], 1 - (1 - CONFIDENCE) / (HORIZON_S - AT_S))
        expected = restart.requests(second, second + 1)
        assert found.low - 1e-6 <= expected <= found.high + 1e-6, (second, found, expected)  # but for rounding


@pytest.mark.parametrize("jitter", JITTERS)
@pytest.mark.parametrize("away_s", [1e-6, 1.0, 3.5])
def test_each_second_sees_as_many_requests_as_expected(jitter: Jitter, away_s: float) -> None:
    held_against_the_fleet(Restart(CLIENTS, 4.0, 4.0, jitter, away_s, 2, LONGEST_S))


@pytest.mark.parametrize("jitter", JITTERS)
def test_so_it_does_with_delays_that_do_not_grow_and_another_interval(jitter: Jitter) -> None:
    held_against_the_fleet(Restart(CLIENTS, 2.5, 6.0, jitter, 5.0))


@pytest.mark.parametrize(("jitter", "growth"), [("equal", 1), ("equal", 2), ("full", 1), ("full", 2)])
def test_as_many_attempts_are_refused_as_in_the_model(jitter: Jitter, growth: int) -> None:
    restart = Restart(100, 4.0, 4.0, jitter, 3.5, growth, LONGEST_S)
    traces = [perform(realize(scenario(100, restart), seed), "model") for seed in range(SEEDS)]
    refused = [
        float(sum(kind == "websocket_closed" and why == "refused" for _, _, kind, _, why in t))
        for t in (trace.rows for trace in traces)
    ]
    found = mean(refused, CONFIDENCE)
    assert found.low <= restart.refused_attempts() <= found.high


def test_refusals_with_fixed_delays_are_the_closed_form() -> None:
    assert Restart(100, 4.0, 4.0, "full", 3.0).refused_attempts() == pytest.approx(100 * math.expm1(0.75), rel=1e-12)
    assert Restart(100, 4.0, 4.0, "equal", 3.0).refused_attempts() == pytest.approx(50.0, rel=1e-12)
    assert Restart(100, 4.0, 4.0, "none", 3.0).refused_attempts() == 0


@given(st.sampled_from(JITTERS), st.floats(0.01, 100.0), st.floats(0.0, 1.0), st.integers(1, 2))
def test_everybody_is_open_again_once_and_seconds_add_up(
    jitter: Jitter, delay_s: float, share: float, growth: int
) -> None:
    restart = Restart(1_000, 1e9, delay_s, jitter, share * delay_s, growth)
    # hardly a poll in 1e9 s
    edges_s = [0.0, delay_s / 3, delay_s, 3 * delay_s, 1e4 * delay_s]
    parts = [restart.requests(begin, end) for begin, end in pairwise(edges_s)]
    assert min(parts) >= -1e-6
    assert sum(parts) == pytest.approx(1_000, abs=1e-2)


def test_what_is_out_of_range_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^away_s must be at most the first delay, 4.0, not 5.0$"):
        Restart(100, 4.0, 4.0, "full", 5.0)
    with pytest.raises(InputError, match=r"^delay_s must be more than 0"):
        Restart(100, 4.0, 0.0, "full")
