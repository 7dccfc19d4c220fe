"""A Redis-protocol server in this process: as much of it as redis-py needs to publish and subscribe (R1, R2)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase

import hiredis

OK = b"+OK\r\n"

Item = bytes | int


class RespServer:
    """Who is connected, and who subscribes to what, in order of subscription; `url` is where."""

    def __init__(self, host: str, port: int) -> None:
        self.url = f"redis://{host}:{port}/0"
        self.connections: dict[Connection, None] = {}
        self.subscriptions: dict[tuple[Connection, bytes], None] = {}
        self._address = (host, port)
        self._listening: asyncio.AbstractServer | None = None

    async def come(self) -> None:
        """Listen, knowing nothing of before."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Connection(self), *self._address)

    async def go(self) -> None:
        """Listen no more, and break every connection (R4)."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        connections, self.connections = self.connections, {}
        self.subscriptions.clear()
        for connection in connections:
            connection.abort()

    def publish(self, channel: bytes, payload: bytes) -> int:
        """Push a message to every matching subscription, and tell how many there are."""
        hit = [(c, p) for c, p in self.subscriptions if fnmatchcase(channel.decode(), p.decode())]
        for connection, pattern in hit:
            connection.push([b"pmessage", pattern, channel, payload])
        return len(hit)

    def leave(self, connection: "Connection") -> None:
        """Forget a connection and its subscriptions."""
        self.connections.pop(connection, None)
        self.subscriptions = {s: None for s in self.subscriptions if s[0] is not connection}


class Connection(asyncio.Protocol):
    """One client of the server: answers its commands in order."""

    def __init__(self, server: RespServer) -> None:
        self._server = server
        self._reader = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections[self] = None

    def abort(self) -> None:
        """Break off."""
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._server.leave(self)

    def data_received(self, data: bytes) -> None:
        """Answer the commands in it."""
        self._reader.feed(data)
        while (command := self._reader.gets()) is not False:
            name, *arguments = command
            self._transport.write(self._answer(name.upper().decode(), arguments))

    def push(self, items: Sequence[Item]) -> None:
        """Send what was not asked for."""
        self._transport.write(_array(items))

    def _answer(self, name: str, arguments: list[bytes]) -> bytes:
        match name:
            case "PING":
                return b"+PONG\r\n"
            case "CLIENT" | "SELECT":
                return OK
            case "PUBLISH":
                return b":%d\r\n" % self._server.publish(*arguments)
            case "PSUBSCRIBE":
                return b"".join(self._subscribe(pattern) for pattern in arguments)
            case _:
                return b"-ERR unknown command '%s'\r\n" % name.encode()

    def _subscribe(self, pattern: bytes) -> bytes:
        subscriptions = self._server.subscriptions
        subscriptions[self, pattern] = None
        own = sum(connection is self for connection, _ in subscriptions)
        return _array([b"psubscribe", pattern, own])


def _array(items: Sequence[Item]) -> bytes:
    body = b"".join(b":%d\r\n" % i if isinstance(i, int) else b"$%d\r\n%s\r\n" % (len(i), i) for i in items)
    return b"*%d\r\n%s" % (len(items), body)


@asynccontextmanager
async def resp_server(host: str, port: int) -> AsyncIterator[RespServer]:
    """Serve on this address of the running loop."""
    server = RespServer(host, port)
    await server.come()
    try:
        yield server
    finally:
        await server.go()
