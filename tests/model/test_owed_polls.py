"""Polls that are owed: when a client polls at once, and what that does to its timer (P7 to P9, P11, B20)."""

from typing import Any

import pytest

from sim import perform
from sim.contract.trace import Row

from .telling import at, cut, fail, lose, only, refuse, rows, script, silence, tell, times

GAP: dict[str, Any] = {"gap_poll": True}
FINAL: dict[str, Any] = {"final_poll": True}
BACK: dict[str, Any] = {"catch_up_poll": True, "reconnect": "fixed", "reconnect_delay_s": 0.5}
"""Opens its WebSocket again half a second after it is lost."""


def polls(found: list[Row]) -> list[Row]:
    """What became of polls."""
    return only(found, "poll_sent", "poll_answered", "poll_failed")


# P7: what makes a poll owed


def test_p7_p8_with_gap_poll_a_message_that_cannot_be_shown_is_followed_by_a_poll_in_its_turn() -> None:
    assert at(tell("1 2", faults=[lose(0)], horizon=3, **GAP), 2) == rows("""
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 poll_sent
        2 poll_answered 2
        2 event_shown #0
        2 event_shown #1
        2 timer_armed 6
    """)


def test_p7_a_message_that_can_be_shown_makes_none_owed() -> None:
    assert times(tell("1 2 3", horizon=6.9, gap_poll=True, final_poll=True), "poll_sent") == []


def test_p7_a_message_that_is_lost_with_no_other_behind_it_is_not_missed() -> None:
    assert times(tell("1 2", faults=[lose(1)], horizon=5, **GAP), "poll_sent") == [5.0]


def test_p7_another_run_s_message_makes_none_owed_also_not_anew() -> None:
    found = tell("1 2", others="2.5", faults=[lose(0)], poll_latency=1.0, horizon=6, **GAP)
    assert polls(found) == rows("2 poll_sent\n3 poll_answered 2")


def test_p7_with_final_poll_alone_a_gap_makes_none_owed() -> None:
    assert times(tell("1 2 3", faults=[lose(0)], horizon=6.9, **FINAL), "poll_sent") == []


def test_p7_p8_with_final_poll_a_terminal_event_that_cannot_be_shown_is_followed_by_a_poll() -> None:
    assert at(tell("1 2 3!", faults=[lose(0)], horizon=30, **FINAL), 3) == rows("""
        3 event_emitted #2
        3 message_published #2
        3 message_received #2
        3 poll_sent
        3 poll_answered 3
        3 event_shown #0
        3 event_shown #1
        3 event_shown #2
        3 terminal_reached #2
        3 timer_cleared
    """)


@pytest.mark.parametrize("choice", [GAP, FINAL])
def test_p7_a_terminal_event_that_is_lost_is_missed_only_when_something_comes_behind_it(
    choice: dict[str, Any],
) -> None:
    assert times(tell("1 2!", faults=[lose(1)], horizon=30, **choice), "poll_sent") == [5.0]
    found = tell("1 2! 3", faults=[lose(1)], horizon=30, **choice)
    assert times(found, "poll_sent") == ([3.0] if choice is GAP else [7.0])


def test_p7_p8_with_catch_up_poll_the_websocket_that_is_open_again_is_followed_by_a_poll_in_its_turn() -> None:
    assert at(tell(faults=[cut(1)], horizon=2, **BACK), 1.5) == rows("""
        1.5 websocket_opened
        1.5 poll_sent
        1.5 poll_answered 0
        1.5 timer_armed 5.5
    """)


def test_p7_without_catch_up_poll_it_re_arms_like_the_first() -> None:
    found = tell("1.2", faults=[cut(1)], horizon=2, **BACK | {"catch_up_poll": False, "gap_poll": True})
    assert at(found, 1.5) == rows("1.5 websocket_opened\n1.5 timer_armed 5.5")


def test_p7_the_mount_s_own_opening_makes_none_owed_however_late() -> None:
    assert times(tell(connect=3.0, horizon=6.9, **BACK), "poll_sent") == []


def test_p7_the_opening_of_another_attempt_does_also_where_it_is_the_first_to_open() -> None:
    assert times(tell(faults=[refuse(0, 1)], horizon=2, **BACK), "poll_sent") == [1.0]


def test_p7_an_attempt_that_fails_makes_none_owed() -> None:
    assert times(tell(faults=[cut(1), refuse(1, 9)], horizon=3.9, **BACK), "poll_sent") == []


def test_p7_after_the_terminal_none_comes_to_be_owed() -> None:
    world: dict[str, Any] = {"gap_poll": True, "final_poll": True, **BACK}
    found = tell("1! 2 3 3.5! 6 7", faults=[lose(1), cut(4)], horizon=60, **world)
    assert len(only(found, "websocket_opened")) == 2
    assert times(found, "poll_sent") == []


