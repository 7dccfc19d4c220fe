"""The document's listings as the rules see them: what the model performs is kept, and each change is found (D)."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace
from sim.verify.generate import listings
from sim.verify.happenings import parse
from sim.verify.invariants import check
from sim.verify.listing_happenings import ListingReader
from sim.worlds import perform
from tests.model.telling import fail, lose, rows
from tests.verify.faults import script

Change = Callable[[list[Row]], list[Row]]
SEEDS = st.integers(0, 1000)


@settings(max_examples=150)
@given(listings(), SEEDS)
def test_the_model_keeps_the_rules_of_listings(scenario: Scenario, seed: int) -> None:
    script = realize(scenario, seed)
    assert check(perform(script, "model"), script) == []


@settings(max_examples=80)
@given(listings(), SEEDS, st.data())
def test_no_row_but_those_of_ties_and_chains_can_be_left_out_of_a_hooks_trace(
    scenario: Scenario, seed: int, data: st.DataObject
) -> None:
    """All but what closes and opens at the terminal, which the order of turns may decide."""
    script = realize(scenario.override(policy="hybrid-listing"), seed)
    kept = perform(script, "model").rows
    link = ("websocket_opened", "websocket_closed", "message_received", "message_lost")
    places = [place for place, row in enumerate(kept) if row[2] not in link]
    if places and not scenario.orchestrator.workers:
        place = data.draw(st.sampled_from(places))
        assert check(Trace(kept[:place] + kept[place + 1 :]), script)


def hook(*args: Any, **kwargs: Any) -> Script:
    return script(*args, policy="hybrid-listing", **kwargs)


def backoff(*args: Any, **kwargs: Any) -> Script:
    return script(*args, policy="hybrid-listing-backoff", **kwargs)


def instead(old: str, new: str) -> Change:
    """Other rows in the place of these, which stand there together."""

    def change(found: list[Row]) -> list[Row]:
        wanted = rows(old)
        place = next(n for n in range(len(found)) if found[n : n + len(wanted)] == wanted)
        return [*found[:place], *rows(new), *found[place + len(wanted) :]]

    return change


GRAMMAR, CLEARED = "section 6", "D8, D9, D12, D14"
CHANGED: dict[str, tuple[Script, Change, str]] = {
    "D1: the mount arms a timer": (hook(horizon=3), lambda found: [*rows("0 timer_armed 4"), *found], GRAMMAR),
    "D2: an opening arms nothing": (hook(horizon=3), instead("0 timer_armed 4", ""), GRAMMAR),
    "D3: a message arms too far ahead": (
        hook("1", horizon=3),
        instead("1 timer_armed 5", "1 timer_armed 6"),
        "D2, D3, D10, D11",
    ),
    "D4: the timer sends no poll": (
        hook(horizon=5),
        instead("4 poll_sent\n4 poll_answered 0", ""),
        "D4, D9",
    ),
    "D4: a poll is sent when no timer is due": (
        hook(horizon=5),
        lambda found: [*found, *rows("5 poll_sent\n5 poll_answered 0")],
        "D4",
    ),
    "D4: a poll comes back late": (
        hook(horizon=6, poll_latency=1.0),
        instead("5 poll_answered 0", "5.5 poll_answered 0"),
        "D4, C9, C11, L7, B8, O3",
    ),
    "D5: the hook arms after an answer": (
        hook(horizon=5),
        instead("4 poll_answered 0", "4 poll_answered 0\n4 timer_armed 8"),
        GRAMMAR,
    ),
    "D6: an error erases nothing": (
        hook("1", faults=[fail(0)], horizon=6),
        instead("5 poll_failed error\n5 event_erased #0", "5 poll_failed error"),
        "D6",
    ),
    "D6: a time limit erases": (
        hook("1", faults=[fail(0, manner="timeout")], timeout=0.5, horizon=6),
        instead("5.5 poll_failed timeout", "5.5 poll_failed timeout\n5.5 event_erased #0"),
        GRAMMAR,
    ),
    "D7: a cancelled workflow ends the run": (
        hook("1!cancelled", horizon=3),
        instead("1 timer_armed 5", "1 terminal_reached #0\n1 timer_cleared"),
        "D7, D8",
    ),
    "D7: a completed one does not": (
        hook("1!", horizon=0.5 + 0.5),
        instead(
            "1 terminal_reached #0\n1 timer_cleared\n1 websocket_closed client\n1 websocket_opened",
            "1 timer_armed 5",
        ),
        "D7, D8",
    ),
    "D8: the WebSocket stays open at the terminal": (
        hook("1! 2", latency=0.5, horizon=1.75),
        instead("1.5 websocket_closed client\n1.5 websocket_opened", ""),
        "C1, C8, C10, L5, L6, L7, F8, F9, F10, B4",
    ),
    "D8: the client closes it at another time": (
        hook("2", horizon=3),
        lambda found: sorted([*found, *rows("1 websocket_closed client")], key=lambda row: row[0]),
        "D8",
    ),
    "D8: the terminal clears no timer": (
        hook("1!", horizon=3),
        instead("1 terminal_reached #0\n1 timer_cleared", "1 terminal_reached #0"),
        CLEARED,
    ),
    "D8: the terminal clears no timer that was armed in its instant": (
        hook("1 1!", horizon=3),
        instead("1 terminal_reached #1\n1 timer_cleared", "1 terminal_reached #1"),
        CLEARED,
    ),
    "D8: the terminal clears a timer that has fired": (
        hook("5!", horizon=6),
        instead("5 terminal_reached #0", "5 terminal_reached #0\n5 timer_cleared"),
        CLEARED,
    ),
    "D12: with backoff a message after the terminal clears no timer": (
        backoff("5! 7", poll_latency=2.0, horizon=8),
        instead("7 event_shown #1\n7 timer_cleared", "7 event_shown #1"),
        CLEARED,
    ),
    "D11: with backoff nothing is armed after an answer": (
        backoff(horizon=5),
        instead("4 timer_armed 10", ""),
        GRAMMAR,
    ),
    "D10: with backoff the interval stays": (
        backoff(horizon=5),
        instead("4 timer_armed 10", "4 timer_armed 8"),
        "D2, D3, D10, D11",
    ),
    "D13: with backoff a time limit arms": (
        backoff(faults=[fail(0, manner="timeout")], timeout=0.5, horizon=5),
        instead("4.5 poll_failed timeout", "4.5 poll_failed timeout\n4.5 timer_armed 10.5"),
        GRAMMAR,
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_no_listing_keeps_the_rules_where(what: str) -> None:
    script, change, rule = CHANGED[what]
    found = perform(script, "model").rows
    assert check(Trace(found), script) == []
    assert rule in [finding.rule for finding in check(Trace(change(found)), script)]


def test_d4_polls_of_a_listing_may_overlap_and_come_back_in_any_order() -> None:
    script = hook("6 7", faults=[lose(0)], timeout=9.0, poll_latency=5.0, horizon=17)
    found = perform(script, "model")
    assert [row[2] for row in found.rows if row[2].startswith("poll")][:2] == ["poll_sent", "poll_answered"]
    assert check(found, script) == []


def test_without_its_script_no_listing_can_be_told_and_only_what_people_write_themselves_is_expected() -> None:
    found = perform(hook(horizon=3), "model")
    assert [finding.rule for finding in check(found)] == []


def test_d14_after_the_terminal_a_chain_besides_may_go_on() -> None:
    text = """
        0 websocket_opened
        0 timer_armed 4
        4 poll_sent
        5 message_received #0
        5 event_shown #0
        5 terminal_reached #0
        5 websocket_closed client
        5 websocket_opened
        6 poll_answered 1
        6 timer_armed 12
        7 message_received #1
        7 event_shown #1
        7 timer_cleared
    """
    policy = backoff().policy
    assert parse(ListingReader(rows(text), exact=True, policy=policy)).broken is None
    assert parse(ListingReader(rows(text), exact=True, policy=hook().policy)).broken is not None
