"""How long a client waits before it opens a lost WebSocket again (C8, C10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.policy import Jitter, Reconnect
from sim.reference.reconnection import Reconnection

HOUR_US = 3_600_000_000
DRAWS = st.lists(st.integers(0, 2**32 - 1), min_size=32, max_size=32)
DELAYS_US = st.integers(0, 100) | st.integers(0, HOUR_US)


def rule_us(kind: str, jitter: str, delay_us: int, max_us: int, draw: int, failed: int) -> int:
    """C10 as it is written."""
    d = delay_us if kind == "fixed" else min(delay_us * 2**failed, max_us)
    jittered = {"none": d, "equal": d // 2 + ((d - d // 2) * draw // 2**32), "full": d * draw // 2**32}
    return max(1, jittered[jitter])


@given(
    kind=st.sampled_from(["fixed", "exponential"]),
    jitter=st.sampled_from(["none", "equal", "full"]),
    delay_us=DELAYS_US,
    max_us=DELAYS_US,
    draws=DRAWS,
    attempt=st.integers(1, 200),
    failed=st.integers(0, 200),
)
def test_c10_the_wait_is_the_rules_in_every_microsecond(
    kind: Reconnect, jitter: Jitter, delay_us: int, max_us: int, draws: list[int], attempt: int, failed: int
) -> None:
    wanted_us = rule_us(kind, jitter, delay_us, max_us, draws[attempt % 32], failed)
    assert Reconnection(kind, jitter, delay_us, max_us, draws).wait_us(attempt, failed) == wanted_us


def test_c8_who_does_not_reconnect_waits_for_ever() -> None:
    assert Reconnection("none", "full", draws=[0] * 32).wait_us(1, 0) is None


def test_c10_a_fixed_wait_does_not_grow_and_knows_no_longest() -> None:
    fixed = Reconnection("fixed", delay_us=5_000_000, max_us=10)
    assert [fixed.wait_us(1, failed) for failed in (0, 1, 50)] == [5_000_000] * 3


def test_c10_an_exponential_wait_doubles_per_failed_attempt_up_to_the_longest_which_binds_from_the_first_on() -> None:
    doubling = Reconnection("exponential", delay_us=3, max_us=20)
    assert [doubling.wait_us(1, failed) for failed in range(5)] == [3, 6, 12, 20, 20]
    assert Reconnection("exponential", delay_us=30, max_us=20).wait_us(1, 0) == 20


def test_c10_a_million_failures_are_no_number_too_large() -> None:
    assert Reconnection("exponential", delay_us=1, max_us=30_000_000).wait_us(1, 1_000_000) == 30_000_000


LOWEST, HIGHEST = 0, 2**32 - 1


@pytest.mark.parametrize(
    ("jitter", "draw", "wait_us"),
    [
        ("none", HIGHEST, 7),
        ("equal", LOWEST, 3),
        ("equal", HIGHEST, 6),
        ("full", LOWEST, 1),
        ("full", 2**31, 3),
        ("full", HIGHEST, 6),
    ],
)
def test_c10_jitter_spreads_over_nothing_the_upper_half_or_the_whole_of_the_wait(
    jitter: Jitter, draw: int, wait_us: int
) -> None:
    assert Reconnection("fixed", jitter, 7, draws=[draw] * 32).wait_us(1, 0) == wait_us


def test_c10_attempt_k_takes_the_draws_of_k_modulo_32() -> None:
    draws = [n << 32 - 6 for n in range(32)]
    full = Reconnection("fixed", "full", 64_000_000, draws=draws)
    assert [full.wait_us(attempt, 0) for attempt in (1, 31, 32, 33, 65)] == [1_000_000, 31_000_000, 1, *[1_000_000] * 2]
