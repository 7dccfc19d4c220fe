"""Wire formats: channel names, messages, answers and terminal events (the document, "Server-Side Requirements").

A message is one event as JSON with three fields added to the documented ones: `run_id`, so that a client can
tell its run's messages from those of the user's other runs, `seq`, the event's index within its run, and, only where
there is some, `data`. A heartbeat goes the same way (P3).
"""

import json
import sys
from dataclasses import dataclass
from typing import Any, TypeVar

from sim.contract.errors import InputError

CHANNEL_PREFIX = "workflow:events:"
CHANNEL_PATTERN = CHANNEL_PREFIX + "*"
WEBSOCKET_PATH = "/ws"
EVENTS_PATH = "/api/v1/runs/{run_id}/events"

HEARTBEAT = "heartbeat"
"""The type of a heartbeat, which is no event's."""

AFTER = "after"
"""The query's parameter by which a poll asks for what is newer only (P2)."""

STATUS_OF_TERMINAL = {
    "workflow_completed": "completed",
    "workflow_failed": "failed",
    "workflow_cancelled": "cancelled",
}


T = TypeVar("T")


class WireError(InputError):
    """A message or answer that is not in the documented format."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event of one run as it travels.

    seq: its index within the run. timestamp: its time in seconds. data: what else it carries.
    """

    run_id: str
    seq: int
    type: str
    node_id: str | None
    timestamp: float
    data: str = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life of one run (P3).

    number: its place among the run's heartbeats, from 0. newest: the seq of the run's newest event, -1 for none.
    """

    run_id: str
    number: int
    newest: int


def is_terminal(event_type: str) -> bool:
    """Whether an event of this type ends its run (W3)."""
    return event_type in STATUS_OF_TERMINAL


def channel(username: str) -> str:
    """The Redis channel of a user (R1); the username may hold any character."""
    return CHANNEL_PREFIX + username


def username_of(channel_name: str) -> str:
    """The user whose channel this is (R1): everything after the prefix, colons included."""
    return channel_name.removeprefix(CHANNEL_PREFIX)


def other_run(run_id: str) -> str:
    """The run_id that the events of the same user's other runs carry (B1)."""
    return f"{run_id}/other"


def encode_message(message: Message) -> str:
    """The JSON text of a message."""
    return json.dumps(_event(message) | {"run_id": message.run_id}, separators=(",", ":"), ensure_ascii=False)


def encode_heartbeat(heartbeat: Heartbeat) -> str:
    """The JSON text of a heartbeat."""
    body = {
        "type": HEARTBEAT,
        "run_id": heartbeat.run_id,
        "number": heartbeat.number,
        "newest": heartbeat.newest,
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def decode_message(text: str | bytes) -> Message | Heartbeat:
    """The message or heartbeat in a text frame; raises WireError where it is neither."""
    data = _json_object(text, "message")
    run_id = _field(data, "run_id", str, "message")
    if data.get("type") != HEARTBEAT or "seq" in data:  # an event may be of any type
        return _message(data, run_id, "message")
    number, newest = (_field(data, key, int, "heartbeat") for key in ("number", "newest"))
    if number < 0 or newest < -1:
        raise WireError(f"heartbeat: number ({number}) must not be negative, nor newest ({newest}) less than -1")
    return Heartbeat(run_id, number, newest)


def encode_answer(run_id: str, history: list[Message], after: int = -1) -> str:
    """The JSON text of a poll's answer (O1): what of the run's history comes after this seq (P2), and its status."""
    status = next((STATUS_OF_TERMINAL[m.type] for m in history if is_terminal(m.type)), "running")
    body = {"run_id": run_id, "events": [_event(m) for m in history if m.seq > after], "status": status}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def decode_answer(text: str | bytes) -> list[Message]:
    """The history in a poll's answer; raises WireError where it is not one."""
    data = _json_object(text, "answer")
    run_id = _field(data, "run_id", str, "answer")
    _field(data, "status", str, "answer")
    events = _field(data, "events", list, "answer")
    messages = []
    for index, event in enumerate(events):
        where = f"answer, events[{index}]"
        if not isinstance(event, dict):
            raise WireError(f"{where}: must be a JSON object, not {json.dumps(event)[:60]}")
        messages.append(_message(event, run_id, where))
    return messages


def _event(message: Message) -> dict[str, Any]:
    event: dict[str, Any] = {"type": message.type, "seq": message.seq, "timestamp": message.timestamp}
    if message.node_id is not None:
        event["node_id"] = message.node_id
    if message.data:
        event["data"] = message.data
    return event


def _message(data: dict[str, Any], run_id: str, where: str) -> Message:
    node_id = data.get("node_id")
    if node_id is not None and not isinstance(node_id, str):
        raise WireError(f"{where}: node_id must be a string")
    carried = data.get("data", "")
    if not isinstance(carried, str):
        raise WireError(f"{where}: data must be a string")
    timestamp = data.get("timestamp")
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float) or not abs(timestamp) <= _LARGEST:
        raise WireError(f"{where}: timestamp must be a number of seconds")
    seq = _field(data, "seq", int, where)
    if seq < 0:
        raise WireError(f"{where}: seq must not be negative, but is {seq}")
    return Message(run_id, seq, _field(data, "type", str, where), node_id, float(timestamp), carried)


def _json_object(text: str | bytes, what: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise WireError(f"{what}: not JSON ({error})") from None
    except RecursionError:
        raise WireError(f"{what}: not JSON (nested too deeply)") from None
    if not isinstance(data, dict):
        raise WireError(f"{what}: must be a JSON object, not {json.dumps(data)[:60]}")
    return data


def _field(data: dict[str, Any], key: str, kind: type[T], where: str) -> T:
    value = data.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise WireError(f"{where}: {key} must be a JSON {_JSON_NAME[kind]}")
    return value


_LARGEST = sys.float_info.max
_JSON_NAME: dict[type, str] = {str: "string", int: "whole number", list: "array"}
