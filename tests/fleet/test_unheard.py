"""When publications reach nobody, held against what the model says of one in each microsecond (R4, R5, F7, F8)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.fleet.codes import NO_SUBSCRIBER, REDIS_OUTAGE
from sim.fleet.unheard import unheard_windows
from sim.worlds import perform

LAST = 24
"""Microseconds."""

REASONS = {REDIS_OUTAGE: "redis-outage", NO_SUBSCRIBER: "no-subscriber"}


def published_all_along(faults: list[dict[str, Any]], first: int, longest: int) -> Script:
    """An event in each microsecond; the fanout server tries to subscribe again after so many, and at most so many."""
    events = [{"at_s": tick / 1e6, "type": "node_completed"} for tick in range(LAST + 1)]
    table = {
        "title": "published all along",
        "horizon_s": LAST / 1e6,
        "client": {"policy": "websocket-only"},
        "workload": {"events": events},
        "fanout": {"resubscribe_s": first / 1e6, "resubscribe_max_s": longest / 1e6},
        "fault": faults,
    }
    return realize(Scenario.from_dict(table))


def outage(kind: str, at: int, lasting: int) -> dict[str, Any]:
    return {"kind": kind, "at_s": at / 1e6, "for_s": lasting / 1e6}


def outages() -> st.SearchStrategy[list[dict[str, Any]]]:
    kinds = st.sampled_from(["redis-outage", "redis-outage", "fanout-restart"])
    return st.lists(st.builds(outage, kinds, st.integers(0, LAST), st.integers(1, 8)), min_size=1, max_size=5)


@settings(max_examples=150)
@given(outages(), st.integers(1, 4), st.integers(0, 6))
def test_they_reach_nobody_when_the_model_loses_them_for_redis_or_a_subscriber(
    faults: list[dict[str, Any]], first: int, more: int
) -> None:
    script = published_all_along(faults, first, first + more)
    lost = {row[0]: row[4] for row in perform(script).rows if row[2] == "message_lost" and row[4] in REASONS.values()}
    windows = unheard_windows(script)
    assert {t: REASONS[why] for from_us, until_us, why in windows for t in range(from_us, until_us)} == lost


def test_windows_are_in_order_and_do_not_meet() -> None:
    faults = [outage("redis-outage", at, 3) for at in (2, 9)] + [outage("fanout-restart", 7, 4)]
    windows = unheard_windows(published_all_along(faults, 1, 4))
    flat = [time_us for window in windows for time_us in window[:2]]
    assert flat == sorted(flat)
    assert all(from_us < until_us for from_us, until_us, _ in windows)


@pytest.mark.parametrize(
    ("first", "longest", "again"),
    [
        (1, 8, 10),  # tries at 3, 5, 9: back at 9, after whose publication it subscribes
        (1, 2, 8),  # tries at 3, 5, 7
        (3, 3, 9),  # tries at 5, 8
        (8, 8, 11),  # tries at 10
    ],
)
def test_r5_the_wait_between_tries_doubles_up_to_the_longest(first: int, longest: int, again: int) -> None:
    script = published_all_along([outage("redis-outage", 2, 4)], first, longest)
    assert unheard_windows(script) == [(2, 6, REDIS_OUTAGE), (6, again, NO_SUBSCRIBER)]


def test_what_lasts_at_the_horizon_lasts_past_it() -> None:
    script = published_all_along([outage("redis-outage", 20, 8)], 1, 1)
    assert unheard_windows(script) == [(20, LAST + 1, REDIS_OUTAGE)]
