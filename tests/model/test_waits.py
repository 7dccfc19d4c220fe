"""How long a client lets its poll timer run (P10, C7, B10)."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, Script, perform, realize
from sim.contract.trace import Row
from sim.model.backoff import Backoff
from sim.verify.generate import small, wide

from .telling import cut, fail, fail_sent, lose, only, rows, script, tell, times

FACTORS = st.sampled_from(["1", "1.1", "1.5", "2", "1000000"])


@given(st.integers(1, 10**8), FACTORS, st.integers(1, 10**9), st.integers(0, 40))
def test_c7_p10_a_backoff_is_the_exact_power_rounded_down_once_and_kept_to_the_longest(
    base_us: int, factor: str, longest_us: int, repetitions: int
) -> None:
    backoff = Backoff(base_us, Fraction(factor), longest_us)
    wanted = [min(math.floor(base_us * Fraction(factor) ** n), longest_us) for n in range(repetitions + 1)]
    assert backoff.wait_us(repetitions) == wanted[-1]
    assert [backoff.wait_us(n) for n in range(repetitions + 1)] == wanted


# jitter


@pytest.mark.parametrize("policy", ["hybrid", "polling-only", "hybrid-backoff", "hybrid-cursor"])
@pytest.mark.parametrize("jitter", [0.1, 0.25, 1.0])
def test_p10_a_wait_is_longer_by_its_share_of_the_draw_of_the_poll_to_come(policy: str, jitter: float) -> None:
    """The first two timers are for poll 0, the last ones for each poll after it."""
    played = script("9", policy=policy, poll_jitter=jitter, backoff_factor=1.0, horizon=60)
    found = perform(played, "model").rows
    draws = played.client(0).poll_jitter_draw
    polls = 0
    for time_us, _, kind, _, detail in found:
        polls += kind == "poll_sent"
        if kind == "timer_armed":
            longer_us = math.floor(4_000_000 * Fraction(str(jitter)) * draws[polls] / 2**32)
            assert round(float(detail) * 1e6) == time_us + 4_000_000 + longer_us
    assert polls >= 6


def test_p10_without_jitter_waits_are_bare() -> None:
    assert only(tell(horizon=4), "timer_armed")[-1:] == rows("4 timer_armed 8")


# the wait after errors

DOUBLING: dict[str, Any] = {"error_backoff_factor": 2.0, "policy": "polling-only"}


def test_p10_with_an_error_backoff_the_wait_doubles_with_each_poll_that_fails() -> None:
    found = tell(faults=[fail_sent(0, 99)], horizon=60, **DOUBLING)
    assert times(found, "poll_sent") == [4.0, 8.0, 16.0, 32.0]


def test_p10_up_to_its_longest() -> None:
    found = tell(faults=[fail_sent(0, 99)], error_backoff_max_s=10.0, horizon=46, **DOUBLING)
    assert times(found, "poll_sent") == [4.0, 8.0, 16.0, 26.0, 36.0, 46.0]


def test_p10_its_longest_may_be_less_than_the_interval_and_then_the_interval_is_longer() -> None:
    found = tell(faults=[fail_sent(0, 99)], error_backoff_max_s=1.0, horizon=16, **DOUBLING)
    assert times(found, "poll_sent") == [4.0, 8.0, 12.0, 16.0]


def test_p10_without_an_error_backoff_a_failed_poll_is_waited_for_no_longer() -> None:
    found = tell(faults=[fail_sent(0, 99)], policy="polling-only", horizon=16)
    assert times(found, "poll_sent") == [4.0, 8.0, 12.0, 16.0]


def test_p10_also_where_the_idle_wait_is_shorter_than_the_interval() -> None:
    world: dict[str, Any] = {"policy": "hybrid-backoff", "backoff_max_s": 2.0, "error_backoff_max_s": 3.0}
    assert times(tell(faults=[fail_sent(0, 99)], horizon=6, **world), "poll_sent") == [2.0, 4.0, 6.0]


def test_p10_a_poll_that_is_answered_ends_it() -> None:
    found = tell(faults=[fail(0, 1, 3)], horizon=40, **DOUBLING)
    assert times(found, "poll_sent") == [4.0, 8.0, 16.0, 20.0, 24.0, 28.0, 32.0, 36.0, 40.0]


def test_p10_a_timeout_counts_like_an_error() -> None:
    found = tell(faults=[fail(0, 1, manner="timeout")], timeout=1.0, horizon=18, **DOUBLING)
    assert times(found, "poll_sent") == [4.0, 9.0, 18.0]


def test_p10_neither_a_message_nor_an_opening_ends_it() -> None:
    world: dict[str, Any] = {"error_backoff_factor": 2.0, "reconnect": "fixed", "reconnect_delay_s": 0.5}
    found = tell("13", faults=[fail(0, 1), cut(14)], horizon=15, **world)
    assert only(found, "timer_armed")[2:] == rows("""
        4 timer_armed 8
        8 timer_armed 16
        13 timer_armed 21
        14.5 timer_armed 22.5
    """)


def test_p10_of_the_idle_wait_and_that_after_errors_the_longer_counts() -> None:
    """Two idle polls make 9 s, then errors 4, 8, 16 s; each failed one is idle too for who goes by the document."""
    world: dict[str, Any] = {"policy": "hybrid-backoff", "error_backoff_factor": 2.0, "backoff_max_s": 9.0}
    found = tell(faults=[fail(2, 3, 4)], horizon=55, **world)
    assert times(found, "poll_sent") == [4.0, 10.0, 19.0, 28.0, 37.0, 53.0]


# Retry-After

BUSY: dict[str, Any] = {"workers": 1, "service_s": 2.0, "queue_limit": 0, "retry_after_s": 7}
"""Serves the lower client, and turns the other away."""


def of_second(found: list[Row]) -> list[Row]:
    """Polls of client 1."""
    return [row for row in only(found, "poll_sent", "poll_answered", "poll_failed", "timer_armed") if row[1] == 1][1:]


def test_p10_with_retry_after_who_is_turned_away_waits_as_long_as_it_is_asked_to() -> None:
    found = tell(policy="polling-only", retry_after=True, count=2, orchestrator=BUSY, horizon=13)
    assert of_second(found) == rows("""
        c1 4 poll_sent
        c1 4 poll_failed overloaded
        c1 4 timer_armed 11
        c1 11 poll_sent
        c1 11 poll_failed overloaded
        c1 11 timer_armed 18
    """)


def test_p10_without_it_nobody_does() -> None:
    found = tell(policy="polling-only", count=2, orchestrator=BUSY, horizon=5)
    assert of_second(found)[-1:] == rows("c1 4 timer_armed 8")


def test_p10_what_is_asked_for_is_no_limit() -> None:
    found = tell(policy="polling-only", retry_after=True, count=2, orchestrator=BUSY | {"retry_after_s": 3}, horizon=5)
    assert of_second(found)[-1:] == rows("c1 4 timer_armed 8")


def test_p10_any_other_error_asks_for_nothing_also_after_a_503() -> None:
    world: dict[str, Any] = {"policy": "polling-only", "retry_after": True, "count": 2, "orchestrator": BUSY}
    found = tell(faults=[fail(1)], horizon=12, **world)
    assert of_second(found)[-2:] == rows("c1 11 poll_failed error\nc1 11 timer_armed 15")


def test_p10_messages_after_a_503_re_arm_to_as_long_too_until_a_poll_is_answered() -> None:
    world: dict[str, Any] = {"retry_after": True, "count": 2, "orchestrator": BUSY | {"service_s": 0.5}}
    found = of_second(tell(others="5 6 14", horizon=14, **world))
    assert found[-7:] == rows("""
        c1 4 timer_armed 11
        c1 5 timer_armed 12
        c1 6 timer_armed 13
        c1 13 poll_sent
        c1 13.5 poll_answered 0
        c1 13.5 timer_armed 17.5
        c1 14 timer_armed 18
    """)


# the idle wait of who goes by sequence

IDLE: dict[str, Any] = {"gap_poll": True, "backoff_factor": 2.0, "backoff_max_s": 900.0}


def test_p10_c7_by_sequence_the_wait_grows_with_each_answer_that_shows_nothing() -> None:
    assert times(tell(horizon=60, **IDLE), "poll_sent") == [4.0, 12.0, 28.0, 60.0]


def test_p10_c7_by_sequence_an_answer_that_shows_something_starts_it_anew() -> None:
    found = tell("13", faults=[lose(0)], horizon=32, **IDLE)
    assert times(found, "poll_sent") == [4.0, 12.0, 28.0, 32.0]


def test_p10_c7_by_sequence_a_poll_that_fails_is_not_idle_and_breaks_no_row_of_them() -> None:
    found = tell(faults=[fail(1)], horizon=36, **IDLE)
    assert times(found, "poll_sent") == [4.0, 12.0, 20.0, 36.0]


def test_p10_c7_by_sequence_a_message_starts_it_anew_and_so_does_another_run_s() -> None:
    assert times(tell("13", horizon=17, **IDLE), "poll_sent") == [4.0, 12.0, 17.0]
    assert times(tell(others="13", horizon=17, **IDLE), "poll_sent") == [4.0, 12.0, 17.0]


def test_p10_c7_by_the_document_every_poll_is_idle_that_finishes() -> None:
    world: dict[str, Any] = {"policy": "hybrid-backoff", "backoff_factor": 2.0, "backoff_max_s": 900.0}
    found = tell("13", faults=[lose(0), fail(1)], horizon=60, **world)
    assert times(found, "poll_sent") == [4.0, 12.0, 28.0, 60.0]


# all of it


def wait_us(played: Script, *, idle: int, failed: int, overloaded: bool, draw: int) -> Fraction:
    """P10 as it is written."""
    policy, interval_us = played.policy, played.poll_interval_us
    w = interval_us
    if policy.backoff_factor > 1:
        w = min(math.floor(interval_us * Fraction(repr(policy.backoff_factor)) ** idle), played.backoff_max_us)
    if policy.error_backoff_factor > 1 and failed:
        power = Fraction(repr(policy.error_backoff_factor)) ** (failed - 1)
        w = max(w, min(math.floor(interval_us * power), played.error_backoff_max_us))
    if policy.retry_after and overloaded:
        w = max(w, round(played.scenario.orchestrator.retry_after_s * 1e6))
    return w + Fraction(math.floor(w * Fraction(repr(policy.poll_jitter)) * draw / 2**32))


@settings(deadline=None, max_examples=150)
@given(small(protocol=True) | wide(protocol=True), st.integers(0, 1000))
def test_p10_every_timer_of_every_policy_is_armed_so_far_ahead(scenario: Scenario, seed: int) -> None:
    played = realize(scenario, seed)
    found = perform(played, "model").rows
    for number in range(played.clients):
        draws = played.client(number).poll_jitter_draw or [0]
        idle = failed = polls = 0
        overloaded = answering = False
        for time_us, _, kind, _, detail in (row for row in found if row[1] == number):
            match kind:
                case "poll_sent":
                    polls += 1
                case "message_received":
                    idle, answering = 0, False
                case "poll_answered":
                    idle, failed, overloaded, answering = idle + 1, 0, False, True
                case "poll_failed":
                    idle += not played.policy.by_sequence
                    failed, overloaded, answering = failed + 1, detail == "overloaded", False
                case "event_shown" if answering and played.policy.by_sequence:
                    idle = 0
                case "timer_armed":
                    draw = draws[polls % len(draws)]
                    ahead_us = wait_us(played, idle=idle, failed=failed, overloaded=overloaded, draw=draw)
                    assert round(float(detail) * 1e6) == time_us + ahead_us
