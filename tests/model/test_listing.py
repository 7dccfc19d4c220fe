"""The document's React hook as its code is written, defects included (D1 to D9)."""

from typing import Any

import pytest

from sim import load, perform, realize
from sim.contract.trace import Row

from .telling import at, cut, fail, lose, only, refuse, rows, script, silence, times
from .telling import tell as tell_any


def tell(*args: Any, **kwargs: Any) -> list[Row]:
    """The rows that the model gives for such a scenario with the hook."""
    return tell_any(*args, policy="hybrid-listing", **kwargs)


def polls(found: list[Row]) -> list[Row]:
    """What became of polls."""
    return only(found, "poll_sent", "poll_answered", "poll_failed")


def shipped(name: str) -> list[Row]:
    """The rows of a shipped scenario with the hook."""
    return perform(realize(load(name).override(policy="hybrid-listing")), "model").rows


# the mount and the opening (D1, D2)


def test_d1_the_mount_arms_nothing() -> None:
    assert tell(connect=3.0, horizon=2.9) == []


def test_d1_a_socket_that_never_opens_gives_no_poll() -> None:
    assert tell("1 2!", faults=[refuse(0, 1)], horizon=60) == rows("""
        0 websocket_closed refused
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        2 event_emitted #1
        2 message_published #1
        2 message_lost #1 no-connection
    """)


def test_d2_the_opening_arms_the_timer_to_an_interval_from_now() -> None:
    assert tell(connect=1.5, horizon=2) == rows("1.5 websocket_opened\n1.5 timer_armed 5.5")


# what messages do (D3)


def test_d3_c6_an_own_message_is_appended_and_re_arms() -> None:
    assert at(tell("1", horizon=1), 1)[2:] == rows("1 message_received #0\n1 event_shown #0\n1 timer_armed 5")


def test_d3_c6_also_where_it_is_displayed_already() -> None:
    found = tell("3", latency=2.0, horizon=5)
    assert at(found, 4) == rows("4 poll_sent\n4 poll_answered 1\n4 event_shown #0")
    assert at(found, 5) == rows("5 message_received #0\n5 event_repeated #0\n5 timer_armed 9")


def test_d3_another_run_s_message_re_arms_and_shows_nothing() -> None:
    assert at(tell(others="1", horizon=1), 1) == rows("1 message_received other\n1 timer_armed 5")


# polls (D4 to D6)


def test_d4_the_timer_polls_once_and_an_answer_arms_no_other() -> None:
    assert polls(tell(horizon=60)) == rows("4 poll_sent\n4 poll_answered 0")


def test_d4_it_polls_whatever_is_in_flight_and_answers_are_taken_in_as_they_come() -> None:
    found = tell("1 5 6", poll_latency=7.0, faults=[lose(0)], horizon=20)
    assert polls(found) == rows("4 poll_sent\n10 poll_sent\n11 poll_answered 3\n17 poll_answered 3")


def test_d4_d5_c6_an_older_answer_after_a_newer_one_erases_what_that_showed() -> None:
    """A poll of 9 s is answered before that of 4 s, which reached the orchestrator before event 1 was emitted."""
    played = script(
        "5 8.5",
        policy="hybrid-listing",
        poll_latency={"uniform": [0.0, 9.99]},
        faults=[lose(1)],
        horizon=30,
        seed=quick_second(),
    )
    found = perform(played, "model").rows
    (first, second) = (row for row in polls(found) if row[2] == "poll_answered")
    assert (first[4], second[4]) == ("2", "1")
    assert at(found, second[0] / 1e6)[1:] == [(second[0], 0, "event_erased", 1, "")]


def quick_second() -> int:
    """A seed with a slow first poll, whose request comes before event 1, and a quick second one."""
    for seed in range(10_000):
        slow_us, quick_us, *_ = (
            script("5 8.5", policy="hybrid-listing", poll_latency={"uniform": [0.0, 9.99]}, horizon=30, seed=seed)
            .client(0)
            .poll_latency_us
        )
        if 6_000_000 < slow_us < 9_000_000 and quick_us < 500_000:
            return seed
    raise LookupError


