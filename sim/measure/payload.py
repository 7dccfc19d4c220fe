"""Payload sizes: how many bytes the messages and answers of a trace carry, in the format of `contract.wire`."""

from collections.abc import Iterable

from sim.contract.script import ClientScript, RunEvent, Script
from sim.contract.trace import Row
from sim.contract.wire import Message, encode_answer, encode_message, other_run
from sim.measure.mismatch import of_one_script


def payload_bytes(rows: Iterable[Row], script: Script) -> tuple[int, int]:
    """Bytes of JSON text received over WebSockets, and in answers to polls; headers are not counted.

    A trace does not tell which message of another run arrived: each counts as the mean of the scripted ones.
    Raises TraceError where the rows are not of this script.
    """
    websocket = http = 0.0
    people: dict[int, _Payloads] = {}
    for row in rows:
        _, client, kind, event, detail = row
        if kind not in ("message_received", "poll_answered"):
            continue
        with of_one_script(script, row):
            if client not in people:
                people[client] = _Payloads(script.client(client), "x" * script.scenario.workload.payload_bytes)
            if kind == "poll_answered":
                http += people[client].answer(int(detail))
            else:
                websocket += people[client].message(event)
    return round(websocket), round(http)


class _Payloads:
    """What one client can be sent, each event with this data, and how long it is."""

    def __init__(self, client: ClientScript, data: str) -> None:
        self._run_id = client.run_id
        self._history = _messages(client.run_id, client.events, client.event_us, data)
        others = _messages(other_run(client.run_id), client.other_events, client.other_us, data)
        self._others = [len(encode_message(message).encode()) for message in others]

    def message(self, event: int) -> float:
        """Bytes of the message of this event; -1: of another run's, on average."""
        if event < 0:
            return sum(self._others) / len(self._others)
        return len(encode_message(self._history[event]).encode())

    def answer(self, count: int) -> int:
        """Bytes of an answer with the first `count` events."""
        if count > len(self._history):
            raise IndexError
        return len(encode_answer(self._run_id, self._history[:count]).encode())


def _messages(run_id: str, events: Iterable[RunEvent], times_us: Iterable[int], data: str) -> list[Message]:
    return [
        Message(run_id, seq, event.type, event.node_id, time_us / 1e6, data)
        for seq, (event, time_us) in enumerate(zip(events, times_us, strict=True))
    ]
