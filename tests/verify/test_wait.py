"""How long timers are armed ahead, worked out by hand (C7, P10)."""

from dataclasses import replace
from typing import Any

import pytest

from sim.contract.script import ClientScript, Script
from sim.verify.duty import Duty
from sim.verify.story import Before
from sim.verify.wait import longest_wait_us, wait_before_poll_us
from tests.verify.faults import script

QUIET: dict[str, Any] = {"policy": "hybrid-cursor", "poll_interval_s": 4.0, "poll_jitter": 0.0}


def waits_s(before: Before, **client: Any) -> float:
    given = script(**{**QUIET, **client})
    return wait_before_poll_us(given, given.client(0), before) / 1e6


def after_failures(count: int, reason: str = "error", **also: Any) -> Before:
    return Before(duty=Duty(failed=count, reason=reason), **also)


def drawing(given: Script, *draws: int) -> ClientScript:
    return replace(given.client(0), poll_jitter_draw=list(draws))


@pytest.mark.parametrize(("failed", "wait_s"), [(0, 4), (1, 4), (2, 8), (3, 16), (4, 30), (60, 30)])
def test_p10_the_error_wait_grows_from_the_interval_to_its_longest(failed: int, wait_s: float) -> None:
    assert waits_s(after_failures(failed)) == wait_s


def test_p10_without_a_factor_errors_make_no_wait_longer() -> None:
    assert waits_s(after_failures(5), error_backoff_factor=1.0) == 4


def test_p10_a_longest_error_wait_below_the_interval_leaves_the_idle_wait() -> None:
    assert waits_s(after_failures(3), error_backoff_max_s=2.0) == 4


def test_p10_a_503_is_heeded_as_long_as_the_last_poll_failed_with_it() -> None:
    full = {"orchestrator": {"workers": 1, "retry_after_s": 9}}
    assert waits_s(after_failures(1, "overloaded"), **full) == 9
    assert waits_s(after_failures(1, "error"), **full) == 4
    assert waits_s(after_failures(4, "overloaded"), **full) == 30
    assert waits_s(after_failures(1, "overloaded"), retry_after=False, **full) == 4


def test_p10_the_idle_wait_of_a_client_by_sequence_counts_answers_without_news() -> None:
    before = Before(quiet_polls=5, duty=Duty(idle=1))
    assert waits_s(before, backoff_factor=1.5) == 6
    assert waits_s(before, backoff_factor=1.5, gap_poll=False, final_poll=False) == 30


@pytest.mark.parametrize(
    ("draw", "more_us"),
    [(0, 0), ((1 << 32) - 1, 999_999), (1 << 31, 500_000), ((1 << 32) // 1_000_000, 0), (4295, 1)],
)
def test_p10_jitter_makes_a_wait_longer_by_a_floor_of_its_share(draw: int, more_us: int) -> None:
    given = script(**{**QUIET, "poll_jitter": 0.25})
    assert wait_before_poll_us(given, drawing(given, draw), Before()) == 4_000_000 + more_us


def test_p10_b20_the_draw_is_that_of_the_poll_that_would_be_sent_next_modulo_as_many_as_there_are() -> None:
    given = script(**{**QUIET, "poll_jitter": 1.0})
    me = drawing(given, 0, 1 << 31, 1 << 30)
    waits_us = [wait_before_poll_us(given, me, Before(polls=polls)) for polls in range(4)]
    assert waits_us == [4_000_000, 6_000_000, 5_000_000, 4_000_000]


@pytest.mark.parametrize(
    ("client", "wait_s"),
    [
        ({}, 30.0),
        ({"error_backoff_factor": 1.0}, 4.0),
        ({"error_backoff_factor": 1.0, "backoff_factor": 2.0, "backoff_max_s": 7.0}, 7.0),
        ({"poll_jitter": 0.25}, 37.5),
        ({"orchestrator": {"retry_after_s": 60}}, 60.0),
    ],
)
def test_no_wait_is_longer_than_the_longest(client: dict[str, Any], wait_s: float) -> None:
    assert longest_wait_us(script(**{**QUIET, **client})) == wait_s * 1e6