# P7: until when


def test_p7_p8_one_that_comes_to_be_owed_while_a_poll_is_in_flight_is_sent_last_in_its_answer_s_turn() -> None:
    """Also where that answer shows all: it was made before the client knew what it misses."""
    found = tell("3.5 4.5", faults=[lose(0)], poll_latency=2.0, horizon=8, **GAP)
    assert found[6:] == rows("""
        4 poll_sent
        4.5 event_emitted #1
        4.5 message_published #1
        4.5 message_received #1
        6 poll_answered 2
        6 event_shown #0
        6 event_shown #1
        6 timer_armed 10
        6 poll_sent
        8 poll_answered 0
        8 timer_armed 12
    """)


def test_p7_the_answer_to_a_poll_that_was_sent_afterwards_ends_it() -> None:
    found = tell("1 2", faults=[lose(0)], poll_latency=1.0, horizon=6.9, **GAP)
    assert polls(found) == rows("2 poll_sent\n3 poll_answered 2")


def test_p7_each_message_that_leaves_it_behind_makes_it_owed_anew() -> None:
    """The poll of 2 s is answered at 3 s, but the message of 2.9 s came after its sending."""
    found = tell("1 2 2.9", faults=[lose(0)], poll_latency=1.0, horizon=7.9, **GAP)
    assert polls(found) == rows("2 poll_sent\n3 poll_answered 2\n3 poll_sent\n4 poll_answered 0")


def test_p7_so_does_an_opening() -> None:
    """The poll of 2 s is answered at 5 s, but the WebSocket opened again after its sending."""
    found = tell("1 2", faults=[lose(0), cut(3)], poll_latency=3.0, horizon=8, **GAP | BACK)
    assert polls(found) == rows("2 poll_sent\n5 poll_answered 2\n5 poll_sent\n8 poll_answered 0")


def test_p7_the_terminal_ends_it() -> None:
    found = tell("3.5 4.5!", faults=[lose(0)], poll_latency=2.0, horizon=60, **GAP)
    assert polls(found) == rows("4 poll_sent\n6 poll_answered 2")


def test_p7_a_message_that_shows_the_terminal_ends_it_too() -> None:
    """The WebSocket opens again in the poll of 4 s, and the terminal comes before that is answered."""
    found = tell("5!", faults=[cut(4)], poll_latency=2.0, horizon=60, **BACK)
    assert polls(found) == rows("4 poll_sent\n6 poll_answered 1")


# P8: not while one is in flight, not after one that failed


def test_p8_one_that_is_owed_while_a_poll_in_flight_fails_waits_for_the_timer() -> None:
    found = tell("3.5 4.5", faults=[lose(0), fail(0)], poll_latency=2.0, horizon=12, **GAP)
    assert polls(found) == rows("4 poll_sent\n6 poll_failed error\n10 poll_sent\n12 poll_answered 2")


@pytest.mark.parametrize("manner", ["error", "timeout"])
def test_p8_one_whose_own_poll_fails_waits_for_the_timer(manner: str) -> None:
    found = tell("1 2", faults=[lose(0), fail(0, manner=manner)], timeout=0.5, poll_latency=0.5, horizon=7, **GAP)
    assert polls(found) == rows(f"2 poll_sent\n2.5 poll_failed {manner}\n6.5 poll_sent\n7 poll_answered 2")


def test_p8_one_that_comes_to_be_owed_after_a_poll_has_failed_waits_for_the_timer() -> None:
    found = tell("3 5", faults=[lose(0), fail(0)], horizon=8, **GAP)
    assert polls(found) == rows("4 poll_sent\n4 poll_failed error\n8 poll_sent\n8 poll_answered 2")
    assert at(found, 5)[2:] == rows("5 message_received #1")


def test_p8_one_that_comes_to_be_owed_after_a_poll_was_answered_again_is_sent_at_once() -> None:
    found = tell("1 2 7 8", faults=[lose(0), lose(2), fail(0)], horizon=9, **GAP)
    assert times(found, "poll_sent") == [2.0, 6.0, 8.0]


def test_p8_catching_up_waits_in_the_same_way() -> None:
    found = tell(faults=[fail(0), cut(4.2)], horizon=9, **BACK)
    assert at(found, 4.7) == rows("4.7 websocket_opened")
    assert times(found, "poll_sent") == [4.0, 8.0]


# P9: a poll that is owed is not put off


