"""Partitions: what would pass at an instant inside passes at the end (L7, C11)."""

from typing import Any

import pytest

from sim.contract.trace import Row

from .telling import at, cut, fail, link, only, part, refuse, restart, rows, silence, tell, times


def polls(found: list[Row]) -> list[Row]:
    return only(found, "poll_sent", "poll_answered", "poll_failed")


@pytest.mark.parametrize(("arrival", "told"), [(1.999999, 1.999999), (2.0, 5.0), (4.999999, 5.0), (5.0, 5.0)])
def test_l7_a_message_that_would_arrive_inside_arrives_at_the_end(arrival: float, told: float) -> None:
    found = tell(f"{arrival - 1}", latency=1.0, faults=[part(2, 3)], horizon=9)
    assert times(found, "message_received") == [told]


def test_l1_l7_messages_held_up_arrive_in_the_turns_of_one_instant_and_before_later_ones() -> None:
    found = tell("1 4 4.5 6", others="1.5 4", latency=1.0, faults=[part(2, 3)], horizon=7)
    assert only(found, "message_received") == rows("""
        5 message_received #0
        5 message_received #1
        5 message_received other
        5 message_received other
        5.5 message_received #2
        7 message_received #3
    """)


def test_l7_nothing_is_sent_again_or_held_up_that_does_not_pass_inside() -> None:
    assert times(tell("1", latency=5.0, faults=[part(2, 3)], horizon=9), "message_received") == [6.0]


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ((4.5, 2.0), 7.5),  # the request, due at 5, reaches at 6.5; the answer takes its second half
        ((5.5, 2.0), 7.5),  # the answer alone, due at 6
        ((4.5, 1.0), 6.5),  # the request at 5.5
        ((5.0, 1.0), 7.0),  # due at the first instant inside
        ((4.0, 1.0), 6.0),  # due at the end
        ((5.5, 0.5), 6.0),
    ],
)
def test_l7_each_half_way_of_a_poll_counts_from_the_arrival_before_it(window: tuple[float, float], told: float) -> None:
    found = tell(policy="polling-only", poll_latency=2.0, faults=[part(*window)], horizon=9)
    assert times(found, "poll_answered") == [told]


def test_l7_both_half_ways_may_be_held_up_by_a_partition_each() -> None:
    found = tell(policy="polling-only", poll_latency=2.0, faults=[part(4.5, 1), part(6, 3)], horizon=9)
    assert times(found, "poll_answered") == [9.0]


def test_o3_l7_the_answer_holds_the_history_as_the_request_arrives() -> None:
    found = tell("5.5 6.5", policy="polling-only", poll_latency=2.0, faults=[part(4.5, 1.5)], horizon=9)
    assert only(found, "poll_answered") == rows("7 poll_answered 1")


def test_l7_an_error_goes_there_and_back_too() -> None:
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 2.0, "horizon": 9}
    assert times(tell(faults=[fail(0), part(4.5, 2)], **world), "poll_failed") == [7.5]
    assert times(tell(faults=[fail(0), part(5.5, 2)], **world), "poll_failed") == [7.5]


@pytest.mark.parametrize("manner", ["error", "timeout"])
def test_c11_the_client_s_own_time_limit_is_not_held_up(manner: str) -> None:
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 2.0, "timeout": 3.0, "horizon": 7.5}
    found = tell(faults=[fail(0, manner=manner), part(4.5, 4)], **world)
    assert polls(found) == rows("4 poll_sent\n7 poll_failed timeout")


@pytest.mark.parametrize(("until", "told"), [(6.0, "7 poll_answered 0"), (6.000001, "7 poll_failed timeout")])
def test_c11_a_poll_that_is_held_up_fails_at_its_limit_unless_it_is_finished_by_then(until: float, told: str) -> None:
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 2.0, "timeout": 3.0, "horizon": 8}
    assert polls(tell(faults=[part(4.5, until - 4.5)], **world)) == rows(f"4 poll_sent\n{told}")


