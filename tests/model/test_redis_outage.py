"""Redis goes away and is back; the fanout server subscribes again (R4, R5, F7, B13, B14)."""

from typing import Any

import pytest

from sim.contract.trace import Row

from .telling import cut, link, lose, only, redis_away, restart, rows, silence, tell

SOON = {"resubscribe_s": 0.5, "resubscribe_max_s": 2.0}


def lost(found: list[Row]) -> list[Row]:
    return only(found, "message_lost")


def test_r4_what_is_published_while_redis_is_away_is_lost_and_connections_stay_open() -> None:
    found = tell("0.5 1 3.999999 8", others="2", faults=[redis_away(1, 3)], horizon=9)
    assert [row for row in found if row[2] not in {"timer_armed", "poll_sent", "poll_answered", "event_shown"}] == rows(
        """
        0 websocket_opened
        0.5 event_emitted #0
        0.5 message_published #0
        0.5 message_received #0
        c-1 1 outage_began redis-outage
        1 event_emitted #1
        1 message_published #1
        1 message_lost #1 redis-outage
        2 message_lost redis-outage
        3.999999 event_emitted #2
        3.999999 message_published #2
        3.999999 message_lost #2 redis-outage
        c-1 4 outage_ended redis-outage
        8 event_emitted #3
        8 message_published #3
        8 message_received #3
        """
    )


def test_r4_what_is_on_its_way_from_the_server_arrives() -> None:
    found = tell("0.5", latency=1.0, faults=[redis_away(1, 3)], horizon=9)
    assert link(found)[1:] == rows("1.5 message_received #0")


@pytest.mark.parametrize(
    ("for_s", "back"),  # tries 0.5, 1.5, 3.5, 5.5, 7.5 s after the loss
    [(0.25, 0.5), (0.5, 0.5), (0.500001, 1.5), (1.0, 1.5), (1.500001, 3.5), (3.5, 3.5), (4.0, 5.5), (5.500001, 7.5)],
)
def test_f7_r5_the_server_tries_again_after_doubling_delays_up_to_the_longest(for_s: float, back: float) -> None:
    found = tell(f"{1 + back} {1 + back + 1e-6}", faults=[redis_away(1, for_s)], fanout=SOON, horizon=20)
    assert link(found)[1:] == rows(f"""
        {1 + back} message_lost #0 no-subscriber          // an event comes before the try of that instant
        {1 + back + 1e-6} message_received #1
    """)


def test_f7_a_longest_delay_below_the_first_is_taken_from_the_start() -> None:
    fanout = {"resubscribe_s": 2.0, "resubscribe_max_s": 0.5}
    found = tell("2 2.000001", faults=[redis_away(1, 0.75)], fanout=fanout, horizon=9)
    assert link(found)[1:] == rows("2 message_lost #0 no-subscriber\n2.000001 message_received #1")


def test_f7_each_loss_starts_the_delays_anew() -> None:
    faults = [redis_away(1, 3), redis_away(6, 0.25)]
    found = tell("6.5 6.500001", faults=faults, fanout=SOON, horizon=9)
    assert link(found)[1:] == rows("6.5 message_lost #0 no-subscriber\n6.500001 message_received #1")


def test_f7_an_outage_before_the_next_try_is_no_new_loss() -> None:
    faults = [redis_away(1, 1.6), redis_away(3, 0.5)]  # tries at 1.5, 2.5, 4.5
    found = tell("4.5 4.500001", faults=faults, fanout=SOON, horizon=9)
    assert link(found)[1:] == rows("4.5 message_lost #0 no-subscriber\n4.500001 message_received #1")


def test_b13_redis_outage_and_no_subscriber_outrank_every_other_reason() -> None:
    faults = [lose(0), lose(1), lose(2), redis_away(2, 2), silence(1)]
    found = tell("3 4.1 9", faults=faults, fanout=SOON, horizon=9)
    assert lost(found) == rows("""
        3 message_lost #0 redis-outage
        4.1 message_lost #1 no-subscriber
        9 message_lost #2 fault
    """)
    found = tell("3 4.1 9", faults=[cut(1), *faults], fanout=SOON, horizon=9)
    assert [row[4] for row in lost(found)] == ["redis-outage", "no-subscriber", "no-connection"]


def test_f7_a_server_that_starts_while_redis_is_there_subscribes_in_that_turn() -> None:
    found = tell("3", faults=[restart(2, 1)], fanout=SOON, horizon=9)
    assert lost(found) == rows("3 message_lost #0 no-connection")


def test_f7_one_that_starts_while_redis_is_away_goes_on_as_after_a_loss() -> None:
    faults = [redis_away(1, 3.5), restart(2, 1)]  # tries at 3, 3.5, 4.5
    found = tell("2.5 4.5 4.500001", faults=faults, fanout=SOON, horizon=9)
    assert lost(found) == rows("""
        2.5 message_lost #0 redis-outage
        4.5 message_lost #1 no-subscriber
        4.500001 message_lost #2 no-connection
    """)


def test_f7_a_server_that_stops_tries_no_more() -> None:
    faults = [redis_away(1, 0.25), restart(1.25, 2)]  # the try of 1.5 falls away
    found = tell("2 3.25", faults=faults, fanout=SOON, horizon=9)
    assert lost(found) == rows("2 message_lost #0 no-subscriber\n3.25 message_lost #1 no-connection")


def test_r4_redis_is_back_before_the_server_where_both_come_back() -> None:
    faults = [restart(2, 2), redis_away(1, 3)]
    found = tell("4", faults=faults, fanout=SOON, horizon=9)
    assert only(found, "message_lost", "outage_began", "outage_ended") == rows("""
        c-1 1 outage_began redis-outage
        c-1 2 outage_began fanout-restart
        c-1 4 outage_ended redis-outage
        c-1 4 outage_ended fanout-restart
        4 message_lost #0 no-connection
    """)


def test_r4_both_may_go_at_one_instant() -> None:
    faults = [restart(2, 1), redis_away(2, 2)]  # tries at 3, 3.5, 4.5
    found = tell("4.25 5", faults=faults, fanout=SOON, reconnect="fixed", horizon=9)
    assert only(found, "outage_began") == rows("c-1 2 outage_began redis-outage\nc-1 2 outage_began fanout-restart")
    assert link(found)[1:] == rows("""
        2 websocket_closed going-away
        3 websocket_opened
        4.25 message_lost #0 no-subscriber
        5 message_received #1
    """)


def test_r4_redis_may_be_away_from_the_start() -> None:
    found = tell("0 1 2", faults=[redis_away(0, 0.75)], fanout=SOON, horizon=9)  # tries at 0.5, 1.5
    assert link(found) == rows("""
        0 websocket_opened
        0 message_lost #0 redis-outage
        1 message_lost #1 no-subscriber
        2 message_received #2
    """)


@pytest.mark.parametrize("world", [{}, {"policy": "polling-only"}, {"latency": 2.0, "poll_latency": 1.0}])
def test_an_outage_beyond_the_last_event_changes_nothing_but_its_rows(world: dict[str, Any]) -> None:
    usual = tell("1 2 5", others="4", **world)
    found = tell("1 2 5", others="4", faults=[redis_away(5.000001, 3)], **world)
    assert [row for row in found if row[1] >= 0] == usual
    assert [row for row in found if row[1] < 0] == rows("""
        c-1 5.000001 outage_began redis-outage
        c-1 8.000001 outage_ended redis-outage
    """)
