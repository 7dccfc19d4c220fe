"""Payload sizes: how many bytes the messages and answers of a trace carry, in the format of `contract.wire`."""

from collections.abc import Iterable

from sim.contract.script import ClientScript, RunEvent, Script
from sim.contract.trace import Row
from sim.contract.wire import Message, encode_answer, encode_message


def payload_bytes(rows: Iterable[Row], script: Script) -> tuple[int, int]:
    """Bytes of JSON text received over WebSockets, and in answers to polls; headers are not counted.

    A trace does not tell which message of another run arrived: each counts as the mean of the scripted ones.
    """
    websocket = http = 0.0
    histories: dict[int, list[Message]] = {}
    for _, client, kind, event, detail in rows:
        if kind not in ("message_received", "poll_answered"):
            continue
        if client not in histories:
            histories[client] = _history(script.client(client))
        if kind == "poll_answered":
            run_id = script.client(client).run_id
            http += len(encode_answer(run_id, histories[client][: int(detail)]).encode())
        elif event >= 0:
            websocket += len(encode_message(histories[client][event]).encode())
        else:
            websocket += _mean_other(script.client(client))
    return round(websocket), round(http)


def _history(client: ClientScript) -> list[Message]:
    return _messages(client.run_id, client.events, client.event_us)


def _mean_other(client: ClientScript) -> float:
    sizes = [len(encode_message(m).encode()) for m in _messages("other", client.other_events, client.other_us)]
    return sum(sizes) / len(sizes)


def _messages(run_id: str, events: Iterable[RunEvent], times_us: Iterable[int]) -> list[Message]:
    return [
        Message(run_id, seq, event.type, event.node_id, time_us / 1e6)
        for seq, (event, time_us) in enumerate(zip(events, times_us, strict=True))
    ]
