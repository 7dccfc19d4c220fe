"""The wire: channels (R1), messages, answers and status (O1, W3)."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.wire import (
    CHANNEL_PATTERN,
    Heartbeat,
    Message,
    WireError,
    channel,
    decode_answer,
    decode_message,
    encode_answer,
    encode_heartbeat,
    encode_message,
    is_terminal,
    username_of,
)
from sim.verify.generate_wide import TEXT
from tests.strategies import messages

MESSAGE = {"type": "node_completed", "seq": 0, "timestamp": 1.5, "node_id": "a", "run_id": "run-0"}
ANSWER = {"run_id": "run-0", "events": [], "status": "running"}


# Channels


@given(st.text())
def test_r1_a_username_may_hold_any_character(username: str) -> None:
    assert username_of(channel(username)) == username


@pytest.mark.parametrize("username", ["alice", "a:b", ":", "workflow:events:x", "", "*?[]"])
def test_r1_a_channel_is_the_prefix_and_the_username_as_it_is(username: str) -> None:
    assert channel(username) == f"workflow:events:{username}"
    assert username_of(channel(username)) == username


def test_r1_the_server_subscribes_to_every_channel() -> None:
    assert CHANNEL_PATTERN == "workflow:events:*"


# Messages


@given(messages())
def test_a_message_round_trips_as_text_and_as_bytes(message: Message) -> None:
    text = encode_message(message)
    assert decode_message(text) == decode_message(text.encode()) == message


@given(messages())
def test_f2_a_message_is_one_json_object_on_one_line(message: Message) -> None:
    text = encode_message(message)
    assert isinstance(json.loads(text), dict)
    assert "\n" not in text


def test_a_message_looks_like_this() -> None:
    text = encode_message(Message("run-0", 3, "node_completed", "ä", 1.5))
    assert text == '{"type":"node_completed","seq":3,"timestamp":1.5,"node_id":"ä","run_id":"run-0"}'


def test_an_event_without_a_node_has_no_such_field() -> None:
    assert "node_id" not in json.loads(encode_message(Message("r", 0, "workflow_completed", None, 0.0)))


def test_an_event_carries_its_data_last_but_for_the_run_and_only_where_there_is_some() -> None:
    text = encode_message(Message("run-0", 3, "node_completed", "a", 1.5, "xyz"))
    assert text == ('{"type":"node_completed","seq":3,"timestamp":1.5,"node_id":"a","data":"xyz","run_id":"run-0"}')
    assert "data" not in json.loads(encode_message(Message("r", 0, "node_completed", None, 0.0, "")))


def test_an_answers_events_carry_their_data_too() -> None:
    history = [Message("r", 0, "x", None, 0.0, "first"), Message("r", 1, "x", None, 1.0)]
    told = json.loads(encode_answer("r", history))["events"]
    assert [event.get("data") for event in told] == ["first", None]


def test_what_a_message_holds_besides_is_ignored() -> None:
    assert decode_message(json.dumps(MESSAGE | {"progress": 0.5})) == Message("run-0", 0, "node_completed", "a", 1.5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run_id": None}, "run_id must be a JSON string"),
        ({"run_id": 1}, "run_id must be a JSON string"),
        ({"type": None}, "type must be a JSON string"),
        ({"seq": "0"}, "seq must be a JSON whole number"),
        ({"seq": 0.5}, "seq must be a JSON whole number"),
        ({"seq": True}, "seq must be a JSON whole number"),
        ({"seq": -1}, "seq must not be negative, but is -1"),
        ({"node_id": 7}, "node_id must be a string"),
        ({"data": 7}, "data must be a string"),
        ({"data": None}, "data must be a string"),
        ({"timestamp": "1.5"}, "timestamp must be a number of seconds"),
        ({"timestamp": True}, "timestamp must be a number of seconds"),
        ({"timestamp": None}, "timestamp must be a number of seconds"),
        ({"timestamp": float("nan")}, "timestamp must be a number of seconds"),
        ({"timestamp": float("inf")}, "timestamp must be a number of seconds"),
        ({"timestamp": 10**400}, "timestamp must be a number of seconds"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_a_message_with_a_wrong_field_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(WireError) as refused:
        decode_message(json.dumps(MESSAGE | change))
    assert str(refused.value) == f"message: {reason}"
    if "run_id" in change:  # an answer holds that once, for all its events
        return
    with pytest.raises(WireError) as refused:
        decode_answer(json.dumps(ANSWER | {"events": [MESSAGE, MESSAGE | change]}))
    assert str(refused.value) == f"answer, events[1]: {reason}"


@pytest.mark.parametrize("key", ["type", "seq", "timestamp", "run_id"])
def test_a_message_without_a_field_is_refused(key: str) -> None:
    with pytest.raises(WireError, match=rf"^message: {key} must be a "):
        decode_message(json.dumps({k: v for k, v in MESSAGE.items() if k != key}))


# Answers


@given(TEXT, st.data())
def test_an_answer_round_trips_as_text_and_as_bytes(run_id: str, data: st.DataObject) -> None:
    history = data.draw(st.lists(messages(st.just(run_id)), max_size=4))
    text = encode_answer(run_id, history)
    assert decode_answer(text) == decode_answer(text.encode()) == history


@given(messages())
def test_o1_an_answer_holds_run_events_and_status(message: Message) -> None:
    body = json.loads(encode_answer(message.run_id, [message]))
    assert list(body) == ["run_id", "events", "status"]
    assert body["run_id"] == message.run_id
    assert len(body["events"]) == 1


@pytest.mark.parametrize(
    ("types", "status"),
    [
        ([], "running"),
        (["node_completed"], "running"),
        (["node_completed", "workflow_completed"], "completed"),
        (["workflow_failed"], "failed"),
        (["workflow_cancelled", "node_completed"], "cancelled"),
        (["workflow_failed", "workflow_completed"], "failed"),
    ],
)
def test_o1_the_first_terminal_event_decides_the_status(types: list[str], status: str) -> None:
    history = [Message("r", seq, event_type, None, 0.0) for seq, event_type in enumerate(types)]
    assert json.loads(encode_answer("r", history))["status"] == status


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (ANSWER | {"run_id": 1}, "answer: run_id must be a JSON string"),
        (ANSWER | {"status": None}, "answer: status must be a JSON string"),
        (ANSWER | {"events": {}}, "answer: events must be a JSON array"),
        (ANSWER | {"events": [[]]}, "answer, events[0]: must be a JSON object, not []"),
        ([], "answer: must be a JSON object, not []"),
    ],
)
def test_a_wrong_answer_is_refused(body: object, reason: str) -> None:
    with pytest.raises(WireError) as refused:
        decode_answer(json.dumps(body))
    assert str(refused.value) == reason


@given(st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(-1, 60))
def test_p2_an_answer_after_a_seq_holds_what_is_newer_and_the_status_of_all(seqs: list[int], after: int) -> None:
    history = [Message("r", seq, "workflow_completed", None, 0.0) for seq in seqs]
    text = encode_answer("r", history, after)
    assert decode_answer(text) == [message for message in history if message.seq > after]
    assert json.loads(text)["status"] == ("completed" if seqs else "running")


# Heartbeats


def test_p3_a_heartbeat_looks_like_this() -> None:
    text = encode_heartbeat(Heartbeat("run-0", 3, -1))
    assert text == '{"type":"heartbeat","run_id":"run-0","number":3,"newest":-1}'


@given(TEXT, st.integers(0, 2**31), st.integers(-1, 2**31))
def test_p3_a_heartbeat_round_trips_as_text_and_as_bytes(run_id: str, number: int, newest: int) -> None:
    heartbeat = Heartbeat(run_id, number, newest)
    text = encode_heartbeat(heartbeat)
    assert decode_message(text) == decode_message(text.encode()) == heartbeat


def test_an_event_may_be_of_the_type_heartbeat() -> None:
    message = Message("r", 0, "heartbeat", None, 0.0)
    assert decode_message(encode_message(message)) == message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"run_id": 1}, "message: run_id must be a JSON string"),
        ({"number": None}, "heartbeat: number must be a JSON whole number"),
        ({"number": True}, "heartbeat: number must be a JSON whole number"),
        ({"newest": "3"}, "heartbeat: newest must be a JSON whole number"),
        ({"number": -1}, "heartbeat: number (-1) must not be negative, nor newest (3) less than -1"),
        ({"newest": -2}, "heartbeat: number (2) must not be negative, nor newest (-2) less than -1"),
    ],
)
def test_a_heartbeat_with_a_wrong_field_is_refused(change: dict[str, object], reason: str) -> None:
    heartbeat: dict[str, object] = {"type": "heartbeat", "run_id": "r", "number": 2, "newest": 3}
    with pytest.raises(WireError) as refused:
        decode_message(json.dumps(heartbeat | change))
    assert str(refused.value) == reason


# Anything


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\x00", b"\xff\xfe", "[" * 100_000, "1" * 5_000])
def test_what_is_no_json_object_is_refused_in_one_sentence(text: str | bytes) -> None:
    for decode in (decode_message, decode_answer):
        with pytest.raises(WireError) as refused:
            decode(text)
        assert len(str(refused.value).splitlines()) == 1


@given(st.binary() | st.text())
def test_whatever_comes_is_a_message_or_a_wire_error(text: str | bytes) -> None:
    with suppress(WireError):
        assert isinstance(decode_message(text), Message)


@pytest.mark.parametrize("event_type", ["workflow_completed", "workflow_failed", "workflow_cancelled"])
def test_w3_a_terminal_type_ends_a_run(event_type: str) -> None:
    assert is_terminal(event_type)


@pytest.mark.parametrize("event_type", ["node_completed", "workflow_started", "", "WORKFLOW_COMPLETED"])
def test_w3_no_other_type_does(event_type: str) -> None:
    assert not is_terminal(event_type)
