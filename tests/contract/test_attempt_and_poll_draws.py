"""The draws of attempts to connect and of polls, by number (C7, C8, C9, C10, O5, B6, B7)."""

import math

import numpy as np
import pytest
from hypothesis import given

from sim.contract.block import ATTEMPTS
from sim.contract.draws import BLOCK
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from tests.contract.drawing import clients, scenario
from tests.strategies import scenarios

# Attempts


@pytest.mark.parametrize(
    ("client", "attempts"),
    [
        ({"policy": "hybrid"}, 1),
        ({"policy": "websocket-only"}, 1),
        ({"policy": "polling-only"}, 0),
        ({"policy": "hybrid", "reconnect": "fixed"}, ATTEMPTS),
        ({"policy": "websocket-only", "reconnect": "exponential"}, ATTEMPTS),
    ],
)
def test_c10_a_client_has_draws_for_one_attempt_and_for_32_if_it_reconnects(
    client: dict[str, object], attempts: int
) -> None:
    assert ATTEMPTS == 32
    assert len(realize(scenario(client=client)).client(0).connect_us) == attempts


def test_c10_attempts_draw_each_for_themselves() -> None:
    client = {"reconnect": "fixed", "jitter": "equal"}
    block = realize(scenario(client=client, websocket={"connect_s": {"uniform": [0, 1]}})).block(0)
    for draws in (block.connect_us, block.reconnect_draw):
        assert len({tuple(column) for column in draws.T.tolist()}) == ATTEMPTS


@pytest.mark.parametrize("jitter", ["none", "equal", "full"])
@pytest.mark.parametrize("reconnect", ["none", "fixed", "exponential"])
def test_c10_only_who_reconnects_with_jitter_draws_for_it(reconnect: str, jitter: str) -> None:
    jittered = reconnect != "none" and jitter != "none"
    script = realize(scenario(client={"reconnect": reconnect, "jitter": jitter}))
    assert len(script.client(0).reconnect_draw) == (ATTEMPTS if jittered else 0)


def test_c10_the_draw_for_jitter_is_the_same_for_every_way_to_reconnect() -> None:
    """So that policies compare on the same luck."""
    ways = [
        {"reconnect": reconnect, "jitter": jitter, "reconnect_delay_s": delay_s}
        for reconnect in ("fixed", "exponential")
        for jitter in ("equal", "full")
        for delay_s in (0.5, 2.0)
    ]
    draws = [realize(scenario(client=way)).client(0).reconnect_draw for way in ways]
    assert all(draw == draws[0] for draw in draws)


def test_c10_a_draw_for_jitter_is_uniform_over_32_bits() -> None:
    """n = 65,536 x 32: each of 16 equal shares is hit by n/16, within five standard errors."""
    client = {"count": BLOCK, "reconnect": "fixed", "jitter": "full"}
    draws = realize(scenario(client=client)).block(0).reconnect_draw
    assert draws.min() >= 0
    assert draws.max() < 2**32
    shares = np.bincount((draws >> 28).ravel(), minlength=16) / draws.size
    assert len(shares) == 16
    assert np.abs(shares - 1 / 16).max() < 5 * math.sqrt(1 / 16 * 15 / 16 / draws.size)


# Polls


def test_o5_without_workers_no_poll_takes_service() -> None:
    assert set(realize(scenario()).client(0).poll_service_us) == {0}


def test_o5_each_poll_takes_the_service_it_draws() -> None:
    table = {"workers": 1, "service_s": {"uniform": [0.5, 1]}}
    service_us = realize(scenario(orchestrator=table)).block(0).poll_service_us
    assert ((service_us >= 500_000) & (service_us <= 1_000_000)).all()
    assert not np.array_equal(service_us[:, 0], service_us[:, 1])
    assert realize(scenario(orchestrator={"workers": 3, "service_s": 0.25})).client(0).poll_service_us[0] == 250_000


def test_b7_a_client_without_polling_draws_no_polls() -> None:
    assert realize(scenario(client={"policy": "websocket-only"})).client(0).poll_latency_us == []


@given(scenarios())
def test_there_are_as_many_poll_draws_as_polls_can_be_sent(s: Scenario) -> None:
    """One an interval and one at mount (B6)."""
    script = realize(s)
    shortest_us = script.poll_interval_us
    if s.policy.backoff_factor > 1:
        shortest_us = min(shortest_us, script.backoff_max_us)
    if s.policy.polling:
        assert script.most_polls >= script.horizon_us // shortest_us + 1
    for client in clients(script):
        draws = (client.poll_latency_us, client.poll_service_us, client.poll_fate)
        assert [len(draw) for draw in draws] == [script.most_polls] * 3
        assert len(client.poll_jitter_draw) == (script.most_polls if s.policy.poll_jitter else 0)


def test_c7_a_cap_below_the_interval_allows_more_polls() -> None:
    """The interval is min(poll_interval, max) even at n = 0."""
    client = {"policy": "hybrid-backoff", "poll_interval_s": 4.0, "backoff_max_s": 1.0, "poll_at_mount": True}
    assert realize(scenario(client=client)).most_polls >= 20 + 1


def test_p7_what_may_make_a_poll_owed_has_draws_of_its_own() -> None:
    """Each event, each heartbeat, and each attempt with a draw of its own (B20)."""
    hybrid = realize(scenario()).most_polls
    heartbeat = {"heartbeat_s": 2.0}
    assert realize(scenario(client={"catch_up_poll": True})).most_polls == hybrid + 32
    assert realize(scenario(client={"gap_poll": True})).most_polls == hybrid + 3
    assert realize(scenario(client={"final_poll": True}, orchestrator=heartbeat)).most_polls == hybrid + 3 + 10
    assert realize(scenario(orchestrator=heartbeat)).most_polls == hybrid


def test_p10_jitter_draws_32_bits_per_poll_and_leaves_other_draws_alone() -> None:
    polling = {"latency_s": {"uniform": [0, 1]}}
    script = realize(scenario(client={"poll_jitter": 0.25, "count": 3}, polling=polling))
    draws = [client.poll_jitter_draw for client in clients(script)]
    assert all(0 <= draw < 1 << 32 for drawn in draws for draw in drawn)
    assert len({draw for drawn in draws for draw in drawn}) == 3 * script.most_polls
    without = realize(scenario(client={"count": 3}, polling=polling))
    assert [c.poll_latency_us for c in clients(script)] == [c.poll_latency_us for c in clients(without)]
