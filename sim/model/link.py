"""Link: the network between one client and the servers, with its delays and faults (DESIGN.md section 3)."""

from collections.abc import Callable
from typing import Protocol

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row
from sim.model import connection, polls
from sim.model.connection import Connection
from sim.model.fanout import Fanout
from sim.model.orchestrator import Orchestrator
from sim.model.passage import Passage
from sim.model.polls import Polls
from sim.model.turns import CLOSE, Clock, Happening


class Endpoint(connection.Endpoint, polls.Poller, Protocol):
    """The client's end of the link."""


class Link:
    """One client's polls, and its WebSocket: one connection after the other, each hit by what befalls it."""

    def __init__(
        self,
        clock: Clock,
        script: Script,
        client: ClientScript,
        fanout: Fanout,
        orchestrator: Orchestrator,
        record: Callable[[Row], None],
    ) -> None:
        self._passage = Passage(clock, client)
        self._script = script
        self._fanout = fanout
        self._orchestrator = orchestrator
        self._record = record
        self._connection: Connection | None = None
        for lost_us in client.connection_lost_us:
            self._passage.at(lost_us, CLOSE, self._lose)
        for lost_us in client.half_open_us:  # at one instant after those that both ends know (L6)
            self._passage.at(lost_us, CLOSE, self._fall_silent)
        if script.fanout_outages:
            fanout.when_stopping(self._server_stops)

    def attach(self, endpoint: Endpoint) -> None:
        """This is the client, which is told what arrives."""
        self._endpoint = endpoint
        self._polls = Polls(self._passage, self._script, self._orchestrator, endpoint)

    def connect(self, attempt: int) -> None:
        """Start the client's attempt of this number to open its WebSocket."""
        passage, script, endpoint = self._passage, self._script, self._endpoint
        self._connection = Connection(passage, script, self._fanout, endpoint, self._record, attempt)

    def close(self) -> None:
        """The client closes its WebSocket, if it is open or opening (D8)."""
        if self._connection:
            self._connection.lose("client")

    def poll(self, number: int, after: int) -> None:
        """Send the client's poll of this number, for what has a greater seq than `after` (P2)."""
        self._polls.send(number, after)

    def _lose(self, _: Happening) -> None:
        if self._connection:
            self._connection.lose()

    def _fall_silent(self, _: Happening) -> None:
        if self._connection:
            self._connection.fall_silent()

    def _server_stops(self, farewell: str) -> None:
        if self._connection:
            self._connection.close_by_server(farewell)
