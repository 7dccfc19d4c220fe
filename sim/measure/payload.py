"""Payload sizes: how many bytes the messages and answers of a trace carry, in the format of `contract.wire`."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property

from sim.contract.script import ClientScript, RunEvent, Script
from sim.contract.trace import Row
from sim.contract.wire import Heartbeat, Message, encode_answer, encode_heartbeat, encode_message, other_run
from sim.measure.mismatch import of_one_script

Span = tuple[int, int]
"""From and until, in microseconds."""


def payload_bytes(rows: Iterable[Row], script: Script, within_us: Span | None = None) -> tuple[int, int]:
    """Bytes of JSON text received over WebSockets, and in answers to polls; headers are not counted.

    rows: all that happened, since an answer to a client that goes by sequence holds what it had not shown (P2).
    within_us: count only what comes at from <= t < until.

    A trace does not tell which message of another run arrived, nor which heartbeat: each counts as the mean of the
    scripted ones, heartbeats until the run has ended (P3).
    Raises TraceError where the rows are not of this script.
    """
    websocket = http = 0.0
    people: dict[int, _Payloads] = {}
    data = "x" * script.scenario.workload.payload_bytes
    for row in rows:
        time_us, client, kind, event, detail = row
        if kind not in ("message_received", "poll_sent", "poll_answered", "event_shown"):
            continue
        with of_one_script(script, row):
            if client not in people:
                people[client] = _Payloads(script.client(client), data, by_sequence=script.policy.by_sequence)
            payloads = people[client]
            if kind == "event_shown":
                payloads.shown += 1
            elif kind == "poll_sent":
                payloads.asks()
            elif within_us is not None and not within_us[0] <= time_us < within_us[1]:
                continue
            elif kind == "poll_answered":
                http += payloads.answer(int(detail))
            else:
                websocket += payloads.heartbeat if detail == "heartbeat" else payloads.message(event)
    return round(websocket), round(http)


class _Payloads:
    """What one client can be sent, each event with this data, and how long it is.

    shown: how many events it has shown.
    """

    def __init__(self, client: ClientScript, data: str, *, by_sequence: bool) -> None:
        self.shown = 0
        self._asked_from = 0
        self._by_sequence = by_sequence
        self._client = client
        self._history = _messages(client.run_id, client.events, client.event_us, data)
        others = _messages(other_run(client.run_id), client.other_events, client.other_us, data)
        self._others = [len(encode_message(message).encode()) for message in others]

    def message(self, event: int) -> float:
        """Bytes of the message of this event; -1: of another run's, on average."""
        if event < 0:
            return sum(self._others) / len(self._others)
        return len(encode_message(self._history[event]).encode())

    @cached_property
    def heartbeat(self) -> float:
        """Bytes of a heartbeat, on average."""
        client = self._client
        ended_us = min((t for t, e in zip(client.event_us, client.events, strict=True) if e.terminal), default=None)
        beats_us = [t for t in client.heartbeat_us if ended_us is None or t < ended_us]
        digits = sum(
            len(f"{number}{bisect_right(client.event_us, t) - 1}") for number, t in enumerate(beats_us)
        )  # all else is the same in each
        return len(encode_heartbeat(Heartbeat(client.run_id, 0, 0)).encode()) - 2 + digits / len(beats_us)

    def asks(self) -> None:
        """A poll is sent: by sequence for what has not been shown (P2), otherwise for all."""
        self._asked_from = self.shown if self._by_sequence else 0

    def answer(self, count: int) -> int:
        """Bytes of the answer to the last poll, with so many events."""
        until = self._asked_from + count
        if until > len(self._history):
            raise IndexError
        return len(encode_answer(self._client.run_id, self._history[:until], self._asked_from - 1).encode())


def _messages(run_id: str, events: Iterable[RunEvent], times_us: Iterable[int], data: str) -> list[Message]:
    return [
        Message(run_id, seq, event.type, event.node_id, time_us / 1e6, data)
        for seq, (event, time_us) in enumerate(zip(events, times_us, strict=True))
    ]
