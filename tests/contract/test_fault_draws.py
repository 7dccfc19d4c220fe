"""What each fault makes of a script: which messages, connections and polls of which clients (L2 to L9, C9, B8)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.draws import BLOCK, NEVER
from sim.contract.fault import hit_mask
from sim.contract.script import ANSWERED, ERROR, TIMEOUT, ClientScript, PollWindow, realize
from tests.contract.drawing import SEEDS, clients, scenario

# Messages


def test_message_lost_by_index_hits_that_event_alone() -> None:
    script = realize(scenario(fault=[{"kind": "message-lost", "event": 1}])).client(0)
    assert (script.event_lost, script.other_lost) == ([False, True, False], [False])


def test_message_lost_by_probability_hits_the_users_other_events_too() -> None:
    script = realize(scenario(fault=[{"kind": "message-lost", "probability": 1.0}])).client(0)
    assert (script.event_lost, script.other_lost) == ([True] * 3, [True])


def test_l8_bursts_hit_the_users_other_events_too() -> None:
    always = {"kind": "message-lost", "burst": {"enter": 1, "leave": 0}}
    script = realize(scenario(fault=[always])).client(0)
    assert (script.event_lost, script.other_lost) == ([True] * 3, [True])


def test_a_message_is_lost_when_any_fault_says_so() -> None:
    faults = [{"kind": "message-lost", "event": n} for n in (0, 2)] + [{"kind": "message-lost", "probability": 0.0}]
    assert realize(scenario(fault=faults)).client(0).event_lost == [True, False, True]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "message-lost", "event": 0},
        {"kind": "message-lost", "probability": 1.0},
        {"kind": "connection-lost", "at_s": 1.0},
        {"kind": "connection-lost", "between_s": [1, 2]},
        {"kind": "message-lost", "burst": {"enter": 1.0, "leave": 0.5, "lost": 1.0}},
        {"kind": "connection-lost", "at_s": 1.0, "manner": "half-open"},
        {"kind": "connection-lost", "between_s": [1, 2], "manner": "half-open"},
        {"kind": "partition", "at_s": 0.0, "for_s": 1.0},
        {"kind": "connection-refused", "from_s": 0.0, "until_s": 1.0},
        {"kind": "poll-failed", "polls": [1]},
        {"kind": "poll-failed", "probability": 1.0},
        {"kind": "poll-failed", "from_s": 0.0, "until_s": 1.0},
    ],
    ids=lambda fault: "-".join(map(str, fault)),
)
def test_a_fraction_limits_a_fault_to_the_clients_of_its_rule(fault: dict[str, object]) -> None:
    def touched(c: ClientScript) -> bool:
        windows = (*c.refused_windows, *c.poll_windows, *c.partition_windows)
        losses = (*c.event_lost, *c.other_lost, *c.connection_lost_us, *c.half_open_us)
        return any([*losses, *c.poll_fate, *windows])

    script = realize(scenario(client={"count": 100}, fault=[fault | {"fraction": 0.29}]))
    assert [touched(client) for client in clients(script)] == hit_mask(0.29, 0, 100).tolist()


@pytest.mark.parametrize(
    ("hits", "fault"),
    [
        ("refused", {"kind": "connection-refused", "from_s": 0.0, "until_s": 1.0}),
        ("partitioned", {"kind": "partition", "at_s": 0.0, "for_s": 1.0}),
        ("poll_window", {"kind": "poll-failed", "from_s": 0.0, "until_s": 1.0}),
    ],
)
def test_a_fraction_counts_clients_across_blocks(hits: str, fault: dict[str, object]) -> None:
    script = realize(scenario(client={"count": 2 * BLOCK}, fault=[fault | {"fraction": 0.29}]))
    found = [getattr(script.block(number), hits)[:, 0] for number in (0, 1)]
    assert np.array_equal(np.concatenate(found), hit_mask(0.29, 0, 2 * BLOCK))


# Connections


@given(st.integers(0, 20), st.integers(0, 20), SEEDS)
def test_a_drawn_loss_of_connection_lies_between_its_ends(first: int, length: int, seed: int) -> None:
    fault = {"kind": "connection-lost", "between_s": [first / 2, (first + length) / 2]}
    times = realize(scenario(fault=[fault]), seed).block(0).connection_lost_us
    assert ((first * 500_000 <= times) & (times <= (first + length) * 500_000)).all()


def test_losses_of_connection_are_given_in_time_order() -> None:
    faults = [{"kind": "connection-lost", "at_s": at} for at in (9.0, 0.0, 4.0)]
    assert realize(scenario(fault=faults)).client(0).connection_lost_us == [0, 4_000_000, 9_000_000]


def test_a_loss_of_connection_that_misses_a_client_never_comes() -> None:
    block = realize(scenario(fault=[{"kind": "connection-lost", "at_s": 1.0, "fraction": 0.5}])).block(0)
    assert block.connection_lost_us[:2, 0].tolist() == [NEVER, 1_000_000]


def test_l3_half_open_losses_stand_apart_from_closed_ones_in_time_order() -> None:
    faults = [
        {"kind": "connection-lost", "at_s": at, "manner": manner}
        for at, manner in [(9.0, "half-open"), (8.0, "closed"), (0.0, "half-open"), (4.0, "closed")]
    ]
    script = realize(scenario(fault=faults)).client(0)
    assert script.half_open_us == [0, 9_000_000]
    assert script.connection_lost_us == [4_000_000, 8_000_000]


def test_l3_a_drawn_loss_comes_at_the_same_time_in_either_manner() -> None:
    closed, half_open = (
        realize(scenario(fault=[{"kind": "connection-lost", "between_s": [0, 10], "manner": manner}])).block(0)
        for manner in ("closed", "half-open")
    )
    assert np.array_equal(closed.connection_lost_us, half_open.half_open_us)
    assert closed.half_open_us.shape == half_open.connection_lost_us.shape == (20, 0)


def test_l9_only_the_clients_named_read_slowly() -> None:
    faults = [
        {"kind": "slow-reader", "clients": [3, 1], "bytes_per_s": 1000.0},
        {"kind": "slow-reader", "clients": [5], "bytes_per_s": 0},
    ]
    speeds = [client.read_bytes_per_s for client in clients(realize(scenario(fault=faults)))]
    assert speeds == [None, 1000.0, None, 1000.0, None, 0.0, *[None] * 14]


# Polls


def test_polls_fail_by_number_as_the_first_fault_of_theirs_says() -> None:
    faults = [
        {"kind": "poll-failed", "polls": [1], "manner": "timeout"},
        {"kind": "poll-failed", "polls": [1, 3, 999], "manner": "error"},
    ]
    fates = realize(scenario(fault=faults)).client(0).poll_fate
    assert fates[:5] == [ANSWERED, TIMEOUT, ANSWERED, ERROR, ANSWERED]


def test_b8_poll_windows_stand_in_the_order_of_the_file_and_leave_the_numbers_alone() -> None:
    faults = [
        {"kind": "poll-failed", "from_s": 5.0, "until_s": 6.0, "manner": "timeout"},
        {"kind": "poll-failed", "from_s": 0.0, "until_s": 9.0, "manner": "error"},
    ]
    script = realize(scenario(fault=faults)).client(0)
    assert script.poll_windows == (PollWindow(5_000_000, 6_000_000, TIMEOUT), PollWindow(0, 9_000_000, ERROR))
    assert set(script.poll_fate) == {ANSWERED}


# Frequencies


@settings(max_examples=10)
@given(SEEDS)
def test_a_message_lost_by_chance_is_lost_as_often_as_it_says(seed: int) -> None:
    """n = 6,000 messages, five standard errors."""
    s = scenario(client={"count": 2_000}, fault=[{"kind": "message-lost", "probability": 0.05}])
    lost = realize(s, seed).block(0).event_lost
    assert abs(lost.mean() - 0.05) < 5 * math.sqrt(0.05 * 0.95 / lost.size)
