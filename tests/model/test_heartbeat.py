"""Heartbeats: when a run gives a sign of life, how it travels, and what a client makes of it (P3, P5, P7)."""

from typing import Any

import pytest

from sim import perform
from sim.contract.trace import Row
from sim.contract.wire import Heartbeat, encode_heartbeat

from .telling import at, cut, fail, lose, only, redis_away, rows, script, silence, slow, tell, times

EVERY_S: dict[str, Any] = {"orchestrator": {"heartbeat_s": 1.5}}
LONG: dict[str, Any] = {"poll_interval_s": 90.0}
"""Polls only at once."""


def beats(found: list[Row]) -> list[Row]:
    """What became of heartbeats, where there are no other runs."""
    return [row for row in only(found, "message_received", "message_lost") if row[3] == -1]


# when


def test_p3_each_run_gives_one_an_interval_after_its_client_s_start_and_so_on_up_to_the_horizon() -> None:
    found = tell(start_s=0.25, horizon=4.75, **EVERY_S)
    assert beats(found) == rows("""
        1.75 message_received heartbeat
        3.25 message_received heartbeat
        4.75 message_received heartbeat
    """)


def test_p3_by_default_there_are_none() -> None:
    assert beats(tell("1", horizon=30)) == []


def test_p3_it_writes_no_row_when_it_is_published_and_re_arms_like_any_message() -> None:
    assert at(tell(latency=0.5, horizon=2, **EVERY_S), 1.5) == []
    assert at(tell(latency=0.5, horizon=2, **EVERY_S), 2) == rows("2 message_received heartbeat\n2 timer_armed 6")


def test_p3_there_is_none_once_a_terminal_event_has_been_emitted_whoever_knows() -> None:
    assert times(beats(tell("2! 4", horizon=9, **EVERY_S)), "message_received") == [1.5]
    assert times(beats(tell("2!", faults=[lose(0)], horizon=4.9, **EVERY_S)), "message_received") == [1.5]


def test_p3_that_of_the_terminal_s_instant_is_none_any_more() -> None:
    assert beats(tell("1.5!", horizon=9, **EVERY_S)) == []


def test_p3_another_run_s_terminal_ends_none() -> None:
    assert times(beats(tell(others="0.5!", horizon=3, **EVERY_S))[1:], "message_received") == [1.5, 3.0]


def test_p3_b11_at_one_instant_it_comes_after_own_events_and_other_runs() -> None:
    assert at(tell("1.5", others="1.5", horizon=2, **EVERY_S), 1.5) == rows("""
        1.5 event_emitted #0
        1.5 message_published #0
        1.5 message_received #0
        1.5 event_shown #0
        1.5 timer_armed 5.5
        1.5 message_received other
        1.5 timer_armed 5.5
        1.5 message_received heartbeat
        1.5 timer_armed 5.5
    """)


# how it travels


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ([redis_away(1, 1)], "redis-outage"),
        ([cut(1)], "no-connection"),
        ([{"kind": "message-lost", "probability": 1.0}], "fault"),
        ([silence(1)], "half-open"),
        ([cut(1.75)], "connection-lost"),
        ([silence(1.75)], "half-open"),
    ],
)
def test_p3_r_f_l_it_is_lost_like_any_message(faults: list[dict[str, Any]], reason: str) -> None:
    found = beats(tell(latency=0.5, faults=faults, horizon=2, **EVERY_S))
    lost_s = 1.75 if faults[0].get("at_s") == 1.75 else 1.5
    assert found == rows(f"{lost_s} message_lost {reason}")


def test_p3_each_takes_its_own_latency_behind_those_before_it() -> None:
    played = script(latency={"uniform": [0.0, 3.0]}, horizon=30, **EVERY_S)
    latencies_us = played.client(0).heartbeat_latency_us
    wanted, last_us = [], 0
    for number, latency_us in enumerate(latencies_us, 1):
        last_us = max(number * 1_500_000 + latency_us, last_us)
        wanted += [last_us] if last_us <= 30_000_000 else []
    assert [row[0] for row in beats(perform(played, "model").rows)] == wanted
    assert len(set(latencies_us)) == 20


def test_p3_a_fault_takes_those_that_the_script_says() -> None:
    played = script(faults=[{"kind": "message-lost", "probability": 0.5}], horizon=30, **EVERY_S)
    found = beats(perform(played, "model").rows)
    assert [row[2] == "message_lost" for row in found] == played.client(0).heartbeat_lost
    assert {row[2] for row in found} == {"message_lost", "message_received"}


