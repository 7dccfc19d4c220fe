"""Herds in closed form, where the scenario is one that theory holds for (`sim.theory.restart`)."""

from math import isclose

from sim.contract.fault import FanoutRestart
from sim.contract.fields import Uniform
from sim.contract.scenario import Scenario
from sim.theory.restart import Restart


def restart_of(scenario: Scenario, fault: FanoutRestart) -> Restart | None:
    """The restart as theory sees it; None where the scenario is out of its range."""
    policy = scenario.policy
    growth = 2 if policy.reconnect == "exponential" else 1
    longest_s = policy.reconnect_max_s if growth == 2 else policy.reconnect_delay_s
    if not (
        policy.websocket
        and policy.polling
        and policy.reconnect != "none"
        and policy.backoff_factor <= 1
        and policy.poll_jitter == 0
        and not policy.catch_up_poll
        and fault.for_s <= min(policy.reconnect_delay_s, longest_s)
        and scenario.faults == (fault,)
        and is_immediate(scenario)
        and _quiet_and_spread(scenario, fault.at_s)
    ):
        return None
    return Restart(
        clients=scenario.client.count,
        interval_s=policy.poll_interval_s,
        delay_s=policy.reconnect_delay_s,
        jitter=policy.jitter,
        away_s=fault.for_s,
        growth=growth,
        longest_s=longest_s,
    )


def is_immediate(scenario: Scenario) -> bool:
    """Whether nothing takes time."""
    waits = scenario.orchestrator.workers or scenario.orchestrator.heartbeat_s is not None
    delays = (scenario.websocket.connect_s, scenario.websocket.latency_s, scenario.polling.latency_s)
    return not waits and all(delay == 0 for delay in delays)


def _quiet_and_spread(scenario: Scenario, before_s: float) -> bool:
    """Whether all messages come before this, and leave clients' polls spread evenly over the interval."""
    start, workload = scenario.client.start_s, scenario.workload
    if not isinstance(start, Uniform) or workload.even or workload.poisson or workload.recorded:
        return False
    rounds = (start.uniform.last_s - start.uniform.first_s) / scenario.policy.poll_interval_s
    latest_s = max((event.at_s for event in (*(workload.events or ()), *workload.other_events)), default=0.0)
    return rounds >= 1 and isclose(rounds, round(rounds)) and start.uniform.last_s + latest_s < before_s
