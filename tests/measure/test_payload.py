"""The bytes of messages and answers (section 7), against the JSON texts themselves."""

import pytest

from sim import Scenario, Trace, measure, perform, realize
from sim.contract.errors import TraceError
from sim.contract.trace import Row
from sim.contract.wire import Message, encode_answer, encode_message
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


@pytest.mark.parametrize(
    "row",
    [
        (1_000_000, 0, "message_received", -1, "other"),
        (1_000_000, 9, "poll_answered", -1, "1"),
        (1_000_000, 0, "message_received", 7, ""),
        (1_000_000, 0, "poll_answered", -1, "7"),
    ],
)
def test_a_trace_that_is_not_of_the_script_is_refused(row: Row) -> None:
    with pytest.raises(TraceError, match="the trace is not of the scenario 'a test'"):
        measure(Trace([row]), script("1!"))