def test_p3_b3_of_several_lost_at_one_close_heartbeats_come_last() -> None:
    found = tell("1.8", others="1.7", latency=0.5, faults=[cut(1.9)], horizon=1.9, **EVERY_S)
    assert at(found, 1.9) == rows("""
        1.9 message_lost #0 connection-lost
        1.9 message_lost connection-lost
        1.9 message_lost connection-lost
        1.9 websocket_closed connection-lost
    """)


def test_p3_b3_and_are_told_apart_from_other_runs_messages_of_the_same_number() -> None:
    found = tell("1.5", others="1.5", latency=0.5, horizon=2, **EVERY_S)
    assert [(row[3], row[4]) for row in only(found, "message_received")] == [(0, ""), (-1, "other"), (-1, "heartbeat")]


@pytest.mark.parametrize(("own", "newest"), [("", -1), ("0.25 0.5", 1)])
def test_p3_l9_a_slow_reader_reads_its_bytes(own: str, newest: int) -> None:
    size = len(encode_heartbeat(Heartbeat("run-000000", 0, newest)))
    found = beats(tell(own, faults=[slow(1_000_000)], horizon=2.9, **EVERY_S))
    assert [row[0] for row in found] == [1_500_000 + size]


# what a client makes of it


def test_p3_for_who_does_not_go_by_sequence_it_is_like_a_message_of_another_run() -> None:
    """The loss of event 1 goes unnoticed; C7's count starts anew with each."""
    world: dict[str, Any] = {"orchestrator": {"heartbeat_s": 7.0}, "backoff_max_s": 90.0, "backoff_factor": 2.0}
    found = tell("1 6", faults=[lose(1)], horizon=12, **world)
    assert at(found, 7) == rows("7 message_received heartbeat\n7 timer_armed 11")
    assert times(found, "poll_sent") == [5.0, 11.0]


def test_p3_nor_is_it_shown_by_who_does() -> None:
    assert only(tell("1", horizon=4, gap_poll=True, **EVERY_S), "event_shown") == rows("1 event_shown #0")


def test_p5_p7_with_gap_poll_one_that_tells_of_more_than_is_shown_is_followed_by_a_poll_in_its_turn() -> None:
    assert at(tell("1", faults=[lose(0)], horizon=2, gap_poll=True, **LONG, **EVERY_S), 1.5) == rows("""
        1.5 message_received heartbeat
        1.5 poll_sent
        1.5 poll_answered 1
        1.5 event_shown #0
        1.5 timer_armed 91.5
    """)


def test_p5_p7_one_that_tells_of_nothing_new_is_not() -> None:
    assert times(tell("1", horizon=30, gap_poll=True, **LONG, **EVERY_S), "poll_sent") == []
    assert times(tell("", horizon=30, gap_poll=True, **LONG, **EVERY_S), "poll_sent") == []


def test_p3_it_tells_of_the_history_as_of_its_publication() -> None:
    """That of 1.5 s arrives at 2.5 s, when event 0 of 2 s is on its way, and knows nothing of it."""
    found = tell("2", latency=1.0, horizon=2.9, gap_poll=True, **LONG, **EVERY_S)
    assert beats(found) == rows("2.5 message_received heartbeat")
    assert times(found, "poll_sent") == []


def test_p7_p8_p9_the_poll_that_it_makes_owed_after_one_that_failed_waits_for_the_timer_and_is_not_put_off() -> None:
    found = tell("1 2", faults=[lose(0), fail(0)], horizon=2.9, gap_poll=True, poll_interval_s=1.0, **EVERY_S)
    assert found[5:] == rows("""
        1 message_lost #0 fault
        1 poll_sent
        1 poll_failed error
        1 timer_armed 2
        1.5 message_received heartbeat
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 poll_sent
        2 poll_answered 2
        2 event_shown #0
        2 event_shown #1
        2 timer_armed 3
    """)


def test_p7_with_final_poll_alone_it_makes_none_owed() -> None:
    found = tell("1", faults=[lose(0)], horizon=30, final_poll=True, **LONG, **EVERY_S)
    assert times(found, "poll_sent") == []


def test_p10_it_ends_the_row_of_idle_polls() -> None:
    world: dict[str, Any] = {"backoff_factor": 2.0, "backoff_max_s": 900.0, "orchestrator": {"heartbeat_s": 13.0}}
    assert times(tell(horizon=17, gap_poll=True, **world), "poll_sent") == [4.0, 12.0, 17.0]


def test_p3_where_messages_do_not_come_heartbeats_do_not_and_the_timer_polls() -> None:
    found = tell("1 3", faults=[silence(2)], horizon=5.5, gap_poll=True, **EVERY_S)
    assert times(found, "poll_sent") == [5.5]
    assert only(found, "event_shown")[-1:] == rows("5.5 event_shown #1")
