"""Closed form: what theory says of a scenario's measures, where it holds for the scenario (docs/theory.md)."""

from dataclasses import replace

from scipy import special

from sim.contract.fault import MessageLost
from sim.contract.fields import Uniform
from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.contract.totals import QUANTILES
from sim.experiments.herd_theory import is_immediate
from sim.theory.gaps import PoissonGaps
from sim.theory.loss import events_lost
from sim.theory.polls import polls_per_run
from sim.theory.run_drops import MOST
from sim.theory.run_latency import RunLatency

CUT_OFF = 1e-4
"""The share of runs that the horizon may cut short."""


def expected(scenario: Scenario, measure: str) -> float | None:
    """The measure in closed form; None where there is none.

    For `hybrid`, of events at random that come with nothing but losses at random, where hardly a run meets the horizon.
    """
    random, interval_s, loss = scenario.workload.poisson, scenario.policy.poll_interval_s, _loss(scenario)
    if random is None or loss is None or not _holds(scenario):
        return None
    rate_per_s = 1 / random.mean_gap_s
    gaps = PoissonGaps(rate_per_s, interval_s)
    if measure in ("poll_requests", "polls_per_s_mean"):
        polls = scenario.client.count * polls_per_run(gaps, random.count, loss)
        return polls if measure == "poll_requests" else polls / scenario.horizon_s
    if measure == "events_lost":
        return scenario.client.count * events_lost(gaps, random.count, loss)
    latency = RunLatency(rate_per_s, interval_s, random.count, loss)
    if measure == "latency_mean_s":
        return latency.mean_s()
    return latency.quantile_s(QUANTILES[measure]) if measure in QUANTILES else None


def _holds(scenario: Scenario) -> bool:
    """Whether theory holds for the scenario, but for what goes wrong in it."""
    policy, random, start = scenario.policy, scenario.workload.poisson, scenario.client.start_s
    if (
        policy != replace(PRESETS["hybrid"], poll_interval_s=policy.poll_interval_s)
        or random is None
        or not (0 < random.count <= MOST and random.mean_gap_s > 0)
        or scenario.workload.other_events
        or not is_immediate(scenario)
        or not isinstance(start, float | int | Uniform)
    ):
        return False
    latest_s = start.uniform.last_s if isinstance(start, Uniform) else start
    left_s = max(scenario.horizon_s - latest_s - policy.poll_interval_s, 0.0)
    return float(special.gammaincc(random.count, left_s / random.mean_gap_s)) <= CUT_OFF


def _loss(scenario: Scenario) -> float | None:
    """The probability with which each message is dropped; None where something else goes wrong."""
    if not scenario.faults:
        return 0.0
    fault, *others = scenario.faults
    if others or not isinstance(fault, MessageLost) or fault.probability is None or fault.fraction != 1:
        return None
    return fault.probability
