"""The rules of the cursor protocol over traces by hand: each keeps them all, and each change breaks the one named."""

from typing import Any

import pytest

from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.verify.invariants import check
from sim.worlds import perform
from tests.model.telling import cut, fail, lose, rows
from tests.verify.faults import script

BY_SEQUENCE: dict[str, Any] = {"policy": "hybrid-cursor", "poll_jitter": 0.0, "reconnect": "none", "poll_latency": 0.5}
OPEN = """
    0 timer_armed 4
    0 websocket_opened
    0 timer_armed 4
"""


def emitted(at_s: float, event: int, lost: str = "") -> str:
    told = f"{at_s} event_emitted #{event}\n{at_s} message_published #{event}\n"
    return told + (f"{at_s} message_lost #{event} {lost}\n" if lost else f"{at_s} message_received #{event}\n")


GAP = script("1 2 3 7!", faults=[lose(1)], horizon=9, **BY_SEQUENCE)
GAP_ROWS = f"""{OPEN}
    {emitted(1, 0)}
    1 event_shown #0
    1 timer_armed 5
    {emitted(2, 1, "fault")}
    {emitted(3, 2)}
    3 poll_sent
    3.5 poll_answered 2
    3.5 event_shown #1
    3.5 event_shown #2
    3.5 timer_armed 7.5
    {emitted(7, 3)}
    7 event_shown #3
    7 terminal_reached #3
    7 timer_cleared
"""

ANEW = script("1 2 3 4", faults=[lose(0), lose(2)], horizon=7, **BY_SEQUENCE | {"poll_latency": 4.0})
ANEW_ROWS = f"""{OPEN}
    {emitted(1, 0, "fault")}
    {emitted(2, 1)}
    2 poll_sent
    {emitted(3, 2, "fault")}
    {emitted(4, 3)}
    6 poll_answered 4
    6 event_shown #0
    6 event_shown #1
    6 event_shown #2
    6 event_shown #3
    6 timer_armed 10
    6 poll_sent
"""
"""What message 3 owes while the poll for message 1 is in flight is sent in that one's turn."""

FAILED = script("1 2 3", faults=[lose(0), fail(0)], horizon=8, **BY_SEQUENCE)
FAILED_ROWS = f"""{OPEN}
    {emitted(1, 0, "fault")}
    {emitted(2, 1)}
    2 poll_sent
    2.5 poll_failed error
    2.5 timer_armed 6.5
    {emitted(3, 2)}
    6.5 poll_sent
    7 poll_answered 3
    7 event_shown #0
    7 event_shown #1
    7 event_shown #2
    7 timer_armed 11
"""
"""After a poll that failed, what is owed waits for the timer, and nothing puts that off."""

FINAL = script("1 2 3!", faults=[lose(0)], horizon=6, **BY_SEQUENCE | {"gap_poll": False})
FINAL_ROWS = f"""{OPEN}
    {emitted(1, 0, "fault")}
    {emitted(2, 1)}
    2 timer_armed 6
    {emitted(3, 2)}
    3 poll_sent
    3.5 poll_answered 3
    3.5 event_shown #0
    3.5 event_shown #1
    3.5 event_shown #2
    3.5 terminal_reached #2
    3.5 timer_cleared
"""

BEAT = script("1", faults=[lose(0)], horizon=5, orchestrator={"heartbeat_s": 2.0}, **BY_SEQUENCE)
BEAT_ROWS = f"""{OPEN}
    {emitted(1, 0, "fault")}
    2 message_received heartbeat
    2 poll_sent
    2.5 poll_answered 1
    2.5 event_shown #0
    2.5 timer_armed 6.5
    4 message_received heartbeat
    4 timer_armed 8
"""

AGAIN = script(policy="hybrid", catch_up_poll=True, reconnect="fixed", faults=[cut(2)], poll_latency=0.5, horizon=5)
AGAIN_ROWS = f"""{OPEN}
    2 websocket_closed connection-lost
    3 websocket_opened
    3 poll_sent
    3.5 poll_answered 0
    3.5 timer_armed 7.5
"""
"""Catching up alone, displayed as the document says."""

