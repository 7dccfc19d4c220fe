"""Connection: one WebSocket, from the attempt to open it to its end on either side (L1, L2, L5 to L7, F8 to F10)."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from sim.contract.draws import NEVER
from sim.contract.script import Script
from sim.contract.trace import Row
from sim.model.fanout import Fanout
from sim.model.message import Message
from sim.model.passage import Passage
from sim.model.pings import Pings
from sim.model.reader import SlowReader
from sim.model.turns import ARRIVE, CLOSE, OPEN, Happening


class Endpoint(Protocol):
    """The client's end."""

    def opened(self) -> None:
        """The WebSocket is open."""

    def closed(self, reason: str) -> None:
        """The WebSocket, or the attempt to open it, has ended."""

    def received(self, message: Message) -> None:
        """A message has arrived."""


class State(Enum):
    """Of the WebSocket, as the client sees it."""

    CONNECTING = "connecting"
    OPEN = "open"
    OVER = "over"


class Connection:
    """One attempt, and what comes of it.

    The server knows it from its opening until it is closed from either side; a close that begins at the server passes
    to the client like everything else.

    half_open: nothing passes any more, and nobody was told (L6).
    """

    def __init__(
        self,
        passage: Passage,
        script: Script,
        fanout: Fanout,
        endpoint: Endpoint,
        record: Callable[[Row], None],
        attempt: int,
    ) -> None:
        """Start the attempt of this number; in a refused window, or without a server, it will fail (L5, F9)."""
        self._passage = passage
        self._clock = passage.clock
        self._client = client = passage.client
        self._script = script
        self._fanout = fanout
        self._endpoint = endpoint
        self._record = record
        self._state = State.CONNECTING
        self._gone_for_server = False
        self.half_open = False
        self._in_flight: dict[tuple[int, int], Message] = {}
        self._last_arrival_us = 0
        self._lost = (client.event_lost, client.other_lost, client.heartbeat_lost)
        self._latency_us = (client.event_latency_us, client.other_latency_us, client.heartbeat_latency_us)
        self._reader: SlowReader | None = None
        now = passage.clock.now_us
        done_us = passage.passing_us(now + client.connect_us[attempt % len(client.connect_us)])
        if fanout.away or any(from_us <= now < until_us for from_us, until_us in client.refused_windows):
            passage.at(done_us, CLOSE, self._refused)
        else:
            passage.at(done_us, OPEN, self._open)

    @property
    def served(self) -> bool:
        """Whether the server takes it for open."""
        return self._state is State.OPEN and not self._gone_for_server

    def _open(self, _: Happening) -> None:
        if self._state is not State.CONNECTING or self._gone_for_server:
            return
        self._state = State.OPEN
        self._fanout.open(self._client.username, self)
        if self._client.read_bytes_per_s is not None:
            self._reader = SlowReader(self._clock, self._script, self._client, self)
        if self._reader or self._client.half_open_us or self._client.partition_windows:
            Pings(self._passage, self._script, self)
        self._endpoint.opened()

    def _refused(self, _: Happening) -> None:
        if self._state is State.CONNECTING and not self._gone_for_server:
            self._end("refused")

    # messages

    def send(self, message: Message) -> None:
        """Carry a message to the client, in order behind those sent before it (L1), or lose it."""
        now, client = self._clock.now_us, self._client
        _, kind, place, _, _ = message
        if self._lost[kind][place]:
            self._record(message.lost(now, "fault"))
            return
        if self.half_open:
            self._record(message.lost(now, "half-open"))
            return
        arrival_us = max(now + self._latency_us[kind][place], self._last_arrival_us)
        self._in_flight[kind, place] = message
        if self._reader:
            if not self._reader.write(message):
                self._lose_in_flight("overflow")
                self.close_by_server("connection-lost")
                return
            arrival_us += self._reader.reading_us(message)
        if client.partition_windows:
            arrival_us = self._passage.passing_us(arrival_us)
        self._last_arrival_us = arrival_us
        Happening(self._clock, arrival_us, ARRIVE, message.client, self._arrive, message, order=kind)

    def _arrive(self, happening: Happening) -> None:
        message: Message = happening.subject
        if self._in_flight.pop((message.kind, message.position), None) is not None:
            if self._reader:
                self._reader.read(message)
            self._endpoint.received(message)

    def unsent(self) -> list[Message]:
        """What has been written and has not arrived, oldest first."""
        return list(self._in_flight.values())

    def pong_us(self) -> int:
        """When the answer to a ping of now comes back: after all that was written before it (F10, L7, L9)."""
        if self.half_open or self._client.read_bytes_per_s == 0:
            return NEVER
        behind_us = self._last_arrival_us if self._reader else 0
        return max(self._passage.passing_us(self._clock.now_us), behind_us)

    # ends

    def lose(self, reason: str = "connection-lost") -> None:
        """It breaks, or the client closes it, and both ends know (L3, L5, D8)."""
        if self._state is not State.OVER:
            self._leave_server()
            self._end(reason)

    def fall_silent(self) -> None:
        """It breaks, and nobody is told; an attempt fails (L6)."""
        if self._state is State.CONNECTING:
            self.lose()
        elif self._state is State.OPEN:
            self.half_open = True
            self._lose_in_flight("half-open")

    def close_by_server(self, farewell: str) -> None:
        """The server closes it on its side; the client hears of it, and what is on its way is lost, as it can (L7)."""
        if self._state is State.OVER or self._gone_for_server:
            return
        reason = farewell if self._state is State.OPEN else "connection-lost"
        self._leave_server()
        told_us = self._passage.passing_us(self._clock.now_us)
        if told_us > self._clock.now_us:
            self._passage.at(told_us, CLOSE, self._told, reason)
        elif not self.half_open:
            self._end(reason)

    def _told(self, happening: Happening) -> None:
        if self._state is not State.OVER and not self.half_open:
            self._end(happening.subject)

    def _leave_server(self) -> None:
        if self.served:
            self._fanout.close(self._client.username, self)
        self._gone_for_server = True

    def _lose_in_flight(self, reason: str) -> None:
        """What is on its way is lost, own events first, heartbeats last (L2, B3, P3)."""
        for key in sorted(self._in_flight):
            self._record(self._in_flight[key].lost(self._clock.now_us, reason))
        self._in_flight.clear()

    def _end(self, reason: str) -> None:
        self._lose_in_flight("connection-lost")
        self._state = State.OVER
        self._endpoint.closed(reason)
