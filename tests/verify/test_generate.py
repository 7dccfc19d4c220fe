"""The random scenarios reach all that the exact worlds perform: each mechanism that loses or delays messages."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.contract.fault import SlowReader
from sim.contract.scenario import Scenario
from sim.verify.duty import may_owe
from sim.verify.generate import listings, scenarios, small, wide


def has(kind: str, **keys: Any) -> Callable[[Scenario], bool]:
    def found(scenario: Scenario) -> bool:
        return any(
            fault.kind == kind and all(getattr(fault, key) == value for key, value in keys.items())
            for fault in scenario.faults
        )

    return found


def chooses(*polls: str) -> Callable[[Scenario], bool]:
    """Of the polls at once exactly these."""
    return lambda s: (
        {name for name in ("gap_poll", "final_poll", "catch_up_poll") if getattr(s.policy, name)} == set(polls)
    )


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
    "gap polls alone": chooses("gap_poll"),
    "final polls alone": chooses("final_poll"),
    "catch-up polls alone": chooses("catch_up_poll"),
    "all of the cursor protocol": chooses("gap_poll", "final_poll", "catch_up_poll"),
    "jitter of polls": lambda s: s.policy.poll_jitter > 0,
    "backoff after errors": lambda s: s.policy.error_backoff_factor > 1,
    "Retry-After from a full queue": lambda s: (
        s.policy.retry_after and s.orchestrator.workers > 0 and s.orchestrator.queue_limit == 0
    ),
    "heartbeats within the horizon": lambda s: (s.orchestrator.heartbeat_s or s.horizon_s) < s.horizon_s,
    "heartbeats for a client that does not go by sequence": lambda s: (
        s.orchestrator.heartbeat_s is not None and not s.policy.by_sequence
    ),
}


@pytest.fixture(scope="module")
def sample() -> list[Scenario]:
    """Random scenarios of several searches: each varies what it has drawn before, and one may keep to few kinds."""
    found: list[Scenario] = []

    @settings(max_examples=200, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(scenarios())
    def collect(scenario: Scenario) -> None:
        found.append(scenario)

    for number in range(4):
        seed(number)(collect)()
    return found


@pytest.mark.parametrize("wanted", sorted(WANTED))
def test_among_hundreds_there_are_some_with(sample: list[Scenario], wanted: str) -> None:
    assert any(map(WANTED[wanted], sample))


@given(scenarios())
def test_there_is_nothing_that_the_exact_worlds_do_not_perform(scenario: Scenario) -> None:
    assert not any(isinstance(fault, SlowReader) for fault in scenario.faults)
    assert scenario.policy.listing == "none"


@given(small() | wide())
def test_unless_asked_for_nobody_goes_by_sequence_and_nothing_beats(scenario: Scenario) -> None:
    assert not may_owe(scenario.policy)
    assert scenario.orchestrator.heartbeat_s is None
    assert (scenario.policy.poll_jitter, scenario.policy.error_backoff_factor) == (0.0, 1.0)


@given(listings())
def test_listings_are_drawn_by_themselves(scenario: Scenario) -> None:
    assert scenario.policy.listing != "none"


@given(small())
def test_small_ones_stay_small(scenario: Scenario) -> None:
    assert scenario.client.count <= 4
    assert scenario.horizon_s <= 24e-6
    assert len(scenario.faults) <= 4


@given(small(faulty=False))
def test_small_ones_without_faults_have_nothing_that_loses_or_delays(scenario: Scenario) -> None:
    assert not scenario.faults
    assert not scenario.orchestrator.workers
