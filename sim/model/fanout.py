"""Fanout server: a hub that hands each message to its user's connections (F2)."""

from collections.abc import Callable
from typing import Protocol

from sim.contract.trace import Row
from sim.contract.wire import username_of
from sim.model.message import Message
from sim.model.turns import Clock


class Connection(Protocol):
    """The server's end of one WebSocket."""

    def send(self, message: Message) -> None:
        """Take the message on its way to the client."""


class Fanout:
    """The open connections, by username."""

    def __init__(self, clock: Clock, record: Callable[[Row], None]) -> None:
        self._clock = clock
        self._record = record
        self._connections: dict[str, list[Connection]] = {}

    def open(self, username: str, connection: Connection) -> None:
        """A connection of this user has opened."""
        self._connections.setdefault(username, []).append(connection)

    def close(self, username: str, connection: Connection) -> None:
        """That connection has closed."""
        self._connections[username].remove(connection)

    def deliver(self, channel: str, message: Message) -> None:
        """Send the message to all connections of the channel's user; without one it is lost (L2)."""
        connections = self._connections.get(username_of(channel))
        if not connections:
            self._record((self._clock.now_us, message.client, "message_lost", message.event, "no-connection"))
            return
        for connection in connections:
            connection.send(message)
