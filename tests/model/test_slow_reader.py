"""Slow readers: late arrivals, full buffers, the limit for writing, late answers to pings (L9, F3, F4, F10)."""

from fractions import Fraction
from math import ceil
from typing import Any

import pytest

from sim import Scenario, perform, realize
from sim.contract.trace import Row
from sim.contract.wire import Message, encode_message

from .telling import cut, link, lose, only, part, redis_away, rows, scenario, script, silence, slow, tell, times


def size(seq: int, at_s: float, *, data: int = 0, client: int = 0, other: bool = False) -> int:
    """Bytes of a message of the type node_completed."""
    run_id = f"run-{client:06d}" + "/other" * other
    return len(encode_message(Message(run_id, seq, "node_completed", None, at_s, "x" * data)))


ONE = size(0, 1.0)
"""So many bytes has the message of each event at a whole second; read at this rate, it takes a second."""

READING: dict[str, Any] = {"faults": [slow(ONE)]}

PATIENT = {"write_within_s": 900.0, "ping_every_s": 900.0}
"""No server that gives up."""


def test_l9_a_message_arrives_after_its_latency_and_the_time_to_read_it() -> None:
    assert times(tell("1", latency=0.5, **READING), "message_received") == [2.5]


def test_l1_l9_messages_are_read_one_after_the_other() -> None:
    assert times(tell("1 1 1 7", latency=0.5, **READING), "message_received") == [2.5, 3.5, 4.5, 8.5]


@pytest.mark.parametrize("rate", [7.0, ONE / 10, 33.3, 1e3, 12_345.678, 1e12])
def test_l9_reading_takes_whole_microseconds_rounded_up_from_the_rate_as_written(rate: float) -> None:
    found = tell("1", faults=[slow(rate)], fanout=PATIENT, horizon=99)
    reading_us = ceil(ONE * 10**6 / Fraction(repr(rate)))
    assert [row[0] for row in only(found, "message_received")] == [1_000_000 + reading_us]


def test_l9_what_a_message_carries_counts_and_so_do_its_run_and_its_time() -> None:
    world: dict[str, Any] = {"own": "1", "others": "8.25", "payload_bytes": 40, "faults": [slow(10)]}
    found = tell(fanout=PATIENT, horizon=99, **world)
    own, other = size(0, 1.0, data=40), size(0, 8.25, data=40, other=True)
    assert times(found, "message_received") == [1 + own / 10, max(1 + own / 10, 8.25) + other / 10]


def test_l9_letters_beyond_ascii_count_by_their_bytes() -> None:
    table = scenario("1", faults=[slow(1000)]).to_dict()
    table["workload"]["events"][0]["node_id"] = "жжж"
    text = encode_message(Message("run-000000", 0, "node_completed", "жжж", 1.0))
    played = realize(Scenario.from_dict(table))
    (received,) = only(perform(played).rows, "message_received")
    assert received[0] == 1_000_000 + len(text.encode()) * 1000
    assert len(text.encode()) == len(text) + 3


def test_l9_at_rate_zero_nothing_ever_arrives() -> None:
    found = tell("1 2 3", faults=[slow(0)], fanout=PATIENT, horizon=600)
    assert only(found, "message_received", "message_lost", "websocket_closed") == []


def test_l9_other_clients_read_at_once() -> None:
    found = tell("1", count=3, faults=[slow(ONE, 1)], horizon=9)
    assert only(found, "message_received") == rows("""
        1 message_received #0
        c2 1 message_received #0
        c1 2 message_received #0
    """)


def test_l2_l9_what_is_lost_at_publication_is_not_read() -> None:
    faults = [slow(ONE), lose(1), redis_away(3.5, 1)]
    found = tell("1 1 1 4 6", faults=faults, horizon=9)
    assert times(found, "message_received") == [2.0, 3.0, 7.0]


# F3


def test_f3_l9_a_message_that_overfills_the_buffer_aborts_the_connection_in_its_turn() -> None:
    found = tell("1 2 3", others="2", faults=[slow(1)], fanout={"send_buffer_bytes": 2 * ONE}, horizon=4)
    assert [row for row in found if row[0] == 2_000_000] == rows("""
        2 event_emitted #1
        2 message_published #1
        2 message_lost #0 overflow
        2 message_lost #1 overflow
        2 message_lost overflow
        2 websocket_closed connection-lost
    """)
    assert only(found, "message_lost")[-1:] == rows("3 message_lost #2 no-connection")


