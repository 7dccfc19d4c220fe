"""Link: the network between one client and the servers, with its delays and faults (L1, L2, L5, C9)."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from sim.contract.script import ERROR, TIMEOUT, ClientScript, RunEvent, Script
from sim.contract.trace import Row
from sim.model.fanout import Fanout
from sim.model.message import Message
from sim.model.orchestrator import Orchestrator
from sim.model.turns import ANSWER, ARRIVE, CLOSE, OPEN, REQUEST, Clock, Happening


class Endpoint(Protocol):
    """The client's end of the link."""

    def opened(self) -> None:
        """The WebSocket is open."""

    def closed(self, reason: str) -> None:
        """The WebSocket, or the attempt to open it, has ended."""

    def received(self, message: Message) -> None:
        """A message has arrived."""

    def answered(self, history: list[RunEvent]) -> None:
        """A poll has been answered."""

    def failed(self, reason: str) -> None:
        """A poll has failed."""


class State(Enum):
    """Of the WebSocket: no attempt is made again after it is closed."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"


class Link:
    """One client's WebSocket and polls on their way.

    Nothing later than the horizon is scheduled, so that the simulation ends by itself.
    """

    def __init__(
        self,
        clock: Clock,
        script: Script,
        client: ClientScript,
        fanout: Fanout,
        orchestrator: Orchestrator,
        record: Callable[[Row], None],
    ) -> None:
        self._clock = clock
        self._horizon_us = script.horizon_us
        self._timeout_us = script.poll_timeout_us
        self._client = client
        self._fanout = fanout
        self._orchestrator = orchestrator
        self._record = record
        self._state = State.IDLE
        self._in_flight: dict[tuple[bool, int], Message] = {}
        self._last_arrival_us = 0
        self.endpoint: Endpoint
        for lost_us in client.connection_lost_us:
            self._at(lost_us, CLOSE, self._lose, "connection-lost")

    def _at(self, time_us: int, turn: int, callback: Callable[[Happening], None], value: object = None) -> None:
        if time_us <= self._horizon_us:
            Happening(self._clock, time_us, turn, self._client.client, callback, value)

    def connect(self) -> None:
        """Start the client's attempt to open its WebSocket; in a refused window it will fail (L5)."""
        now = self._clock.now_us
        done_us = now + self._client.connect_us[0]
        self._state = State.CONNECTING
        if any(window.from_us <= now < window.until_us for window in self._client.refused_windows):
            self._at(done_us, CLOSE, self._lose, "refused")
        else:
            self._at(done_us, OPEN, self._open)

    def _open(self, _: Happening) -> None:
        if self._state is State.CONNECTING:
            self._state = State.OPEN
            self._fanout.open(self._client.username, self)
            self.endpoint.opened()

    def _lose(self, happening: Happening) -> None:
        """The connection or the attempt ends; what is in flight on it is lost, own events first (L2, B3)."""
        if self._state is State.OPEN:
            self._fanout.close(self._client.username, self)
            for key in sorted(self._in_flight):
                self._lost(self._in_flight[key], "connection-lost")
            self._in_flight.clear()
        elif self._state is not State.CONNECTING:
            return
        self._state = State.CLOSED
        self.endpoint.closed(happening.subject)

    def send(self, message: Message) -> None:
        """Carry a message to the client, in order behind those sent before it (L1), or lose it."""
        other = message.event < 0
        lost = self._client.other_lost if other else self._client.event_lost
        if lost[message.position]:
            self._lost(message, "fault")
            return
        latency_us = self._client.other_latency_us if other else self._client.event_latency_us
        arrival_us = max(self._clock.now_us + latency_us[message.position], self._last_arrival_us)
        self._last_arrival_us = arrival_us
        self._in_flight[other, message.position] = message
        if arrival_us <= self._horizon_us:
            Happening(self._clock, arrival_us, ARRIVE, self._client.client, self._arrive, message, other=other)

    def _arrive(self, happening: Happening) -> None:
        message: Message = happening.subject
        if self._in_flight.pop((message.event < 0, message.position), None) is not None:
            self.endpoint.received(message)

    def _lost(self, message: Message, reason: str) -> None:
        self._record((self._clock.now_us, message.client, "message_lost", message.event, reason))

    def poll(self, number: int) -> None:
        """Carry the client's poll of this number to the orchestrator and its answer back, or fail it (C9, B8)."""
        now = self._clock.now_us
        latency_us = self._client.poll_latency_us[number]
        fate = self._client.poll_fate[number] or next(
            (window.fate for window in self._client.poll_windows if window.from_us <= now < window.until_us),
            0,
        )
        if fate == TIMEOUT or latency_us > self._timeout_us:
            self._at(now + self._timeout_us, ANSWER, self._fail, "timeout")
        elif fate == ERROR:
            self._at(now + latency_us, ANSWER, self._fail, "error")
        else:
            self._at(now + latency_us // 2, REQUEST, self._request, now + latency_us)

    def _request(self, happening: Happening) -> None:
        answer = self._orchestrator.answer(self._client.run_id)
        self._at(happening.subject, ANSWER, self._answer, answer)

    def _answer(self, happening: Happening) -> None:
        self.endpoint.answered(happening.subject)

    def _fail(self, happening: Happening) -> None:
        self.endpoint.failed(happening.subject)