def test_c9_an_answer_that_was_held_up_too_long_is_discarded_unrecorded() -> None:
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 1.0, "timeout": 2.0, "poll_interval_s": 2.0}
    found = tell(faults=[part(2.25, 4)], horizon=9.5, **world)
    assert polls(found) == rows("""
        2 poll_sent
        4 poll_failed timeout
        6 poll_sent
        7 poll_answered 0
        9 poll_sent
    """)


@pytest.mark.parametrize(
    ("faults", "told"), [([], "4 websocket_opened"), ([refuse(0, 1)], "4 websocket_closed refused")]
)
def test_l7_the_end_of_a_handshake_is_held_up_opened_or_refused(faults: list[dict[str, Any]], told: str) -> None:
    assert link(tell(connect=2.0, faults=[part(1, 3), *faults], horizon=4)) == rows(told)


def test_l7_a_loss_is_not_held_up_and_takes_what_was() -> None:
    found = tell("1.5", latency=1.0, reconnect="fixed", faults=[part(2, 3), cut(3)], horizon=6)
    assert link(found) == rows("""
        0 websocket_opened
        3 message_lost #0 connection-lost
        3 websocket_closed connection-lost
        5 websocket_opened                  // the handshake of 4
    """)


def test_l7_a_loss_during_a_handshake_that_is_held_up_fails_it_at_once() -> None:
    found = tell(connect=2.0, faults=[part(1, 5), cut(3)], horizon=9)
    assert link(found) == rows("3 websocket_closed connection-lost")


def test_l7_b4_a_goodbye_is_held_up_and_what_is_on_its_way_is_lost_with_it() -> None:
    found = tell("2.5 3.5 4.5", faults=[part(2, 4), restart(3, 1)], reconnect="fixed", horizon=7)
    assert link(found) == rows("""
        0 websocket_opened
        3.5 message_lost #1 no-subscriber
        4.5 message_lost #2 no-connection      // on the server's side it is gone at once
        6 message_lost #0 connection-lost
        6 websocket_closed going-away
        7 websocket_opened
    """)


def test_l7_f8_an_attempt_under_way_at_the_stop_fails_at_the_end() -> None:
    found = tell(connect=2.0, faults=[part(1, 4), restart(1.5, 0.5)], reconnect="fixed", horizon=9)
    assert link(found) == rows("5 websocket_closed connection-lost\n8 websocket_opened")


def test_l7_f8_the_same_where_the_handshake_would_have_ended_after_the_partition() -> None:
    found = tell(connect=6.0, faults=[part(1, 3), restart(1.5, 0.5)], horizon=9)
    assert link(found) == rows("4 websocket_closed connection-lost")


def test_l7_a_loss_comes_before_a_goodbye_that_is_held_up_which_then_concerns_nobody() -> None:
    found = tell(connect=0.5, faults=[part(2, 4), restart(3, 0.5), cut(4)], reconnect="fixed", horizon=9)
    assert link(found) == rows("""
        0.5 websocket_opened
        4 websocket_closed connection-lost
        6 websocket_opened
    """)


@pytest.mark.parametrize("loss", [4.0, 6.0])
def test_l6_l7_a_goodbye_that_is_held_up_does_not_pass_a_half_open_loss(loss: float) -> None:
    found = tell("2.5", faults=[part(2, 4), restart(3, 0.5), silence(loss)], reconnect="fixed", horizon=19)
    assert link(found) == rows(f"0 websocket_opened\n{loss} message_lost #0 half-open")


PINGS = {"ping_every_s": 2.0, "pong_within_s": 3.0}


def test_f10_l7_pings_are_answered_at_the_end_so_that_a_short_partition_closes_nothing() -> None:
    found = tell("1 7.5", faults=[part(3, 3.5)], fanout=PINGS, horizon=9)
    assert link(found) == rows("0 websocket_opened\n1 message_received #0\n7.5 message_received #1")