@pytest.mark.parametrize(("spare", "overflows"), [(0, False), (-1, True)])
def test_f3_just_what_the_buffer_holds_does_not_overfill_it(spare: int, overflows: bool) -> None:
    fanout = {"send_buffer_bytes": 3 * ONE + spare, "write_within_s": 60.0}
    found = tell("1 2 3", faults=[slow(1)], fanout=fanout, horizon=9)
    assert times(found, "websocket_closed") == [3.0] * overflows


def test_f3_what_has_arrived_is_no_longer_unsent() -> None:
    fanout = {"send_buffer_bytes": ONE, "write_within_s": 60.0}
    assert times(tell("1 2 3 4", fanout=fanout, horizon=9, **READING), "websocket_closed") == [2.0]
    assert times(tell("1 3 5 7", fanout=fanout, horizon=9, **READING), "message_received") == [2.0, 4.0, 6.0, 8.0]


def test_f3_one_message_larger_than_the_buffer_is_enough() -> None:
    found = tell("1", faults=[slow(1e12)], fanout={"send_buffer_bytes": ONE - 1}, horizon=2)
    assert link(found)[1:] == rows("1 message_lost #0 overflow\n1 websocket_closed connection-lost")


def test_f3_by_default_the_buffer_holds_a_mebibyte() -> None:
    events = " ".join(["1"] * 5)
    found = tell(events, payload_bytes=(1 << 18) - ONE, faults=[slow(1)], horizon=2)
    assert len(only(found, "message_lost")) == 5


def test_f3_nobody_else_is_closed() -> None:
    found = tell("1 2", count=2, faults=[slow(1)], fanout={"send_buffer_bytes": ONE}, horizon=4)
    assert only(found, "websocket_closed") == rows("2 websocket_closed connection-lost")


def test_f3_ordinary_readers_have_nothing_unsent() -> None:
    found = tell("1 1 1", latency=5.0, fanout={"send_buffer_bytes": 1, "write_within_s": 1.0}, horizon=9)
    assert times(found, "message_received") == [6.0, 6.0, 6.0]


def test_c10_l9_after_an_abort_the_client_opens_another_which_starts_empty() -> None:
    fanout = {"send_buffer_bytes": ONE}
    found = tell("1 1 3", reconnect="fixed", fanout=fanout, horizon=9, **READING)
    assert link(found)[1:] == rows("""
        1 message_lost #0 overflow
        1 message_lost #1 overflow
        1 websocket_closed connection-lost
        2 websocket_opened
        4 message_received #2
    """)


# F4


@pytest.mark.parametrize(("within", "closed"), [(0.999999, [1.999999]), (1.0, []), (1.5, [])])
def test_f4_l9_the_server_closes_where_what_was_written_is_unsent_still_at_the_limit(
    within: float, closed: list[float]
) -> None:
    found = tell("1", fanout={"write_within_s": within}, horizon=9, **READING)
    assert times(found, "websocket_closed") == closed
    assert [row[4] for row in only(found, "message_lost")] == ["connection-lost"] * len(closed)


def test_f4_l9_a_check_is_of_what_was_written_when_it_was_set_and_the_next_of_what_is_unsent_then() -> None:
    # Read until 2 and 3.5. The check set at 1 for 2.6 finds the first arrived, and sets one of the second for 4.2.
    found = tell("1 2.5", fanout={"write_within_s": 1.6}, horizon=9, **READING)
    assert times(found, "message_received") == [2.0, 2.5 + size(1, 2.5) / ONE]
    assert times(found, "websocket_closed") == []


def test_f4_l9_messages_that_follow_one_another_closely_are_each_judged_in_time() -> None:
    fanout = {"write_within_s": 1.5}
    found = tell("1 1 1", fanout=fanout, horizon=9, **READING)  # read until 2, 3, 4; checks at 2.5 (of #0), 4 (of #2)
    assert times(found, "message_received") == [2.0, 3.0, 4.0]
    assert times(found, "websocket_closed") == []
    fanout = {"write_within_s": 1.4}  # checks at 2.4, 3.8
    found = tell("1 1 1", fanout=fanout, horizon=9, **READING)
    assert link(found)[-2:] == rows("3.8 message_lost #2 connection-lost\n3.8 websocket_closed connection-lost")


