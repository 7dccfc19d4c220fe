"""A Redis-protocol server in this process: as much of it as redis-py needs to publish and subscribe (R1, R2)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase

import hiredis

OK = b"+OK\r\n"

Item = bytes | int


class RespServer:
    """Who subscribes to what, in order of subscription."""

    def __init__(self) -> None:
        self.subscriptions: dict[tuple[Connection, bytes], None] = {}

    def publish(self, channel: bytes, payload: bytes) -> int:
        """Push a message to every matching subscription, and tell how many there are."""
        hit = [(c, p) for c, p in self.subscriptions if fnmatchcase(channel.decode(), p.decode())]
        for connection, pattern in hit:
            connection.push([b"pmessage", pattern, channel, payload])
        return len(hit)

    def leave(self, connection: "Connection") -> None:
        """Forget a connection's subscriptions."""
        self.subscriptions = {s: None for s in self.subscriptions if s[0] is not connection}


class Connection(asyncio.Protocol):
    """One client of the server: answers its commands in order."""

    def __init__(self, server: RespServer) -> None:
        self._server = server
        self._reader = hiredis.Reader()
        self._push_type = b"*"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

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
        """Send what was not asked for: an array in RESP2, a push in RESP3."""
        self._transport.write(self._push_type + _items(items))

    def _answer(self, name: str, arguments: list[bytes]) -> bytes:
        match name:
            case "PING":
                return b"+PONG\r\n"
            case "CLIENT" | "SELECT":
                return OK
            case "HELLO":
                resp3 = arguments[:1] == [b"3"]
                self._push_type = b">" if resp3 else b"*"
                about: list[Item] = [b"server", b"redis", b"version", b"7.0.0", b"proto", 3 if resp3 else 2]
                return (b"%" + _items(about, len(about) // 2)) if resp3 else b"*" + _items(about)
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
        return self._push_type + _items([b"psubscribe", pattern, own])


def _items(items: Sequence[Item], length: int | None = None) -> bytes:
    body = b"".join(b":%d\r\n" % i if isinstance(i, int) else b"$%d\r\n%s\r\n" % (len(i), i) for i in items)
    return b"%d\r\n%s" % (len(items) if length is None else length, body)


@asynccontextmanager
async def resp_server(host: str, port: int) -> AsyncIterator[str]:
    """Serve on this address of the running loop and give the URL."""
    server = RespServer()
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(server), host, port)
    try:
        yield f"redis://{host}:{port}/0"
    finally:
        listening.close()