def test_d5_b9_an_answer_replaces_what_is_displayed_and_re_arms_nothing() -> None:
    found = tell("1 2 7.5", poll_latency=2.0, faults=[lose(0)], horizon=8)
    assert at(found, 8) == rows("""
        8 poll_answered 2
        8 event_erased #2
        8 event_shown #0
    """)


def test_d6_an_error_erases_all_that_is_displayed_and_re_arms_nothing() -> None:
    found = tell("1 2", poll_latency=1.0, faults=[fail(0)], horizon=60)
    assert found[-4:] == rows("""
        6 poll_sent
        7 poll_failed error
        7 event_erased #0
        7 event_erased #1
    """)


def test_d6_what_comes_after_that_is_appended_to_nothing() -> None:
    found = tell("1 2 9", poll_latency=1.0, faults=[fail(0)], horizon=13)
    assert at(found, 13) == rows("13 poll_sent")
    assert only(found, "event_erased", "event_shown", "event_repeated")[-1:] == rows("9 event_shown #2")
    found = tell("1 2 9", poll_latency=1.0, faults=[fail(0)], horizon=14)
    assert at(found, 14) == rows("14 poll_answered 3\n14 event_repeated #0\n14 event_repeated #1")


def test_d6_a_503_does_the_same() -> None:
    queue = {"workers": 1, "service_s": 2.0, "queue_limit": 0}
    found = tell("1", count=2, orchestrator=queue, horizon=60)
    assert [row for row in found if row[1] == 1][-2:] == rows("c1 5 poll_failed overloaded\nc1 5 event_erased #0")


def test_d6_a_timeout_erases_nothing() -> None:
    found = tell("1 2", timeout=1.0, faults=[fail(0, manner="timeout")], horizon=60)
    assert found[-2:] == rows("6 poll_sent\n7 poll_failed timeout")


def test_c9_what_is_answered_later_than_its_time_limit_is_discarded_whatever_else_is_in_flight() -> None:
    found = tell(others="5", poll_latency=12.0, timeout=10.0, horizon=60)
    assert polls(found) == rows("4 poll_sent\n9 poll_sent\n14 poll_failed timeout\n19 poll_failed timeout")


# what ends the run (D7)


