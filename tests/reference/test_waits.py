"""How long a client waits until it polls (C7 as changed by P10, P10, B20)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reference.habits import Habits
from sim.reference.waits import Waits

S = 1_000_000
FULL = (1 << 32) - 1


def waits(*draws: int, **choices: object) -> Waits:
    return Waits(Habits(**choices), draws)  # type: ignore[arg-type]


def test_p10_without_any_choice_a_client_waits_for_the_interval() -> None:
    found = waits()
    assert found.until_poll_us(0) == 4 * S
    found.failed(10 * S)
    found.answered(showed=False)
    assert found.until_poll_us(2) == 4 * S


# jitter


@pytest.mark.parametrize(("drawn", "us"), [(0, 1_000_001), (1 << 31, 1_125_001), (FULL, 1_250_001)])
def test_p10_jitter_makes_a_wait_longer_by_a_drawn_part_of_its_share_rounded_down(drawn: int, us: int) -> None:
    assert waits(drawn, poll_interval_us=1_000_001, poll_jitter=Fraction("0.25")).until_poll_us(0) == us


def test_p10_jitter_is_exact_where_floats_are_not() -> None:
    # 3e6 s x 0.1 x (2^32 - 1) / 2^32 has no float
    us = 3_000_000_000_001
    assert waits(FULL, poll_interval_us=us, poll_jitter=Fraction("0.1")).until_poll_us(0) == us + us * FULL // (
        10 << 32
    )


@given(
    st.integers(1, 10**12),
    st.decimals(0, 1, places=6).map(Fraction),
    st.lists(st.integers(0, FULL), min_size=1, max_size=5),
    st.integers(0, 30),
)
def test_p10_no_jittered_wait_is_shorter_than_without_nor_longer_than_its_share(
    interval_us: int, jitter: Fraction, draws: list[int], number: int
) -> None:
    us = waits(*draws, poll_interval_us=interval_us, poll_jitter=jitter).until_poll_us(number)
    assert interval_us <= us <= interval_us * (1 + jitter)
    # b20: the draw of that number
    assert us == interval_us + interval_us * jitter * draws[number % len(draws)] // (1 << 32)


def test_p10_jitter_applies_to_whichever_wait_is_the_longest() -> None:
    found = waits(1 << 31, poll_jitter=Fraction(1), retry_after=True)
    found.failed(20 * S)
    assert found.until_poll_us(0) == 30 * S


# the idle wait


def after(found: Waits, *happenings: str) -> list[float]:
    """The wait in seconds after each: `empty` and `news` are answers."""
    us = []
    for happening in happenings:
        match happening:
            case "empty" | "news":
                found.answered(showed=happening == "news")
            case "failed":
                found.failed(0)
            case "heard":
                found.heard()
        us.append(found.until_poll_us(0))
    return [each / S for each in us]


HAPPENINGS = ["empty", "failed", "empty", "news", "empty", "failed", "heard", "failed", "empty"]


def test_p10_by_sequence_only_answers_that_showed_nothing_make_the_idle_wait_grow_and_news_end_it() -> None:
    found = waits(poll_interval_us=S, backoff_factor=Fraction(2), gap_poll=True)
    assert after(found, *HAPPENINGS) == [2, 2, 4, 1, 2, 2, 1, 1, 2]


def test_p10_final_poll_alone_is_by_sequence_too() -> None:
    found = waits(poll_interval_us=S, backoff_factor=Fraction(2), final_poll=True)
    assert after(found, *HAPPENINGS) == [2, 2, 4, 1, 2, 2, 1, 1, 2]


def test_c7_without_sequence_every_finished_poll_makes_it_grow() -> None:
    found = waits(poll_interval_us=S, backoff_factor=Fraction(2), catch_up_poll=True, backoff_max_us=20 * S)
    assert after(found, *HAPPENINGS) == [2, 4, 8, 16, 20, 20, 1, 2, 4]


# the error wait


def test_p10_the_error_wait_is_the_interval_after_one_failure_and_grows_from_there() -> None:
    found = waits(poll_interval_us=S, error_backoff_factor=Fraction(3), error_backoff_max_us=20 * S)
    assert after(found, *["failed"] * 5) == [1, 3, 9, 20, 20]


def test_p10_an_answer_ends_the_error_wait_and_a_message_does_not() -> None:
    found = waits(poll_interval_us=S, error_backoff_factor=Fraction(3))
    assert after(found, "failed", "failed", "heard", "empty", "failed", "failed", "news") == [1, 3, 3, 1, 1, 3, 1]


def test_p10_the_error_wait_is_exact_from_the_base() -> None:
    found = waits(poll_interval_us=5, error_backoff_factor=Fraction("1.5"))
    assert [us * S for us in after(found, *["failed"] * 7)] == [5, 7, 11, 16, 25, 37, 56]


def test_p10_a_longest_error_wait_below_the_interval_leaves_the_idle_wait() -> None:
    found = waits(poll_interval_us=5 * S, error_backoff_factor=Fraction(2), error_backoff_max_us=S)
    assert after(found, "failed", "failed") == [5, 5]


def test_p10_the_longer_of_idle_and_error_wait_counts() -> None:
    found = waits(poll_interval_us=S, backoff_factor=Fraction(2), error_backoff_factor=Fraction(3), gap_poll=True)
    assert after(found, "empty", "empty", "failed", "failed", "failed", "heard", "empty") == [2, 4, 4, 4, 9, 9, 2]


# Retry-After


def test_p10_what_a_server_asks_for_counts_until_the_next_poll_has_finished() -> None:
    found = waits(retry_after=True)
    found.failed(60 * S)
    assert after(found, "heard") == [60]
    assert after(found, "failed") == [4]
    found.failed(60 * S)
    assert after(found, "empty") == [4]


def test_p10_a_server_that_asks_for_less_than_the_wait_changes_nothing() -> None:
    found = waits(retry_after=True)
    found.failed(S)
    assert found.until_poll_us(0) == 4 * S


def test_p10_who_does_not_choose_retry_after_does_not_look_at_it() -> None:
    found = waits(gap_poll=True)
    found.failed(60 * S)
    assert found.until_poll_us(0) == 4 * S
