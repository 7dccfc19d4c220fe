"""The client's decisions about polls that it owes (P7 to P9)."""

import pytest

from sim.reference.client import Client
from sim.reference.habits import Habits
from tests.reference.following import (
    BEATEN,
    END,
    FAILED,
    OPENED,
    OTHER,
    RECONNECTING,
    S,
    answered,
    armed,
    heartbeat,
    message,
    opened_again,
    received,
    sent,
    shown,
    watching,
)

# P7, P8: what makes a poll owed, and that it is sent at once


def test_p7_p8_a_message_that_leaves_the_client_behind_makes_it_poll_last_in_its_turn() -> None:
    assert watching(gap_poll=True).received(message(1), S) == [received(1), *sent()]


def test_p7_a_message_that_comes_in_order_makes_nothing_owed() -> None:
    assert watching(gap_poll=True).received(message(0), S) == [received(0), *shown(0), *armed(5 * S)]


def test_p7_a_message_that_fills_one_gap_and_leaves_another_makes_a_poll_owed() -> None:
    client = watching(gap_poll=True)
    client.beaten(heartbeat(2), S)
    client.answered([message(0)], 2 * S)
    assert client.received(message(1), 3 * S) == [received(1), *shown(1), *sent(1)]


def test_p7_one_that_has_come_already_does_so_too_while_the_client_is_behind() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    client.answered([], 2 * S)
    assert client.received(message(1), 3 * S) == [received(1), *sent()]


def test_p7_a_heartbeat_that_leaves_the_client_behind_makes_it_poll() -> None:
    client = watching(gap_poll=True)
    client.received(message(0), S)
    assert client.beaten(heartbeat(0), 2 * S) == [BEATEN, *armed(6 * S)]
    assert client.beaten(heartbeat(1), 3 * S) == [BEATEN, *sent(0)]


def test_p7_a_message_of_another_run_owes_nothing_while_the_client_is_behind() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    client.answered([], 2 * S)
    assert client.received(message(5, run_id="another"), 3 * S) == [OTHER, *armed(7 * S)]


def test_p7_with_final_poll_alone_only_a_gap_before_the_terminal_is_asked_for() -> None:
    client = watching(final_poll=True)
    assert client.received(message(1), S) == [received(1), *armed(5 * S)]
    assert client.received(message(3, END), 2 * S) == [received(3), *sent()]
    client.answered([message(0)], 3 * S)
    assert client.beaten(heartbeat(4), 4 * S) == [BEATEN, *armed(8 * S)]
    assert client.received(message(4), 5 * S) == [received(4), *sent(1)]


def test_p7_an_answer_that_leaves_the_client_behind_makes_nothing_owed() -> None:
    client = watching(gap_poll=True, final_poll=True)
    client.fired()
    assert client.answered([message(1, END)], 4 * S) == [answered(1), *armed(8 * S)]


def test_p7_with_gap_poll_alone_a_held_terminal_is_asked_for_as_any_gap() -> None:
    assert watching(gap_poll=True).received(message(1, END), S) == [received(1), *sent()]


@pytest.mark.parametrize("by_sequence", [True, False])
def test_p7_with_catch_up_poll_every_opening_but_the_mounts_makes_it_poll(*, by_sequence: bool) -> None:
    client = Client("r", Habits(catch_up_poll=True, gap_poll=by_sequence), RECONNECTING)
    client.mounted(0)
    assert client.opened(S) == [OPENED, *armed(5 * S)]
    assert opened_again(client, 3 * S) == [OPENED, *sent()]


def test_p7_with_catch_up_poll_the_first_opening_counts_where_the_mounts_attempt_has_failed() -> None:
    client = Client("r", Habits(catch_up_poll=True), RECONNECTING)
    client.mounted(0)
    assert opened_again(client, 3 * S) == [OPENED, *sent()]


def test_p7_without_catch_up_poll_an_opening_re_arms() -> None:
    assert opened_again(watching(gap_poll=True), 3 * S) == [OPENED, *armed(7 * S)]


# P8: while a poll is in flight, and after one that failed