def test_f4_by_default_the_limit_is_10_s() -> None:
    assert times(tell("1", faults=[slow(0)], horizon=20), "websocket_closed") == [11.0]


def test_f4_the_check_of_a_connection_that_was_lost_does_not_close_the_next_one() -> None:
    found = tell("1 3.5", reconnect="fixed", faults=[slow(0), cut(2)], fanout={"write_within_s": 3.0}, horizon=9)
    assert times(found, "websocket_closed") == [2.0, 6.5]


def test_l6_l9_after_a_half_open_loss_nothing_is_unsent() -> None:
    fanout = {"write_within_s": 2.0, "send_buffer_bytes": 2 * ONE, "ping_every_s": 60.0}
    found = tell("1 3 4 5 6", faults=[slow(0), silence(2)], fanout=fanout, horizon=9)
    assert [row[4] for row in only(found, "message_lost")] == ["half-open"] * 5
    assert only(found, "websocket_closed") == []


# F10 and L7

PINGS = {"ping_every_s": 2.0, "pong_within_s": 3.0, "write_within_s": 60.0}


def test_f10_l9_a_ping_is_answered_once_all_that_was_written_before_it_has_arrived() -> None:
    # pings at 2, 4, ...; what is written by 2 is read by 5 or later, and the deadline is at 5
    assert times(tell("1 1 1 1", fanout=PINGS, horizon=19, **READING), "websocket_closed") == []
    found = tell("1 1 1 1 1", fanout=PINGS, horizon=19, **READING)
    assert link(found)[-2:] == rows("5 message_lost #4 connection-lost\n5 websocket_closed connection-lost")


def test_f10_l9_what_is_written_after_a_ping_does_not_hold_up_its_answer() -> None:
    found = tell("1 1 2.5 4.5", fanout=PINGS, horizon=19, **READING)  # read until 2, 3, 4, 5.5
    assert times(found, "websocket_closed") == []


def test_f10_l9_a_reader_at_rate_zero_answers_no_ping() -> None:
    found = tell("9", faults=[slow(0)], fanout=PINGS, horizon=19)
    assert times(found, "websocket_closed") == [5.0]  # the ping of 2 is not read


def test_l7_l9_a_message_read_inside_a_partition_arrives_at_its_end_and_the_next_is_read_from_then_on() -> None:
    found = tell("1 1", faults=[slow(ONE), part(1.5, 3)], horizon=9)
    assert times(found, "message_received") == [4.5, 5.5]


def test_l7_l9_inside_a_partition_an_abort_reaches_the_client_at_its_end() -> None:
    fanout = {"send_buffer_bytes": ONE}
    found = tell("1 2 3", faults=[slow(1), part(1.5, 3)], fanout=fanout, horizon=9)
    assert link(found)[1:] == rows("""
        2 message_lost #0 overflow
        2 message_lost #1 overflow
        3 message_lost #2 no-connection
        4.5 websocket_closed connection-lost
    """)


def last_receipt(found: list[Row]) -> int:
    return max((row[0] for row in only(found, "message_received")), default=0)


def test_a_faster_reader_never_receives_later() -> None:
    for seed in range(10):
        world: dict[str, Any] = {"own": "1 1.5 2 6", "latency": {"uniform": [0.0, 2.0]}, "seed": seed}
        world |= {"horizon": 99, "fanout": PATIENT}
        arrivals = [last_receipt(tell(faults=[slow(rate)], **world)) for rate in (20, 50, 100, 1e6, 1e12)]
        assert arrivals == sorted(arrivals, reverse=True)
        usual = last_receipt(tell(**world))
        assert 0 < arrivals[-1] - usual <= 4  # a microsecond for each message


def test_l9_who_reads_slowly_is_named() -> None:
    played = script("1", count=3, faults=[slow(5, 1, 2)])
    assert [played.client(n).read_bytes_per_s for n in range(3)] == [None, 5.0, 5.0]
