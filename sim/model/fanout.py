"""Fanout server: a hub that hands each message to its user's connections (F2), while it is there (F8, F9)."""

from collections.abc import Callable
from typing import Protocol

from sim.contract.script import Script
from sim.contract.trace import Row
from sim.contract.wire import username_of
from sim.model.message import Message
from sim.model.redis import Redis
from sim.model.subscription import Subscription
from sim.model.turns import Clock


class Connection(Protocol):
    """The server's end of one WebSocket."""

    def send(self, message: Message) -> None:
        """Take the message on its way to the client."""


class Fanout:
    """The open connections, by username, and the subscription that feeds them.

    away: whether the server is stopped, so that it refuses attempts (F9).
    """

    def __init__(self, clock: Clock, script: Script, redis: Redis, record: Callable[[Row], None]) -> None:
        self._clock = clock
        self._record = record
        self._connections: dict[str, list[Connection]] = {}
        self._subscription = Subscription(clock, script, redis, self)
        self._stopping: list[Callable[[str], None]] = []
        self.away = False
        self._subscription.begin()

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
            self._record(message.lost(self._clock.now_us, "no-connection"))
            return
        for connection in tuple(connections):  # sending may close it (L9)
            connection.send(message)

    def cut_off(self) -> None:
        """Redis is gone, and the subscription with it."""
        self._subscription.lost()

    def when_stopping(self, close: Callable[[str], None]) -> None:
        """Have this called at each stop, with what a client with an open connection is told."""
        self._stopping.append(close)

    def stop(self, *, killed: bool) -> None:
        """Close every connection, fail every attempt under way, and be away (F8)."""
        self.away = True
        self._subscription.end()
        for close in self._stopping:
            close("connection-lost" if killed else "going-away")

    def start(self) -> None:
        """Be there again, with nobody connected, and subscribe (F7, F8)."""
        self.away = False
        self._subscription.begin()
