"""The fanout server stops and starts (F7 to F9, B4, B14)."""

from typing import Any

import pytest

from sim import perform
from sim.model import run

from .telling import at, cut, link, only, refuse, restart, rows, script, tell, times


@pytest.mark.parametrize(("manner", "reason"), [("graceful", "going-away"), ("killed", "connection-lost")])
def test_f8_every_connection_closes_and_what_is_on_its_way_is_lost(manner: str, reason: str) -> None:
    found = tell("1 1.5", others="1.25", latency=3.0, faults=[restart(3, 1, manner)], horizon=9)
    assert found == rows(f"""
        0 timer_armed 4
        0 websocket_opened
        0 timer_armed 4
        1 event_emitted #0
        1 message_published #0
        1.5 event_emitted #1
        1.5 message_published #1
        c-1 3 outage_began fanout-restart
        3 message_lost #0 connection-lost
        3 message_lost #1 connection-lost
        3 message_lost connection-lost
        3 websocket_closed {reason}
        c-1 4 outage_ended fanout-restart
        4 poll_sent
        4 poll_answered 2
        4 event_shown #0
        4 event_shown #1
        4 timer_armed 8
        8 poll_sent
        8 poll_answered 2
        8 timer_armed 12
    """)


@pytest.mark.parametrize("manner", ["graceful", "killed"])
def test_f8_b4_an_attempt_under_way_fails_and_is_told_no_goodbye(manner: str) -> None:
    found = tell(connect=2.0, faults=[restart(1, 5, manner)], horizon=9)
    assert link(found) == rows("1 websocket_closed connection-lost")


def test_f8_also_one_that_would_be_refused() -> None:
    found = tell(connect=2.0, faults=[refuse(0, 1), restart(1, 5)], horizon=9)
    assert link(found) == rows("1 websocket_closed connection-lost")


def test_f8_at_one_instant_the_stop_comes_before_the_end_of_a_refused_attempt() -> None:
    found = tell(connect=2.0, faults=[refuse(0, 1), restart(2, 5)], horizon=9)
    assert link(found) == rows("2 websocket_closed connection-lost")


def test_r5_what_is_published_meanwhile_has_no_subscriber_and_afterwards_no_connection() -> None:
    found = tell("1.999999 2 4.999999 5 6", faults=[restart(2, 3)], horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        1.999999 message_received #0
        2 websocket_closed going-away
        2 message_lost #1 no-subscriber
        4.999999 message_lost #2 no-subscriber
        5 message_lost #3 no-connection
        6 message_lost #4 no-connection
    """)


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (1.999999, "2 websocket_closed connection-lost"),
        (2.0, "2 websocket_closed connection-lost"),  # the mount comes before the stop
        (2.000001, "2.500001 websocket_closed refused"),
        (4.5, "5.0 websocket_closed refused"),
        (4.75, "5.25 websocket_closed refused"),  # whether or not the server is back by then
        (4.999999, "5.499999 websocket_closed refused"),
        (5.0, "5.5 websocket_opened"),
    ],
)
def test_f9_an_attempt_started_while_the_server_is_away_is_refused(start: float, told: str) -> None:
    assert link(tell(start_s=start, connect=0.5, faults=[restart(2, 3)], horizon=9)) == rows(told)


def test_one_instant_a_connection_that_opens_with_the_stop_is_closed_by_it() -> None:
    found = tell(connect=2.0, faults=[restart(2, 1)], horizon=2)
    assert only(at(found, 2), "websocket_opened", "websocket_closed") == rows(
        "2 websocket_opened\n2 websocket_closed going-away"
    )


def test_one_instant_the_stop_comes_before_a_loss_which_then_does_nothing() -> None:
    assert link(tell(faults=[cut(2), restart(2, 1)]))[1:] == rows("2 websocket_closed going-away")


def test_f8_a_second_restart_finds_the_connections_of_the_first_gone_and_closes_the_new_ones() -> None:
    found = tell(faults=[restart(2, 1), restart(6, 1)], reconnect="fixed", reconnect_delay_s=2.0, horizon=9)
    assert link(found) == rows("""
        0 websocket_opened
        2 websocket_closed going-away
        4 websocket_opened
        6 websocket_closed going-away
        8 websocket_opened
    """)


@pytest.mark.parametrize("faults", [[restart(2, 2), restart(3, 3)], [restart(3, 3), restart(2, 1)]])
def test_b14_windows_that_overlap_or_touch_are_one_pair_of_rows(faults: list[dict[str, Any]]) -> None:
    outage = only(tell(faults=faults), "outage_began", "outage_ended")
    assert outage == rows("c-1 2 outage_began fanout-restart\nc-1 6 outage_ended fanout-restart")


def test_b14_an_outage_that_outlasts_the_horizon_does_not_end_and_one_beyond_does_not_begin() -> None:
    found = tell(faults=[restart(8, 1.5), restart(10, 1)], horizon=9)
    assert only(found, "outage_began", "outage_ended") == rows("c-1 8 outage_began fanout-restart")
    assert only(tell(faults=[restart(8, 1)], horizon=9), "outage_ended") == rows("c-1 9 outage_ended fanout-restart")


def test_b14_the_rows_come_once_for_all_clients_in_however_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    played = script("1 4", count=5, faults=[restart(2, 1)], reconnect="fixed", horizon=5)
    whole = perform(played).rows
    assert [row[:3] for row in whole if row[1] == -1] == [(2000000, -1, "outage_began"), (3000000, -1, "outage_ended")]
    monkeypatch.setattr(run, "CLIENTS_AT_ONCE", 2)
    assert perform(played).rows == whole


def test_f8_it_befalls_every_client() -> None:
    found = tell("1", count=3, start_s=0.5, faults=[restart(2, 1)], horizon=3)
    assert only(found, "websocket_closed") == rows("""
        2 websocket_closed going-away
        c1 2 websocket_closed going-away
        c2 2 websocket_closed going-away
    """)


def test_a_client_without_a_websocket_loses_nothing_more_than_before_but_for_the_reason() -> None:
    faults = [restart(2, 2)]
    found = tell("1 3 5", policy="polling-only", faults=faults)
    assert only(found, "message_lost") == rows("""
        1 message_lost #0 no-connection
        3 message_lost #1 no-subscriber
        5 message_lost #2 no-connection
    """)
    rest = [row for row in found if row[1] >= 0 and row[2] != "message_lost"]
    assert rest == [row for row in tell("1 3 5", policy="polling-only") if row[2] != "message_lost"]


def test_with_reconnection_messages_come_again_after_a_restart_and_without_it_they_do_not() -> None:
    world: dict[str, Any] = {"own": "1 3 6 8", "faults": [restart(2, 2)]}
    assert times(tell(reconnect="fixed", reconnect_delay_s=2.5, **world), "message_received") == [1.0, 6.0, 8.0]
    assert times(tell(**world), "message_received") == [1.0]


def test_a_restart_beyond_the_last_happening_changes_nothing_but_its_rows_and_the_close() -> None:
    usual = tell("1 2!", horizon=9)
    found = tell("1 2!", faults=[restart(5, 1)], horizon=9)
    assert [row for row in found if row[2] not in {"outage_began", "outage_ended", "websocket_closed"}] == usual
