"""The scenarios of polling by cursor and of the listings: their numbers once more, by hand from the rules."""

from functools import cache

import pytest

from sim import Trace, load, measure, perform, realize
from sim.scenarios.catalog import names


@cache
def told(name: str, policy: str = "", seed: int = 0) -> Trace:
    scenario = load(name)
    return perform(realize(scenario.override(policy=policy) if policy else scenario, seed))


def times_s(trace: Trace, kind: str, client: int = 0) -> list[float]:
    return [row[0] / 1e6 for row in trace.rows if row[1:3] == (client, kind)]


CURSOR = [name for name in names() if name.startswith("cursor-")]
LISTINGS = [name for name in names() if name.startswith("listing-")]


def test_there_are_such_scenarios() -> None:
    assert len(CURSOR) == 5
    assert len(LISTINGS) == 8


# by cursor


@pytest.mark.parametrize("name", ["cursor-dropped-message", "cursor-terminal-with-a-gap", "cursor-reconnect"])
def test_the_documented_client_loses_for_good_what_the_cursor_finds(name: str) -> None:
    hybrid, cursor = measure(told(name, "hybrid")), measure(told(name))
    assert (hybrid["poll_requests"], cursor["events_lost"]) == (0, 0)
    assert hybrid["events_lost"] == cursor["poll_requests"] == load(name).client.count


@pytest.mark.parametrize("name", CURSOR)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_claims_of_the_cursor_hang_on_no_draw_of_jitter(name: str, seed: int) -> None:
    assert measure(told(name, seed=seed))["events_lost"] == 0
    assert measure(told(name, seed=seed))["poll_requests"] == measure(told(name))["poll_requests"]


def test_a_gap_holds_back_what_came_after_it() -> None:
    # event 2 comes at 3 s and waits for event 1, which the poll of that instant brings (P4)
    shown = [(row[0] / 1e6, row[3]) for row in told("cursor-dropped-message").rows if row[2] == "event_shown"]
    assert shown == [(1.0, 0), (3.0, 1), (3.0, 2), *((float(n + 1), n) for n in range(3, 8))]


def test_heartbeats_cost_no_poll_where_quiet_costs_the_documented_client_one_each_4_s() -> None:
    # without heartbeats: armed by the message of 1 s, polls at 5 s, and each 4 s until the end is known at 14 s
    quiet = load("cursor-heartbeat").override(policy="hybrid")
    silent = quiet.model_copy(update={"orchestrator": load("best-case").orchestrator})
    assert times_s(perform(realize(silent)), "poll_sent") == [5.0, 9.0, 13.0]
    assert times_s(told("cursor-heartbeat"), "poll_sent") == [9.0]


def test_without_retry_after_the_poll_is_repeated_after_4_s() -> None:
    impatient = perform(realize(load("cursor-retry-after").override(retry_after=False)))
    assert [times_s(impatient, "poll_sent", client) for client in (0, 1)] == [[4.0], [4.0, 8.0]]
    assert [times_s(told("cursor-retry-after"), "poll_sent", client) for client in (0, 1)] == [[4.0], [4.0, 10.0]]


# the listings


def test_the_listing_polls_once_per_silence() -> None:
    # armed by the message of 1 s; nothing arms it again (D5)
    assert times_s(told("listing-websocket-dies"), "poll_sent") == [1.0 + 4.0]
    assert times_s(told("listing-websocket-dies", "hybrid"), "poll_sent") == [5.0, 9.0, 13.0, 17.0]


def test_the_second_chain_of_the_backoff_waits_by_half_as_long_again_up_to_30_s_and_never_ends() -> None:
    # the answer of 5 s arms for 6 s; the end at 10 s sets n to 0; each poll takes 1 s: 6, 9, 13.5, 20.25 and 30 s
    sent_s, expected_s = [4.0, 8.5], [5.0 + 6.0]
    for wait_s in (6.0, 9.0, 13.5, 20.25, 30.0):
        expected_s.append(expected_s[-1] + 1.0 + wait_s)
    assert times_s(told("listing-backoff-runs-on"), "poll_sent") == sent_s + expected_s
    assert times_s(told("listing-backoff-runs-on", "hybrid-backoff"), "poll_sent")[-1] < 10.0


def test_an_error_empties_the_listing_s_screen_where_the_prose_keeps_it() -> None:
    assert times_s(told("listing-poll-fails"), "event_erased") == [6.0, 6.0]
    assert times_s(told("listing-poll-fails", "hybrid"), "event_erased") == []


@pytest.mark.parametrize("name", LISTINGS)
def test_the_client_of_the_prose_ends_every_listing_s_scenario_with_nothing_missing(name: str) -> None:
    policy = "hybrid-backoff" if "backoff" in name else "hybrid"
    assert len(times_s(told(name, policy), "terminal_reached")) == 1
    assert measure(told(name, policy))["events_lost"] == 0


# poll intervals


@pytest.mark.parametrize("interval_s", [1, 4, 10])
def test_an_interval_polls_at_its_multiples_until_the_end_of_8_5_s_is_known(interval_s: int) -> None:
    last_s = -(-8.5 // interval_s) * interval_s
    expected = [float(t) for t in range(interval_s, int(last_s) + 1, interval_s)]
    assert times_s(told(f"poll-interval-{interval_s}s"), "poll_sent") == expected
    delays_s = [-(-at_s // interval_s) * interval_s - at_s for at_s in (2.5, 5.5, 8.5)]
    assert measure(told(f"poll-interval-{interval_s}s"))["latency_max_s"] == max(delays_s)
