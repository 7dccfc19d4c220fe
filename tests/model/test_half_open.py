"""Half-open losses: nothing passes, and nobody is told until the server's pings find out (L3, L6, F4, F10)."""

import pytest

from .telling import cut, link, lose, only, restart, rows, silence, tell, times

PINGS = {"ping_every_s": 2.0, "pong_within_s": 3.0}


def test_l6_what_is_on_its_way_is_lost_at_the_loss_own_events_first() -> None:
    found = tell("1 2", others="1.5", latency=5.0, faults=[silence(3)], horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        3 message_lost #0 half-open
        3 message_lost #1 half-open
        3 message_lost half-open
    """)


def test_l6_f10_what_is_published_is_lost_half_open_until_the_server_finds_out_then_for_want_of_a_connection() -> None:
    found = tell("1 3.5 7 7.000001", others="5", faults=[silence(3)], fanout=PINGS, horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        1 message_received #0
        3.5 message_lost #1 half-open
        5 message_lost half-open
        7 message_lost #2 half-open              // ping at 4, deadline at 7, in class 8
        7.000001 message_lost #3 no-connection
    """)


@pytest.mark.parametrize(
    ("loss", "deadline"),
    [(1.999999, 5.0), (2.0, 5.0), (2.000001, 7.0), (3.999999, 7.0), (4.0, 7.0), (4.000001, 9.0)],
)
def test_f10_the_first_ping_from_the_loss_on_sets_the_deadline_and_later_ones_leave_it(
    loss: float, deadline: float
) -> None:
    late = deadline + 0.000001
    found = tell(f"{deadline} {late}", faults=[silence(loss)], fanout=PINGS, horizon=20)
    assert only(found, "message_lost") == rows(f"""
        {deadline} message_lost #0 half-open
        {late} message_lost #1 no-connection
    """)


def test_f10_pings_count_from_the_opening() -> None:
    found = tell("6.5 6.500001", connect=1.5, faults=[silence(2)], fanout=PINGS, horizon=20)
    assert only(found, "message_lost") == rows("6.5 message_lost #0 half-open\n6.500001 message_lost #1 no-connection")


def test_f4_f10_by_default_a_ping_comes_every_25_s_and_its_answer_is_awaited_for_30_s() -> None:
    found = tell("55 55.000001", faults=[silence(1)], horizon=60)
    assert only(found, "message_lost") == rows("55 message_lost #0 half-open\n55.000001 message_lost #1 no-connection")


def test_f10_a_connection_that_answers_is_never_closed() -> None:
    fanout = {"ping_every_s": 1.0, "pong_within_s": 1.0}
    assert link(tell("19", faults=[silence(30)], fanout=fanout)) == rows("0 websocket_opened\n19 message_received #0")


def test_f10_l9_an_ordinary_client_answers_however_long_its_messages_take() -> None:
    found = tell("1", latency=12.0, faults=[silence(30)], fanout=PINGS)
    assert link(found) == rows("0 websocket_opened\n13 message_received #0")


def test_l6_the_client_is_told_nothing_and_polls_on() -> None:
    found = tell("1 4", reconnect="fixed", faults=[silence(2)], fanout=PINGS, horizon=60)
    assert only(found, "websocket_closed", "websocket_opened") == rows("0 websocket_opened")
    assert times(found, "event_shown") == [1.0, 5.0]


def test_b13_a_fault_outranks_half_open() -> None:
    found = tell("3 4", faults=[lose(0), silence(2)], horizon=5)
    assert only(found, "message_lost") == rows("3 message_lost #0 fault\n4 message_lost #1 half-open")


def test_one_instant_a_message_that_would_arrive_with_the_loss_is_lost() -> None:
    found = tell("1", latency=1.0, faults=[silence(2)], horizon=5)
    assert link(found)[1:] == rows("2 message_lost #0 half-open")


def test_l6_only_a_closed_loss_ends_it_and_then_the_client_opens_another() -> None:
    found = tell("3 5.5 7", reconnect="fixed", faults=[silence(2), cut(5)], horizon=8)
    assert link(found) == rows("""
        0 websocket_opened
        3 message_lost #0 half-open
        5 websocket_closed connection-lost
        5.5 message_lost #1 no-connection
        6 websocket_opened
        7 message_received #2
    """)


def test_l6_the_same_after_the_server_has_found_out() -> None:
    found = tell("8.5 9.5", reconnect="fixed", faults=[silence(2), cut(8)], fanout=PINGS, horizon=10)
    assert link(found)[1:] == rows("""
        8 websocket_closed connection-lost
        8.5 message_lost #0 no-connection
        9 websocket_opened
        9.5 message_received #1
    """)


def test_l6_b4_at_one_instant_a_closed_loss_comes_first() -> None:
    found = tell("1", latency=5.0, faults=[silence(3), cut(3)], horizon=9)
    assert link(found)[1:] == rows("3 message_lost #0 connection-lost\n3 websocket_closed connection-lost")


def test_l6_while_connecting_it_fails_the_attempt_like_a_closed_one() -> None:
    found = tell(connect=2.0, reconnect="fixed", faults=[silence(1)], horizon=9)
    assert link(found) == rows("1 websocket_closed connection-lost\n4 websocket_opened")


def test_l5_l6_with_no_connection_it_does_nothing() -> None:
    faults = [cut(1), silence(1.5)]
    assert tell("2 3", faults=faults, reconnect="fixed") == tell("2 3", faults=faults[:1], reconnect="fixed")


def test_l6_a_second_one_changes_nothing() -> None:
    assert tell("1 2 3", faults=[silence(1.5), silence(2.5)]) == tell("1 2 3", faults=[silence(1.5)])


@pytest.mark.parametrize("manner", ["graceful", "killed"])
def test_l6_f8_a_restart_does_not_reach_the_client_and_the_server_forgets(manner: str) -> None:
    found = tell("3 7", reconnect="fixed", faults=[silence(2), restart(4, 1, manner)], horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        3 message_lost #0 half-open
        7 message_lost #1 no-connection
    """)


def test_f10_the_deadline_of_a_connection_that_was_lost_does_not_close_the_next_one() -> None:
    found = tell("8", reconnect="fixed", faults=[silence(3), cut(5)], fanout=PINGS, horizon=12)
    assert link(found) == rows("""
        0 websocket_opened
        5 websocket_closed connection-lost
        6 websocket_opened
        8 message_received #0
    """)
