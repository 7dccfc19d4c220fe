"""Reconnection: when the next attempt comes, and what it changes (C8, C10, B15)."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from sim.contract.trace import Row

from .telling import at, cut, link, only, part, redis_away, refuse, restart, rows, script, silence, tell, times


def attempts(found: list[Row]) -> list[Row]:
    return only(found, "websocket_opened", "websocket_closed")


def test_c10_a_lost_connection_is_opened_again_after_the_delay() -> None:
    found = tell("2", others="4", reconnect="fixed", reconnect_delay_s=1.5, faults=[cut(1)], horizon=6)
    assert link(found) == rows("""
        0 websocket_opened
        1 websocket_closed connection-lost
        2 message_lost #0 no-connection
        2.5 websocket_opened
        4 message_received other
    """)


def test_c8_without_reconnection_it_stays_closed() -> None:
    assert attempts(tell(faults=[cut(1)])) == rows("0 websocket_opened\n1 websocket_closed connection-lost")


@pytest.mark.parametrize("faults", [[cut(1)], [restart(1, 0.5)], [restart(1, 0.5, "killed")], [refuse(0, 0.5)]])
def test_c10_the_reason_of_the_close_does_not_matter(faults: list[dict[str, Any]]) -> None:
    found = tell(reconnect="fixed", reconnect_delay_s=1.0, faults=faults, connect=0.0, horizon=9)
    closed, opened = only(found, "websocket_closed"), only(found, "websocket_opened")
    assert opened[-1][0] == closed[-1][0] + 1_000_000


def test_c10_b15_an_attempt_writes_no_row_until_it_ends() -> None:
    found = tell(reconnect="fixed", connect=0.25, reconnect_delay_s=1.0, faults=[cut(1)], horizon=3)
    assert found == rows("""
        0 timer_armed 4
        0.25 websocket_opened
        0.25 timer_armed 4.25
        1 websocket_closed connection-lost
        2.25 websocket_opened
        2.25 timer_armed 6.25
    """)


def test_c10_with_fixed_delays_each_failed_attempt_is_followed_after_the_same() -> None:
    found = tell(reconnect="fixed", reconnect_delay_s=2.0, reconnect_max_s=1.0, faults=[refuse(0, 5)], horizon=9)
    assert times(found, "websocket_closed") == [0.0, 2.0, 4.0]
    assert times(found, "websocket_opened") == [6.0]


def test_c10_exponential_delays_double_with_each_attempt_that_failed_up_to_the_longest() -> None:
    world: dict[str, Any] = {"reconnect": "exponential", "reconnect_delay_s": 1.0, "reconnect_max_s": 5.0}
    found = tell(faults=[refuse(0, 15)], horizon=20, **world)
    assert times(found, "websocket_closed") == [0.0, 2.0, 6.0, 11.0]  # n = 1, 2, 3, 4: 2, 4, 5, 5 s
    assert times(found, "websocket_opened") == [16.0]


def test_c10_an_opening_starts_the_count_of_failed_attempts_anew() -> None:
    world: dict[str, Any] = {"reconnect": "exponential", "reconnect_delay_s": 1.0, "reconnect_max_s": 60.0}
    found = tell(faults=[refuse(0, 6), cut(10)], horizon=20, **world)
    assert times(found, "websocket_closed") == [0.0, 2.0, 10.0]
    assert times(found, "websocket_opened") == [6.0, 11.0]


def test_c10_a_loss_while_connecting_is_an_attempt_that_failed() -> None:
    world: dict[str, Any] = {"reconnect": "exponential", "reconnect_delay_s": 1.0, "connect": 2.0}
    found = tell(faults=[cut(1)], horizon=9, **world)
    assert attempts(found) == rows("1 websocket_closed connection-lost\n5 websocket_opened")


def test_c10_after_many_failed_attempts_the_delay_is_still_the_longest() -> None:
    world: dict[str, Any] = {"reconnect": "exponential", "reconnect_delay_s": 0.001, "reconnect_max_s": 1.0}
    closed = times(tell(faults=[refuse(0, 200)], horizon=200, **world), "websocket_closed")
    assert len(closed) > 190
    assert closed[-1] - closed[-2] == pytest.approx(1.0)


def test_c10_also_after_the_terminal_which_arms_nothing() -> None:
    found = tell("1!", others="4", reconnect="fixed", faults=[cut(2)], horizon=9)
    assert [row for row in found if row[0] > 1_000_000] == rows("""
        2 websocket_closed connection-lost
        3 websocket_opened
        4 message_received other
    """)


def test_c1_c7_opening_again_re_arms_and_leaves_the_backoff_as_it_is() -> None:
    world: dict[str, Any] = {"policy": "hybrid-backoff", "backoff_factor": 2.0, "poll_interval_s": 2.0}
    found = tell(reconnect="fixed", faults=[cut(2.5)], horizon=5, **world)
    assert only(found, "timer_armed") == rows("0 timer_armed 2\n0 timer_armed 2\n2 timer_armed 6\n3.5 timer_armed 7.5")


def test_one_instant_an_attempt_comes_before_an_event_and_its_message_is_received() -> None:
    found = tell("2", reconnect="fixed", faults=[cut(1)], horizon=2)
    assert at(found, 2) == rows("""
        2 websocket_opened
        2 timer_armed 6
        2 event_emitted #0
        2 message_published #0
        2 message_received #0
        2 event_shown #0
        2 timer_armed 6
    """)


@pytest.mark.parametrize(("until", "reason"), [(2.0, "websocket_opened"), (2.000001, "websocket_closed refused")])
def test_l5_each_attempt_is_judged_at_its_own_start(until: float, reason: str) -> None:
    found = tell(reconnect="fixed", faults=[cut(1), refuse(1.5, until)], horizon=2)
    assert attempts(found)[-1:] == rows(f"2 {reason}")


def test_l1_a_message_left_over_by_the_connection_before_neither_arrives_nor_holds_up_others() -> None:
    for seed in range(50):
        played = script("1 3", latency={"uniform": [0.0, 20.0]}, seed=seed)
        slow, quick = played.client(0).event_latency_us
        if slow > 15_000_000 and quick < 2_000_000:
            break
    found = tell("1 3", latency={"uniform": [0.0, 20.0]}, seed=seed, reconnect="fixed", faults=[cut(1.5)], horizon=40)
    assert link(found)[1:] == [
        (1_500_000, 0, "message_lost", 0, "connection-lost"),
        (1_500_000, 0, "websocket_closed", -1, "connection-lost"),
        (2_500_000, 0, "websocket_opened", -1, ""),
        (3_000_000 + quick, 0, "message_received", 1, ""),
    ]


DELAYS: dict[str, Callable[[int], int]] = {
    "fixed": lambda n: 3_000_001,
    "exponential": lambda n: min(3_000_001 * 2**n, 7_000_000),
}


@pytest.mark.parametrize("reconnect", ["fixed", "exponential"])
@pytest.mark.parametrize("jitter", ["none", "equal", "full"])
def test_c10_jitter_takes_the_attempt_s_own_draw_of_32_bits(reconnect: str, jitter: str) -> None:
    world: dict[str, Any] = {
        "reconnect": reconnect,
        "jitter": jitter,
        "reconnect_delay_s": 3.000001,
        "reconnect_max_s": 7.0,
    }
    played = script(faults=[refuse(0, 300)], horizon=299, seed=5, **world)
    closed = [row[0] for row in only(tell(faults=[refuse(0, 300)], horizon=299, seed=5, **world), "websocket_closed")]
    draws = played.client(0).reconnect_draw
    assert len(closed) > 35
    for attempt, (before, after) in enumerate(pairwise(closed), start=1):
        delay = DELAYS[reconnect](attempt)
        if jitter == "equal":
            delay = delay // 2 + (((delay - delay // 2) * draws[attempt % 32]) >> 32)
        elif jitter == "full":
            delay = delay * draws[attempt % 32] >> 32
        assert after - before == delay


def test_c10_a_jittered_delay_is_a_microsecond_at_least() -> None:
    world: dict[str, Any] = {"reconnect": "fixed", "jitter": "full", "reconnect_delay_s": 1e-6}
    closed = only(tell(faults=[refuse(0, 1e-5)], horizon=1e-5, **world), "websocket_closed")
    assert [row[0] for row in closed] == list(range(10))


def test_c10_attempt_k_takes_the_handshake_of_k_modulo_32() -> None:
    world: dict[str, Any] = {"reconnect": "fixed", "reconnect_delay_s": 1.0, "connect": {"uniform": [0.0, 1.0]}}
    mine = script(horizon=99, seed=3, **world).client(0)
    found = tell(horizon=99, seed=3, faults=[refuse(0, 100)], **world)
    start = 0
    for attempt, row in enumerate(only(found, "websocket_closed")):
        assert row[0] - start == mine.connect_us[attempt % 32]
        start = row[0] + 1_000_000
    assert attempt > 32


@pytest.mark.parametrize("faults", [[cut(1), cut(4)], [restart(2, 5)], [redis_away(1, 3)], [part(1, 9)], [silence(2)]])
def test_exponential_with_the_longest_delay_as_the_first_is_fixed(faults: list[dict[str, Any]]) -> None:
    world: dict[str, Any] = {
        "own": "1 2 3 5 8 9",
        "faults": faults,
        "reconnect_delay_s": 1.25,
        "connect": 0.5,
        "latency": 0.25,
    }
    fixed = tell(reconnect="fixed", **world)
    assert tell(reconnect="exponential", reconnect_max_s=1.25, **world) == fixed
    assert tell(reconnect="fixed", jitter="none", reconnect_max_s=0.5, **world) == fixed