@pytest.mark.parametrize("ending", ["completed", "failed"])
def test_d7_d8_a_terminal_message_ends_the_run_and_the_socket_is_opened_anew(ending: str) -> None:
    assert at(tell(f"1!{ending}", horizon=60), 1) == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_received #0
        1 event_shown #0
        1 terminal_reached #0
        1 timer_cleared
        1 websocket_closed client
        1 websocket_opened
    """)


def test_d7_a_cancelled_run_goes_on() -> None:
    found = tell("1!cancelled", horizon=60)
    assert only(found, "terminal_reached") == []
    assert polls(found) == rows("5 poll_sent\n5 poll_answered 1")


def test_d7_d8_another_run_s_terminal_message_ends_this_one() -> None:
    assert at(tell("2", others="1!", horizon=60), 1) == rows("""
        1 message_received other
        1 terminal_reached other
        1 timer_cleared
        1 websocket_closed client
        1 websocket_opened
    """)
    assert only(tell("2", others="1!", horizon=60), "event_shown") == rows("2 event_shown #0")


def test_d7_but_not_if_it_is_cancelled() -> None:
    assert only(tell(others="1!cancelled", horizon=9), "terminal_reached") == []


def test_d7_an_answer_ends_the_run_with_a_terminal_event_for_its_last() -> None:
    assert at(tell("1 2!", faults=[lose(1)], horizon=60), 5) == rows("""
        5 poll_sent
        5 poll_answered 2
        5 event_shown #1
        5 terminal_reached #1
        5 websocket_closed client
        5 websocket_opened
    """)


def test_d7_an_answer_with_a_terminal_event_elsewhere_ends_nothing() -> None:
    found = tell("1! 2", faults=[lose(0), lose(1)], horizon=60)
    assert found[-4:] == rows("4 poll_sent\n4 poll_answered 2\n4 event_shown #0\n4 event_shown #1")


def test_d7_an_answer_with_a_cancelled_event_for_its_last_ends_nothing() -> None:
    assert only(tell("1!cancelled", faults=[lose(0)], horizon=60), "terminal_reached") == []


# the effect runs again (D8)


def test_d8_what_is_on_its_way_over_the_old_socket_is_lost() -> None:
    found = tell("1! 1.2", others="1.1", latency=1.0, horizon=2)
    assert at(found, 2) == rows("""
        2 message_received #0
        2 event_shown #0
        2 terminal_reached #0
        2 timer_cleared
        2 message_lost #1 connection-lost
        2 message_lost connection-lost
        2 websocket_closed client
        2 websocket_opened
    """)


def test_d8_the_next_attempt_starts_in_the_same_instant_and_takes_its_time() -> None:
    found = tell("2! 3 5", connect=1.5, horizon=60)
    assert found[8:] == rows("""
        2 websocket_closed client
        3 event_emitted #1
        3 message_published #1
        3 message_lost #1 no-connection
        3.5 websocket_opened
        5 event_emitted #2
        5 message_published #2
        5 message_received #2
        5 event_shown #2
    """)


def test_d8_one_instant_in_class_0_so_that_it_opens_before_a_poll_of_that_instant_is_answered() -> None:
    found = tell("4.5!", latency=0.5, poll_latency=1.0, horizon=5)
    assert at(found, 5)[-3:] == rows("5 websocket_closed client\n5 websocket_opened\n5 poll_answered 1")


def test_d8_it_may_be_refused_and_then_there_is_no_other() -> None:
    found = tell("2!", faults=[refuse(2, 3)], horizon=60)
    assert found[-2:] == rows("2 websocket_closed client\n2 websocket_closed refused")


def test_d8_where_the_old_one_was_dead_it_is_not_closed_again() -> None:
    found = tell("2!", faults=[cut(1)], horizon=60)
    assert at(found, 4) == rows("""
        4 poll_sent
        4 poll_answered 1
        4 event_shown #0
        4 terminal_reached #0
        4 websocket_opened
    """)


def test_d8_a_half_open_socket_is_closed_like_an_open_one() -> None:
    found = tell("2! 9", faults=[silence(1)], horizon=60)
    assert at(found, 4)[-2:] == rows("4 websocket_closed client\n4 websocket_opened")
    assert at(found, 9)[-2:] == rows("9 message_received #1\n9 event_shown #1")


def test_d8_once_only() -> None:
    found = tell("1! 2! 3!failed", horizon=60)
    assert times(found, "terminal_reached") == [1.0]
    assert only(found, "websocket_closed") == rows("1 websocket_closed client")


# after the terminal (D9)


def test_d9_messages_are_still_shown_and_arm_nothing() -> None:
    assert at(tell("1! 2", horizon=60), 2)[2:] == rows("2 message_received #1\n2 event_shown #1")


def test_d9_a_poll_in_flight_is_taken_in_and_arms_nothing() -> None:
    found = tell("1 4.5!", poll_latency=3.0, poll_interval_s=2.0, horizon=60)
    assert at(found, 6) == rows("6 poll_answered 2")
    assert times(found, "poll_sent") == [3.0]


def test_d9_an_error_of_one_in_flight_erases_all_the_same() -> None:
    found = tell("1 4.5!", poll_latency=3.0, poll_interval_s=2.0, faults=[fail(0)], horizon=60)
    assert at(found, 6) == rows("6 poll_failed error\n6 event_erased #0\n6 event_erased #1")


# the document's scenarios


def test_scenario_1_reopens_its_socket_at_the_end() -> None:
    found = shipped("websocket-working")
    assert polls(found) == []
    assert at(found, 5)[-4:] == rows("""
        5 terminal_reached #3
        5 timer_cleared
        5 websocket_closed client
        5 websocket_opened
    """)


def test_scenario_3_polls_once_and_never_ends() -> None:
    found = shipped("websocket-dies")
    assert polls(found) == rows("5 poll_sent\n5 poll_answered 1")
    assert only(found, "terminal_reached") == []
