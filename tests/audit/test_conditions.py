"""The conditions under which approaches are compared: the same draws for all of them, and room for every run's end."""

import pytest

from sim import realize
from sim.audit.benefits import POLICIES
from sim.audit.conditions import CONDITIONS, DEAD, NO_FAULT, Condition

ALL = [pytest.param(condition, id=condition.name) for condition in (*CONDITIONS, DEAD)]


@pytest.mark.parametrize("condition", ALL)
def test_every_policy_has_the_same_events_losses_and_delays(condition: Condition) -> None:
    first, *others = (realize(condition.scenario.override(policy=policy), 3).client(9) for policy in POLICIES)
    for other in others:
        assert (other.start_us, other.event_us, other.event_lost) == (first.start_us, first.event_us, first.event_lost)
        assert other.event_latency_us == first.event_latency_us
        assert other.connection_lost_us == first.connection_lost_us
        assert other.refused_windows == first.refused_windows


@pytest.mark.parametrize("condition", ALL)
def test_the_horizon_leaves_the_longest_backoff_after_every_run_s_end(condition: Condition) -> None:
    for seed in range(5):
        script = realize(condition.scenario, seed)
        last_us = max(client.event_us[-1] for client in script.all_clients())
        assert last_us + script.backoff_max_us + script.poll_timeout_us < script.horizon_us


@pytest.mark.parametrize("condition", ALL)
def test_events_come_over_30_seconds_on_average(condition: Condition) -> None:
    # a sum of ten exponential gaps has standard deviation 3 x sqrt(10) = 9.5 s, a mean of 250 of them 0.6 s
    lasting_s = [
        (client.event_us[-1] - client.start_us) / 1e6
        for seed in range(5)
        for client in realize(condition.scenario, seed).all_clients()
    ]
    assert sum(lasting_s) / len(lasting_s) == pytest.approx(30, abs=4 * 0.6)


def test_no_condition_says_twice_what_another_says() -> None:
    assert len({condition.name for condition in CONDITIONS}) == len(CONDITIONS)
    assert NO_FAULT.scenario.faults == ()
