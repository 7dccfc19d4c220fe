"""Closed form: what theory says of a scenario's measures, where it holds for the scenario (docs/theory.md)."""

from dataclasses import replace

from scipy import special

from sim.contract.fault import MessageLost
from sim.contract.fields import Uniform
from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.experiments.herd_theory import is_immediate
from sim.theory.gaps import PoissonGaps
from sim.theory.loss import events_lost
from sim.theory.polls import polls_per_run
from sim.theory.run_latency import MOST, RunLatency

QUANTILES = {"latency_p50_s": 0.5, "latency_p95_s": 0.95, "latency_p99_s": 0.99}

CUT_OFF = 1e-4
"""The share of runs that the horizon may cut short."""


def expected(scenario: Scenario, measure: str) -> float | None:
    """The measure in closed form; None where there is none.

    For `hybrid`, of events at random that come with nothing but losses at random, where hardly a run meets the horizon.
    """
    run = _run_of(scenario)
    if run is None:
        return None
    gaps = PoissonGaps(run.rate_per_s, run.interval_s)
    if measure in ("poll_requests", "polls_per_s_mean"):
        polls = scenario.client.count * polls_per_run(gaps, run.events, run.loss)
        return polls if measure == "poll_requests" else polls / scenario.horizon_s
    if measure == "events_lost":
        return scenario.client.count * events_lost(gaps, run.events, run.loss)
    if measure == "latency_mean_s":
        return run.mean_s()
    return run.quantile_s(QUANTILES[measure]) if measure in QUANTILES else None


def _run_of(scenario: Scenario) -> RunLatency | None:
    """A run of the scenario as theory sees it; None where the scenario is out of its range."""
    policy, random, start = scenario.policy, scenario.workload.poisson, scenario.client.start_s
    loss = _loss(scenario)
    if (
        policy != replace(PRESETS["hybrid"], poll_interval_s=policy.poll_interval_s)
        or random is None
        or not (0 < random.count <= MOST and random.mean_gap_s > 0)
        or scenario.workload.other_events
        or loss is None
        or not is_immediate(scenario)
        or not isinstance(start, float | int | Uniform)
    ):
        return None
    latest_s = start.uniform.last_s if isinstance(start, Uniform) else start
    left_s = max(scenario.horizon_s - latest_s - policy.poll_interval_s, 0.0)
    if special.gammaincc(random.count, left_s / random.mean_gap_s) > CUT_OFF:
        return None
    return RunLatency(1 / random.mean_gap_s, policy.poll_interval_s, random.count, loss)


def _loss(scenario: Scenario) -> float | None:
    """The probability with which each message is dropped; None where something else goes wrong."""
    if not scenario.faults:
        return 0.0
    fault, *others = scenario.faults
    if others or not isinstance(fault, MessageLost) or fault.probability is None or fault.fraction != 1:
        return None
    return fault.probability