def test_p9_while_one_is_owed_messages_re_arm_nothing_and_the_poll_comes_when_it_was_due() -> None:
    found = tell("1 2 3 4 5", others="3.5 5.5", faults=[lose(0), fail(0)], horizon=6, **GAP)
    assert only(found, "timer_armed")[2:] == rows("2 timer_armed 6\n6 timer_armed 10")
    assert times(found, "poll_sent") == [2.0, 6.0]


def test_p9_nor_does_an_opening() -> None:
    found = tell("1 2", faults=[lose(0), fail(0), cut(3)], horizon=6, **GAP | BACK | {"catch_up_poll": False})
    assert at(found, 3.5) == rows("3.5 websocket_opened")
    assert times(found, "poll_sent") == [2.0, 6.0]


def test_p9_c4_a_poll_that_finishes_re_arms_also_while_one_is_owed() -> None:
    found = tell("3.5 4.5", faults=[lose(0)], poll_latency=2.0, horizon=7, **GAP)
    assert at(found, 6)[-2:] == rows("6 timer_armed 10\n6 poll_sent")


def test_p9_c2_when_none_is_owed_any_more_messages_re_arm_again() -> None:
    found = tell("1 2 3", faults=[lose(0)], horizon=3, **GAP)
    assert at(found, 3)[-1:] == rows("3 timer_armed 7")


def test_p9_a_message_that_is_not_shown_and_makes_none_owed_re_arms() -> None:
    found = tell("1 2", faults=[lose(0)], horizon=2, **FINAL)
    assert at(found, 2)[-1:] == rows("2 timer_armed 6")


# P11: otherwise as documented


def test_p11_c3_a_timer_that_fires_while_an_owed_poll_is_in_flight_does_nothing() -> None:
    found = tell("1 2", faults=[lose(0)], poll_latency=5.0, horizon=11, **GAP)
    assert polls(found) == rows("2 poll_sent\n7 poll_answered 2\n11 poll_sent")


@pytest.mark.parametrize(("poll_latency", "answered"), [(0.0, 4.0), (1.0, 5.0)])
def test_p11_c3_a_timer_due_in_the_instant_of_an_owed_poll_sends_no_second(
    poll_latency: float, answered: float
) -> None:
    found = tell("1 4", faults=[lose(0)], poll_latency=poll_latency, horizon=7.9, **GAP)
    assert polls(found) == rows(f"4 poll_sent\n{answered} poll_answered 2")


def test_p11_b6_a_poll_at_the_mount_is_in_flight_like_any() -> None:
    found = tell("1 2", faults=[lose(0)], poll_at_mount=True, poll_latency=3.0, horizon=5, **GAP)
    assert polls(found) == rows("0 poll_sent\n3 poll_answered 1\n3 poll_sent")


def test_p11_who_only_polls_owes_nothing_and_goes_by_sequence_all_the_same() -> None:
    found = tell("1 5", policy="polling-only", gap_poll=True, final_poll=True, horizon=8)
    assert polls(found) == rows("4 poll_sent\n4 poll_answered 1\n8 poll_sent\n8 poll_answered 1")


def test_p11_l3_a_half_open_connection_is_told_by_nothing_and_polls_show_what_it_withholds() -> None:
    found = tell("1 3 4", faults=[silence(2)], horizon=5, **GAP)
    assert only(found, "event_shown") == rows("1 event_shown #0\n5 event_shown #1\n5 event_shown #2")


# B20: more polls than draws


def test_b20_more_polls_than_the_script_holds_draws_for_take_them_from_the_first_again() -> None:
    faults = [cut(n) for n in range(1, 41)]
    world: dict[str, Any] = {"reconnect_delay_s": 0.25, "poll_latency": {"uniform": [0.0, 0.5]}}
    played = script(faults=faults, horizon=40.9, poll_interval_s=900.0, **BACK | world)
    latencies_us = played.client(0).poll_latency_us
    found = polls(perform(played, "model").rows)
    assert len(found) == 80 > 2 * len(latencies_us)
    took_us = [answered[0] - sent[0] for sent, answered in zip(found[::2], found[1::2], strict=True)]
    assert took_us == (2 * latencies_us)[:40]


def test_b20_so_are_their_fates() -> None:
    world: dict[str, Any] = {"reconnect_delay_s": 0.1, "poll_interval_s": 1.0, "horizon": 42.0}
    cuts = [cut(n / 4) for n in range(1, 161)]
    most = script(faults=cuts, **BACK | world).most_polls
    found = polls(tell(faults=[*cuts, fail(2)], **BACK | world))
    assert [n for n, row in enumerate(found[1::2]) if row[2] == "poll_failed"] == [2, 2 + most, 2 + 2 * most]
