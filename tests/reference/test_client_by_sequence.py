"""The client's decisions about what it shows, asks for and hears, and how long it waits (P2 to P6, P10, P11)."""

from fractions import Fraction

import pytest

from sim.reference.client import Client
from sim.reference.habits import Habits
from sim.reference.steps import Disarm, OpenWebSocket, Record
from tests.reference.following import (
    BEATEN,
    END,
    OPENED,
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

# P4, P6: what is shown, when the terminal is reached


def test_p4_a_message_is_received_then_all_is_shown_that_can_be_then_the_timer_is_armed() -> None:
    client = watching(final_poll=True)
    assert client.received(message(1), S) == [received(1), *armed(5 * S)]
    assert client.received(message(0), 2 * S) == [received(0), *shown(0, 1), *armed(6 * S)]
    assert client.received(message(0), 3 * S) == [received(0), *armed(7 * S)]


def test_p4_an_answer_tells_how_many_events_it_holds_and_shows_those_that_are_new() -> None:
    client = watching(final_poll=True)
    client.received(message(0), S)
    client.received(message(2), S)
    client.fired()
    assert client.answered([message(0), message(1)], 5 * S) == [answered(2), *shown(1, 2), *armed(9 * S)]


def test_p6_a_terminal_event_that_is_held_back_ends_nothing() -> None:
    client = watching(gap_poll=True)
    client.received(message(1, END), S)
    assert not client.terminal
    assert client.received(message(0), 2 * S) == [
        received(0),
        *shown(0, 1),
        Record("terminal_reached", 1),
        Record("timer_cleared"),
        Disarm(),
    ]


def test_p6_an_answer_that_shows_several_terminal_events_reaches_the_first() -> None:
    client = watching(gap_poll=True)
    client.fired()
    history = [message(0), message(1, "workflow_failed"), message(2, END)]
    assert client.answered(history, 5 * S) == [answered(3), *shown(0, 1, 2), Record("terminal_reached", 1)]


def test_p6_what_comes_after_the_terminal_is_shown_in_order_and_never_asked_for() -> None:
    client = watching(gap_poll=True, final_poll=True, catch_up_poll=True)
    client.received(message(0, END), S)
    assert client.received(message(2, END), 2 * S) == [received(2)]
    assert client.beaten(heartbeat(5), 3 * S) == [BEATEN]
    assert opened_again(client, 5 * S) == [OPENED]
    assert client.received(message(1), 6 * S) == [received(1), *shown(1, 2)]


def test_p6_a_poll_in_flight_at_the_terminal_is_taken_in_and_nothing_is_sent_after_it() -> None:
    client = watching(gap_poll=True)
    client.received(message(1), S)
    client.received(message(2, END), 2 * S)  # owed anew
    client.received(message(0), 3 * S)
    assert client.terminal
    assert client.answered([message(n) for n in range(5)], 4 * S) == [answered(5), *shown(3, 4)]


# P2: the cursor


def test_p2_a_poll_asks_for_what_is_newer_than_the_last_event_shown() -> None:
    client = watching(gap_poll=True)
    assert client.fired() == sent(None)
    client.answered([message(0), message(1)], 4 * S)
    assert client.received(message(3), 5 * S)[-2:] == sent(1)


def test_p2_a_client_that_does_not_go_by_sequence_asks_for_everything() -> None:
    client = watching(catch_up_poll=True, poll_jitter=Fraction(0), retry_after=True)
    client.received(message(0), S)
    assert client.fired() == sent(None)


# what heartbeats tell (P3)


def test_p3_a_heartbeat_re_arms_and_resets_the_backoff_like_any_message() -> None:
    client = watching(gap_poll=True, backoff_factor=Fraction(2))
    client.fired()
    assert client.answered([], 5 * S) == [answered(0), *armed(13 * S)]
    assert client.beaten(heartbeat(-1), 6 * S) == [BEATEN, *armed(10 * S)]


@pytest.mark.parametrize("choices", [{}, {"catch_up_poll": True}, {"backoff_factor": Fraction(2)}])
def test_p3_for_a_client_that_does_not_go_by_sequence_it_is_like_a_message_of_another_run(
    choices: dict[str, object],
) -> None:
    client = watching(**choices)
    assert client.beaten(heartbeat(7), S) == [BEATEN, *armed(5 * S)]


def test_p3_a_heartbeat_of_another_run_tells_nothing_of_this_one() -> None:
    client = watching(gap_poll=True, final_poll=True)
    assert client.beaten(heartbeat(7, "another"), S) == [BEATEN, *armed(5 * S)]


# P10, P11


def test_p10_each_arming_takes_the_draw_of_the_poll_that_is_next_to_be_sent() -> None:
    choices = Habits(poll_jitter=Fraction(1), gap_poll=True)
    client = Client("r", choices, RECONNECTING, [0, 1 << 31, 1 << 30])
    assert client.mounted(0)[1:] == armed(4 * S)
    assert client.opened(S)[1:] == armed(5 * S)
    client.fired()
    assert client.received(message(0), 6 * S)[2:] == armed(12 * S)  # poll 1 would be next
    assert client.received(message(2), 6 * S) == [received(2)]
    # armed for poll 1, though that is sent in the same turn
    assert client.answered([], 7 * S) == [answered(0), *armed(13 * S), *sent(0)]
    assert client.answered([message(1)], 8 * S)[3:] == armed(13 * S)
    client.fired()
    assert client.answered([], 14 * S)[1:] == armed(18 * S)  # poll 3 takes the draw of poll 0 (B20)


def test_p11_a_poll_at_mount_is_armed_for_as_the_one_that_is_sent_next() -> None:
    client = Client("r", Habits(poll_jitter=Fraction(1), poll_at_mount=True), RECONNECTING, [1 << 31, 0])
    assert client.mounted(0) == [OpenWebSocket(), *armed(6 * S), *sent()]


def test_p10_what_a_503_asks_for_is_waited_for_and_kept_to_by_messages() -> None:
    client = watching(retry_after=True)
    client.fired()
    assert client.failed("overloaded", 4 * S, 30 * S) == [Record("poll_failed", detail="overloaded"), *armed(34 * S)]
    assert client.received(message(0), 5 * S)[2:] == armed(35 * S)