def test_f10_l7_at_one_instant_the_answer_comes_before_the_deadline() -> None:
    found = tell("7.5", faults=[part(3, 4)], fanout=PINGS, horizon=9)  # ping at 4, deadline and end at 7
    assert link(found) == rows("0 websocket_opened\n7.5 message_received #0")


def test_f10_l7_at_a_deadline_inside_the_server_closes_its_side_at_once_and_the_client_s_at_the_end() -> None:
    found = tell("6.5 7 7.000001", faults=[part(3, 5)], fanout=PINGS, reconnect="fixed", horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        7.000001 message_lost #2 no-connection
        8 message_lost #0 connection-lost
        8 message_lost #1 connection-lost
        8 websocket_closed connection-lost
        9 websocket_opened
    """)


def test_f10_l7_each_partition_is_judged_by_its_own_first_ping() -> None:
    faults = [part(3, 2), part(5.5, 2.4), part(9, 5)]  # pings 4; 6; 10 with its deadline at 13
    found = tell("13.5", faults=faults, fanout=PINGS, horizon=15)
    assert link(found)[1:] == rows("13.5 message_lost #0 no-connection\n14 websocket_closed connection-lost")


@pytest.mark.parametrize("loss", [5.5, 6.5])
def test_f10_l6_l7_the_deadline_of_a_ping_inside_stands_where_the_loss_comes_before_its_answer(loss: float) -> None:
    found = tell("7 7.000001", faults=[part(3, 3.5), silence(loss)], fanout=PINGS, horizon=9)  # ping 4, deadline 7
    assert only(found, "message_lost") == rows("7 message_lost #0 half-open\n7.000001 message_lost #1 no-connection")


def test_f10_l6_l7_after_the_answer_the_next_ping_sets_the_deadline() -> None:
    found = tell("9 9.000001", faults=[part(3, 2.5), silence(5.6)], fanout=PINGS, horizon=12)  # pings 4, 6
    assert only(found, "message_lost") == rows("9 message_lost #0 half-open\n9.000001 message_lost #1 no-connection")


def test_l7_a_fraction_of_the_clients_is_hit() -> None:
    found = tell("1", count=2, latency=1.0, faults=[part(2, 3) | {"fraction": 0.5}], horizon=9)
    assert only(found, "message_received") == rows("2 message_received #0\nc1 5 message_received #0")


WORLDS: list[dict[str, Any]] = [
    {"own": "1 2 3!", "latency": 0.5},
    {"own": "1 2 3", "poll_latency": 1.0, "timeout": 1.0, "faults": [cut(2), restart(3, 2)], "reconnect": "fixed"},
    {"own": "1 2 3 9", "faults": [silence(2)], "fanout": PINGS},
]


@pytest.mark.parametrize("world", WORLDS)
def test_a_partition_in_which_nothing_would_pass_changes_nothing(world: dict[str, Any]) -> None:
    usual = tell(**world)
    for more in (part(0.2, 0.25), part(1.6, 0.3), part(20.000001, 50), part(100, 5)):
        assert tell(**world | {"faults": [*world.get("faults", []), more]}) == usual


@pytest.mark.parametrize("world", WORLDS)
def test_partitions_that_overlap_or_touch_are_one(world: dict[str, Any]) -> None:
    def with_parts(*parts: tuple[float, float]) -> list[Row]:
        return tell(**world | {"faults": [*world.get("faults", []), *(part(*p) for p in parts)]})

    assert with_parts((1, 4)) == with_parts((1, 2), (3, 2)) == with_parts((2, 3), (1, 4), (1, 1)) != tell(**world)


def test_one_instant_what_was_held_up_arrives_before_the_timer_fires() -> None:
    found = tell("1", latency=1.0, faults=[part(2, 2)], horizon=4)
    assert at(found, 4) == rows("4 message_received #0\n4 event_shown #0\n4 timer_armed 8")