def test_p8_a_poll_that_comes_to_be_owed_while_one_is_in_flight_is_sent_last_in_its_answers_turn() -> None:
    client = watching(gap_poll=True)
    client.fired()
    assert client.received(message(1), 5 * S) == [received(1)]
    assert client.answered([], 6 * S) == [answered(0), *armed(10 * S), *sent()]
    assert client.answered([], 7 * S) == [answered(0), *armed(11 * S)]


def test_p7_it_stays_owed_where_an_older_poll_or_a_late_message_has_closed_the_gap_already() -> None:
    client = watching(gap_poll=True)
    client.fired()
    client.received(message(1), 5 * S)
    client.received(message(0), 6 * S)
    assert client.answered([message(0), message(1)], 7 * S) == [answered(2), *armed(11 * S), *sent(1)]


def test_p7_it_comes_to_be_owed_anew_after_the_poll_that_would_have_settled_it_was_sent() -> None:
    client = watching(gap_poll=True)
    assert client.received(message(1), S)[-2:] == sent()
    assert client.received(message(2), 2 * S) == [received(2)]
    assert client.answered([message(0)], 3 * S) == [answered(1), *shown(0, 1, 2), *armed(7 * S), *sent(2)]


def test_p7_one_poll_settles_all_that_came_to_be_owed_before_it() -> None:
    client = watching(gap_poll=True, catch_up_poll=True)
    client.fired()
    client.received(message(1), 5 * S)
    client.received(message(2), 5 * S)
    opened_again(client, 6 * S)
    assert client.answered([], 7 * S)[-2:] == sent()
    assert client.answered([], 8 * S) == [answered(0), *armed(12 * S)]


def test_p8_after_a_failed_poll_it_waits_for_the_timer() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    assert client.failed("error", 2 * S) == [FAILED, *armed(6 * S)]
    assert client.received(message(2), 3 * S) == [received(2)]
    assert client.fired() == sent()
    assert client.answered([], 7 * S) == [answered(0), *armed(11 * S)]


def test_p8_what_comes_to_be_owed_after_a_failure_waits_for_the_timer_too() -> None:
    client = watching(gap_poll=True, catch_up_poll=True)
    client.fired()
    client.failed("timeout", 5 * S)
    assert client.received(message(1), 6 * S) == [received(1)]
    assert opened_again(client, 7 * S) == [OPENED]
    assert client.due_us == 9 * S


def test_p8_what_comes_to_be_owed_during_the_poll_after_a_failure_is_sent_with_its_answer() -> None:
    client = watching(gap_poll=True)
    client.fired()
    client.failed("error", 5 * S)
    client.fired()
    assert client.received(message(1), 10 * S) == [received(1)]
    assert client.answered([], 11 * S) == [answered(0), *armed(15 * S), *sent()]


# P9: an owed poll is not put off


def test_p9_while_a_poll_is_owed_neither_messages_nor_openings_re_arm() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    client.failed("error", 2 * S)
    assert client.received(message(9, run_id="another"), 3 * S) == [OTHER]
    assert client.beaten(heartbeat(1), 3 * S) == [BEATEN]
    assert client.received(message(0), 3 * S) == [received(0), *shown(0, 1)]
    assert opened_again(client, 4 * S) == [OPENED]
    assert client.due_us == 6 * S


def test_p9_not_even_the_message_that_makes_it_owed_re_arms() -> None:
    client = watching(gap_poll=True)
    client.fired()
    client.failed("error", 5 * S)
    client.received(message(1), 8_999_999)
    assert client.due_us == 9 * S


def test_p9_messages_re_arm_again_once_it_is_settled() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    client.answered([message(0)], 2 * S)
    assert client.received(message(2), 3 * S) == [received(2), *shown(2), *armed(7 * S)]


def test_p9_it_holds_for_a_client_that_does_not_go_by_sequence() -> None:
    client = watching(catch_up_poll=True)
    opened_again(client, 3 * S)
    assert client.received(message(0), 4 * S) == [received(0), *shown(0)]
    assert client.failed("error", 5 * S) == [FAILED, *armed(9 * S)]
    assert client.received(message(1), 6 * S) == [received(1), *shown(1)]
    assert client.fired() == sent()
    assert client.answered([message(0), message(1)], 10 * S) == [answered(2), *armed(14 * S)]
    assert client.received(message(2), 11 * S) == [received(2), *shown(2), *armed(15 * S)]
