"""The bytes of messages and answers (section 7), against the JSON texts themselves."""

import pytest

from sim import Scenario, Trace, measure, perform, realize
from sim.contract.errors import TraceError
from sim.contract.trace import Row
from sim.contract.wire import Heartbeat, Message, encode_answer, encode_heartbeat, encode_message
from sim.measure.payload import payload_bytes

from ..model.telling import lose, rows, scenario, script


def carrying(data_bytes: int) -> Scenario:
    """One event of the run and one of another, each with so much data."""
    event = {"at_s": 1.0, "type": "workflow_completed"}
    workload = {"events": [event], "other_events": [event], "payload_bytes": data_bytes}
    return Scenario.from_dict({"title": "x", "horizon_s": 9.0, "workload": workload})


def test_the_bytes_are_those_of_the_json_texts() -> None:
    played = script("1 2 6 7!", faults=[lose(1)])
    history = [
        Message("run-000000", 0, "node_completed", None, 1.0),
        Message("run-000000", 1, "node_completed", None, 2.0),
        Message("run-000000", 2, "node_completed", None, 6.0),
        Message("run-000000", 3, "workflow_completed", None, 7.0),
    ]
    found = measure(perform(played, "model"))
    assert found["bytes_websocket"] == sum(len(encode_message(history[n])) for n in (0, 2, 3))
    assert found["bytes_http"] == len(encode_answer("run-000000", history[:2]))
    assert encode_message(history[0]) == (
        '{"type":"node_completed","seq":0,"timestamp":1.0,"run_id":"run-000000"}'
    )  # 71 characters; so that "actual" is not a matter of the encoder alone
    assert len(encode_message(history[0])) == 71


def test_the_bytes_are_utf_8_and_not_characters() -> None:
    table = scenario("1", horizon=2).to_dict()
    table["workload"]["events"][0]["node_id"] = "größe→"
    wide = measure(perform(realize(scenario().from_dict(table)), "model"))["bytes_websocket"]
    table["workload"]["events"][0]["node_id"] = "grosse"
    narrow = measure(perform(realize(scenario().from_dict(table)), "model"))["bytes_websocket"]
    assert isinstance(wide, int)
    assert isinstance(narrow, int)
    assert wide - narrow == len("größe→".encode()) - len("grosse")


def test_failed_polls_carry_no_bytes_and_an_answer_without_events_does() -> None:
    failed = script(faults=[{"kind": "poll-failed", "probability": 1.0}])
    assert measure(perform(failed, "model"))["bytes_http"] == 0
    empty = encode_answer("run-000000", [])
    assert empty == '{"run_id":"run-000000","events":[],"status":"running"}'
    assert measure(perform(script(horizon=9), "model"))["bytes_http"] == 2 * len(empty)


def test_the_bytes_within_a_span_are_those_of_its_messages_and_answers() -> None:
    trace = perform(script("1 2 6 7!", faults=[lose(1)]), "model")
    whole, first, rest = (
        measure(trace, within_s=span)["bytes_websocket"] for span in ((0.0, 20.0), (0.0, 5.0), (5.0, 20.0))
    )
    assert first == 71
    assert isinstance(rest, int)
    assert whole == 71 + rest
    assert measure(trace, within_s=(5.000001, 20.0))["bytes_http"] == 0
    assert measure(trace, within_s=(5.0, 5.000001))["bytes_http"] == measure(trace)["bytes_http"]


def test_what_events_carry_besides_counts_in_messages_and_in_answers() -> None:
    rows_of_both = rows("1 message_received #0\n1 message_received other\n4 poll_answered 1\n5 poll_answered 0")
    bare, laden = (payload_bytes(rows_of_both, realize(carrying(size))) for size in (0, 100))
    data = len(',"data":""') + 100
    assert laden == (bare[0] + 2 * data, bare[1] + data)


def test_messages_of_other_runs_carry_bytes_too() -> None:
    found = measure(perform(script(others="1 2", horizon=3), "model"))
    assert found["messages_received"] == 2
    assert isinstance(found["bytes_websocket"], int)
    assert found["bytes_websocket"] > 2 * 60


RUN = "run-000000"
HISTORY = [Message(RUN, n, "node_completed", None, float(at_s)) for n, at_s in enumerate((1, 2, 3, 9))]
GAP = """
    1 event_shown #0
    3 message_received #2
    3 poll_sent
    3.5 event_shown #1
    4 poll_answered 2
    4 event_shown #2
    8 poll_sent
    8 poll_answered 0
"""
"""Event 1 comes by its own message while the poll for it, with events 1 and 2 in its answer, is in flight."""


def test_p2_an_answer_to_a_client_by_sequence_holds_what_it_had_not_shown_when_it_asked() -> None:
    played = script("1 2 3 9", policy="hybrid-cursor")
    first, second = encode_answer(RUN, HISTORY[:3], after=0), encode_answer(RUN, HISTORY[:3], after=2)
    assert '"events":[]' in second
    assert payload_bytes(rows(GAP), played) == (len(encode_message(HISTORY[2])), len(first) + len(second))


def test_p2_which_was_before_the_span_that_is_measured() -> None:
    played = script("1 2 3 9", policy="hybrid-cursor")
    span_us = (4_000_000, 8_000_000)
    assert payload_bytes(rows(GAP), played, span_us) == (0, len(encode_answer(RUN, HISTORY[:3], after=0)))


def test_p2_an_answer_to_another_client_holds_all() -> None:
    played = script("1 2 3 9")
    both = len(encode_answer(RUN, HISTORY[:2])) + len(encode_answer(RUN, []))
    assert payload_bytes(rows(GAP), played)[1] == both


def test_p2_the_terminal_status_is_that_of_the_whole_history() -> None:
    played = script("1!", policy="hybrid-cursor")
    ended = [Message(RUN, 0, "workflow_completed", None, 1.0)]
    shown = "1 event_shown #0\n2 poll_sent\n2 poll_answered 0"
    assert payload_bytes(rows(shown), played)[1] == len(encode_answer(RUN, ended, after=0))


def test_p3_a_heartbeat_counts_as_the_mean_of_those_until_the_run_has_ended() -> None:
    played = script("1 2 11!", policy="hybrid-cursor", horizon=40, orchestrator={"heartbeat_s": 1.0})
    beats = [Heartbeat(RUN, n, min(n, 1)) for n in range(10)]
    mean = sum(len(encode_heartbeat(beat)) for beat in beats) / 10
    found = rows("3 message_received heartbeat\n4 message_received heartbeat")
    assert payload_bytes(found, played) == (round(2 * mean), 0)


def test_p3_where_no_event_is_emitted_yet_a_heartbeat_tells_of_minus_one() -> None:
    played = script("9", policy="hybrid-cursor", horizon=2, orchestrator={"heartbeat_s": 2.0})
    found = rows("2 message_received heartbeat")
    assert payload_bytes(found, played)[0] == len(encode_heartbeat(Heartbeat(RUN, 0, -1)))


@pytest.mark.parametrize(
    "row",
    [
        (1_000_000, 0, "message_received", -1, "heartbeat"),
        (1_000_000, 0, "message_received", -1, "other"),
        (1_000_000, 9, "poll_answered", -1, "1"),
        (1_000_000, 0, "message_received", 7, ""),
        (1_000_000, 0, "poll_answered", -1, "7"),
    ],
)
def test_a_trace_that_is_not_of_the_script_is_refused(row: Row) -> None:
    with pytest.raises(TraceError, match="the trace is not of the scenario 'a test'"):
        measure(Trace([row]), script("1!"))