KEPT = {
    "a gap that a message shows": (GAP, GAP_ROWS),
    "a gap that comes anew while a poll is in flight": (ANEW, ANEW_ROWS),
    "a poll for a gap that fails": (FAILED, FAILED_ROWS),
    "a terminal event with a gap before it": (FINAL, FINAL_ROWS),
    "a gap that a heartbeat shows": (BEAT, BEAT_ROWS),
    "a WebSocket that opens again": (AGAIN, AGAIN_ROWS),
}


@pytest.mark.parametrize("what", KEPT)
def test_every_rule_is_kept_by(what: str) -> None:
    given, text = KEPT[what]
    assert check(Trace(rows(text)), given) == []
    assert check(Trace(rows(text))) == []


PUT_OFF = "P9, C1, C2"
OWED = "P7, P8"
SENT = "C3, P8"

CHANGED: dict[str, tuple[Script, str, str, str, str]] = {
    "P4: what is held back is shown": (
        GAP,
        GAP_ROWS,
        "3 message_received #2\n",
        "3 message_received #2\n3 event_shown #2\n",
        "P4",
    ),
    "P4: a message shows nothing": (GAP, GAP_ROWS, "1 event_shown #0\n", "", "P4"),
    "P4: an answer does not release what was held back": (GAP, GAP_ROWS, "3.5 event_shown #2\n", "", "P4"),
    "P4: an answer shows in another order": (
        GAP,
        GAP_ROWS,
        "3.5 event_shown #1\n    3.5 event_shown #2",
        "3.5 event_shown #2\n    3.5 event_shown #1",
        "P4",
    ),
    "P4: an answer erases": (
        GAP,
        GAP_ROWS,
        "3.5 poll_answered 2\n",
        "3.5 poll_answered 2\n3.5 event_erased #0\n",
        "P4",
    ),
    "P6: the run goes on after the terminal": (
        GAP,
        GAP_ROWS,
        "7 terminal_reached #3\n    7 timer_cleared",
        "7 timer_armed 11",
        "P6, C5, B5",
    ),
    "P6: another event ends the run": (GAP, GAP_ROWS, "terminal_reached #3", "terminal_reached #2", "P6, C5, B5"),
    "P6: a terminal that is held back ends the run": (
        FINAL,
        FINAL_ROWS,
        "3 message_received #2\n",
        "3 message_received #2\n3 terminal_reached #2\n3 timer_cleared\n",
        "P6, C5, B5",
    ),
    "P7: a gap makes no poll": (GAP, GAP_ROWS, "3 poll_sent\n", "", OWED),
    "P7: a gap that a heartbeat shows makes no poll": (BEAT, BEAT_ROWS, "2 poll_sent\n", "", OWED),
    "P7: a terminal with a gap makes no poll": (FINAL, FINAL_ROWS, "3 poll_sent\n", "", OWED),
    "P7: an opening makes no poll": (AGAIN, AGAIN_ROWS, "3 poll_sent\n", "", OWED),
    "P7: without final_poll's terminal a gap makes a poll": (
        FINAL,
        FINAL_ROWS,
        "2 timer_armed 6\n",
        "2 poll_sent\n",
        SENT,
    ),
    "P8: what is owed anew is forgotten": (ANEW, ANEW_ROWS, "6 poll_sent\n", "", OWED),
    "P8: after an answer that pays for all, another poll is sent": (
        GAP,
        GAP_ROWS,
        "3.5 timer_armed 7.5\n",
        "3.5 timer_armed 7.5\n3.5 poll_sent\n",
        SENT,
    ),
    "P8: after a failure it is sent at once": (
        FAILED,
        FAILED_ROWS,
        "3 message_received #2\n",
        "3 message_received #2\n3 poll_sent\n",
        SENT,
    ),
    "P8: a message in order makes a poll": (GAP, GAP_ROWS, "1 timer_armed 5\n", "1 poll_sent\n", SENT),
    "P9: a message re-arms, though a poll is owed": (
        FAILED,
        FAILED_ROWS,
        "3 message_received #2\n",
        "3 message_received #2\n3 timer_armed 7\n",
        PUT_OFF,
    ),
    "P9: an opening re-arms, though a poll is owed": (
        AGAIN,
        AGAIN_ROWS,
        "3 websocket_opened\n",
        "3 websocket_opened\n3 timer_armed 7\n",
        PUT_OFF,
    ),
    "P9: a message re-arms nothing, though nothing is owed": (GAP, GAP_ROWS, "1 timer_armed 5\n", "", PUT_OFF),
    "P10: a poll that failed is waited for too long": (
        FAILED,
        FAILED_ROWS,
        "2.5 timer_armed 6.5\n",
        "2.5 timer_armed 7\n",
        "C2, C4, C7, B10, P10",
    ),
    "P2: an answer holds what was shown": (
        GAP,
        GAP_ROWS,
        "3.5 poll_answered 2\n",
        "3.5 poll_answered 3\n",
        "O3, C9, L7, P2",
    ),
    "P3: a heartbeat comes at another time": (
        BEAT,
        BEAT_ROWS,
        "4 message_received heartbeat\n    4 timer_armed 8",
        "4.5 message_received heartbeat\n    4.5 timer_armed 8.5",
        "L1, L2, L6, L7, R4, R5, B1, P3",
    ),
    "P3: a heartbeat is taken for another run's message": (
        BEAT,
        BEAT_ROWS,
        "4 message_received heartbeat\n",
        "4 message_received other\n",
        "L1, L2, L6, L7, R4, R5, B1, P3",
    ),
    "P12: an answer leaves unshown what was there before it was asked for": (
        GAP,
        GAP_ROWS,
        "3.5 poll_answered 2\n    3.5 event_shown #1\n    3.5 event_shown #2\n",
        "3.5 poll_answered 0\n",
        "P12, C6, O3",
    ),
    "P12: there is no next poll": (
        GAP,
        GAP_ROWS,
        "3.5 timer_armed 7.5\n    7 event_emitted #3\n",
        "3.5 timer_armed 5.5\n    7 event_emitted #3\n",
        "P12, C1, C4",
    ),
    "P12: something is sent after the terminal": (
        GAP,
        GAP_ROWS,
        "7 timer_cleared\n",
        "7 timer_cleared\n7.5 poll_sent\n",
        "C5, P12",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_no_trace_keeps_the_rules_where(what: str) -> None:
    given, text, old, new, rule = CHANGED[what]
    assert text.count(old) == 1
    assert rule in [finding.rule for finding in check(Trace(rows(text.replace(old, new))), given)]


def test_p12_what_is_not_shown_in_the_end_is_found_where_it_must_be_by_then() -> None:
    """From 7 s, the last emission, with a poll of 10 s in flight, and after 4 s another one."""
    given = script("1 2 3 7!", faults=[lose(1)], horizon=70, **BY_SEQUENCE | {"error_backoff_factor": 1.0})
    text = GAP_ROWS.partition("3 poll_sent")[0]
    found = {finding.time_us for finding in check(Trace(rows(text)), given) if finding.rule == "P12"}
    assert found == {31_000_000}


def test_p12_before_the_end_of_that_time_nothing_is_amiss() -> None:
    given = script("1 2 3 7!", faults=[lose(1)], horizon=30.9, **BY_SEQUENCE | {"error_backoff_factor": 1.0})
    text = GAP_ROWS.partition("3 poll_sent")[0]
    assert "P12" not in [finding.rule for finding in check(Trace(rows(text)), given)]


def test_p12_messages_of_another_run_put_off_what_the_client_does_not_miss_yet() -> None:
    """Nobody tells it of event 0; they re-arm the timer until 20 s."""
    others = " ".join(str(2 * n) for n in range(1, 11))
    given = script(
        "1", others=others, faults=[lose(0)], timeout=1.0, horizon=26, **BY_SEQUENCE | {"error_backoff_factor": 1.0}
    )
    trace = perform(given, "model")
    assert [row[0] for row in trace.rows if row[2] == "event_shown"] == [24_500_000]
    assert check(trace, given) == []


def test_p3_no_heartbeat_comes_from_the_terminals_instant_on() -> None:
    given = script("2!", horizon=5, orchestrator={"heartbeat_s": 2.0}, **BY_SEQUENCE)
    ended = f"{OPEN}\n{emitted(2, 0)}\n2 event_shown #0\n2 terminal_reached #0\n2 timer_cleared\n"
    assert check(Trace(rows(ended)), given) == []
    assert check(Trace(rows(ended + "2 message_received heartbeat")), given) != []


def test_p3_without_a_connection_heartbeats_are_lost_like_messages() -> None:
    given = script("1", horizon=2, orchestrator={"heartbeat_s": 2.0}, **BY_SEQUENCE | {"websocket": False})
    text = f"0 timer_armed 4\n{emitted(1, 0, 'no-connection')}\n2 message_lost no-connection"
    assert check(Trace(rows(text)), given) == []


def test_p4_a_message_that_the_client_has_already_changes_nothing() -> None:
    given = script("1", latency=6.0, horizon=8, **BY_SEQUENCE)
    text = f"""{OPEN}
        1 event_emitted #0
        1 message_published #0
        4 poll_sent
        4.5 poll_answered 1
        4.5 event_shown #0
        4.5 timer_armed 8.5
        7 message_received #0
        7 timer_armed 11
    """
    assert check(Trace(rows(text)), given) == []
    repeated = text.replace("7 message_received #0\n", "7 message_received #0\n7 event_repeated #0\n")
    assert check(Trace(rows(repeated)), given) != []


def test_p11_with_a_poll_at_mount_what_is_owed_waits_for_its_end() -> None:
    given = script("0 0.2", faults=[lose(0)], horizon=2, poll_at_mount=True, **BY_SEQUENCE)
    text = f"""
        0 timer_armed 4
        0 poll_sent
        0 websocket_opened
        0 timer_armed 4
        {emitted(0, 0, "fault")}
        {emitted(0.2, 1)}
        0.5 poll_answered 2
        0.5 event_shown #0
        0.5 event_shown #1
        0.5 timer_armed 4.5
        0.5 poll_sent
        1 poll_answered 0
        1 timer_armed 5
    """
    assert check(Trace(rows(text)), given) == []


def test_without_its_script_a_trace_may_be_of_a_client_by_sequence_or_of_another() -> None:
    """Both are kept, and so is a poll that ends a message's turn; one that ends nothing is found."""
    assert check(Trace(rows(GAP_ROWS))) == []
    stray = GAP_ROWS.replace(
        "7 event_emitted #3\n", "6 poll_sent\n6.5 poll_answered 0\n6.5 timer_armed 10.5\n7 event_emitted #3\n"
    )
    assert SENT in [finding.rule for finding in check(Trace(rows(stray)))]


def test_what_a_slow_reader_has_heard_of_in_heartbeats_is_not_known_and_what_it_owes_not_judged() -> None:
    slow = {"kind": "slow-reader", "clients": [0], "bytes_per_s": 1e9}
    given = script("1", faults=[lose(0), slow], horizon=5, orchestrator={"heartbeat_s": 2.0}, **BY_SEQUENCE)
    without = BEAT_ROWS.replace(
        "2 poll_sent\n    2.5 poll_answered 1\n    2.5 event_shown #0\n    2.5 timer_armed 6.5\n", ""
    )
    assert not {OWED, PUT_OFF} & {finding.rule for finding in check(Trace(rows(without)), given)}
