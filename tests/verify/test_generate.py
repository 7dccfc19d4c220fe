"""The random scenarios reach all that the exact worlds perform: each mechanism that loses or delays messages."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.contract.fault import SlowReader
from sim.contract.scenario import Scenario
from sim.verify.generate import scenarios, small


def has(kind: str, **keys: Any) -> Callable[[Scenario], bool]:
    def found(scenario: Scenario) -> bool:
        return any(
            fault.kind == kind and all(getattr(fault, key) == value for key, value in keys.items())
            for fault in scenario.faults
        )

    return found


WANTED: dict[str, Callable[[Scenario], bool]] = {
    "a closed loss": has("connection-lost", manner="closed"),
    "a half-open loss": has("connection-lost", manner="half-open"),
    "a refused attempt": has("connection-refused"),
    "a burst": lambda s: any(getattr(fault, "burst", None) for fault in s.faults),
    "a goodbye": has("fanout-restart", manner="graceful"),
    "a kill": has("fanout-restart", manner="killed"),
    "an outage of Redis": has("redis-outage"),
    "a partition of some": lambda s: any(f.kind == "partition" and f.fraction < 1 for f in s.faults),
    "a poll that times out": has("poll-failed", manner="timeout"),
    "a fixed delay in full jitter": lambda s: (s.policy.reconnect, s.policy.jitter) == ("fixed", "full"),
    "a growing delay in equal jitter": lambda s: (s.policy.reconnect, s.policy.jitter) == ("exponential", "equal"),
    "a queue of one worker that turns away": lambda s: s.orchestrator.workers == 1 and s.orchestrator.queue_limit == 0,
    "pings within the horizon": lambda s: s.fanout.ping_every_s + s.fanout.pong_within_s < s.horizon_s,
    "tries to subscribe within the horizon": lambda s: s.fanout.resubscribe_s < s.horizon_s,
    "no fault at all": lambda s: not s.faults,
}


@pytest.fixture(scope="module")
def sample() -> list[Scenario]:
    """Random scenarios, the same ones every time."""
    found: list[Scenario] = []

    @seed(0)
    @settings(max_examples=600, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(scenarios())
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    collect()
    return found


@pytest.mark.parametrize("wanted", sorted(WANTED))
def test_among_hundreds_there_are_some_with(sample: list[Scenario], wanted: str) -> None:
    assert any(map(WANTED[wanted], sample))


@given(scenarios())
def test_there_is_nothing_that_the_exact_worlds_do_not_perform(scenario: Scenario) -> None:
    policy = scenario.policy
    assert not any(isinstance(fault, SlowReader) for fault in scenario.faults)
    assert [policy.gap_poll, policy.final_poll, policy.catch_up_poll] == [False] * 3


@given(small())
def test_small_ones_stay_small(scenario: Scenario) -> None:
    assert scenario.client.count <= 4
    assert scenario.horizon_s <= 24e-6
    assert len(scenario.faults) <= 4


@given(small(faulty=False))
def test_small_ones_without_faults_have_nothing_that_loses_or_delays(scenario: Scenario) -> None:
    assert not scenario.faults
    assert not scenario.orchestrator.workers
