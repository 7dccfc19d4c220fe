"""Servers and connections in memory, for asyncio code under virtual time.

Bytes arrive at once and in order; what is written in one go is read in one go, and lies in the writer's buffer only
while the reader has paused. Not modelled: network latency (the proxy adds what the script says), any limit on what
lies unread, so that a writer is never asked to pause; an error on writing to an end that has closed (the bytes are
dropped); TLS.
"""

import asyncio
import errno
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from sim.reference.clock import VirtualLoop

Address = tuple[str, int]
Factory = Callable[[], asyncio.Protocol]

FIRST_FREE_PORT = 49152


class MemoryLoop(VirtualLoop):
    """A virtual loop with a network of its own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._servers: dict[Address, MemoryServer] = {}
        self._next_port = FIRST_FREE_PORT

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int = 0, **_: Any
    ) -> "MemoryServer":
        """Listen on an address; port 0 is any free one."""
        address = (host, port or self._free_port())
        if address in self._servers:
            raise OSError(errno.EADDRINUSE, f"somebody listens on {host}:{port} already")
        server = self._servers[address] = MemoryServer(self, address, protocol_factory)
        return server

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Factory, host: str, port: int, **_: Any
    ) -> "tuple[MemoryTransport, Any]":
        """Connect to an address; the server hears of it in the next pass."""
        server = self._servers.get((host, port))
        if server is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, f"nobody listens on {host}:{port}")
        here: Address = (host, self._free_port())
        near, far = MemoryTransport(self, here, (host, port)), MemoryTransport(self, (host, port), here)
        near.join(far, protocol_factory())
        far.join(near, server.factory())
        near.protocol.connection_made(near)
        self.call_soon(far.protocol.connection_made, far)
        return near, near.protocol

    def _free_port(self) -> int:
        self._next_port += 1
        return self._next_port

    def forget(self, address: Address) -> None:
        """Nobody listens there any more."""
        del self._servers[address]


class MemoryServer(asyncio.AbstractServer):
    """Listens on one address from the start until it is closed.

    factory: makes the protocol of each connection.
    """

    def __init__(self, loop: MemoryLoop, address: Address, factory: Factory) -> None:
        self.factory = factory
        self._serving = True
        self._loop = loop
        self._address = address

    @property
    def sockets(self) -> "tuple[_Name, ...]":
        """What code asks for the port that it got."""
        return (_Name(self._address),)

    def get_loop(self) -> MemoryLoop:
        """The loop."""
        return self._loop

    def is_serving(self) -> bool:
        """Whether connections are accepted."""
        return self._serving

    def close(self) -> None:
        """Accept no more; connections stay as they are."""
        if self._serving:
            self._serving = False
            self._loop.forget(self._address)

    async def wait_closed(self) -> None:
        """Closed is closed."""

    async def start_serving(self) -> None:
        """It has started."""

    async def serve_forever(self) -> None:
        """Until cancelled."""
        await self._loop.create_future()


class _Name:
    """A socket as far as its name is concerned."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def getsockname(self) -> Address:
        return self._address


class MemoryTransport(asyncio.Transport):
    """One end of a connection in memory; `join` gives it its peer and its protocol."""

    protocol: asyncio.Protocol

    def __init__(self, loop: MemoryLoop, here: Address, there: Address) -> None:
        super().__init__({"sockname": here, "peername": there})
        self._loop = loop
        self._unread: list[bytes] = []
        self._ended = False  # the peer writes no more
        self._end_told = False
        self._end_written = False
        self._reading = True
        self._due = False  # a read is on its way
        self._closing = False
        self._lost = False

    def join(self, peer: "MemoryTransport", protocol: asyncio.Protocol) -> None:
        """Be one connection with this peer."""
        self._peer = peer
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """The peer reads it in the next pass, unless an end has closed."""
        if self._closing or self._peer._closing:
            return
        if self._end_written:
            raise RuntimeError("nothing can be written after write_eof")
        if data:
            self._peer._unread.append(bytes(data))
            self._peer._read_soon()

    def can_write_eof(self) -> bool:
        """Each direction ends by itself, as in TCP."""
        return True

    def write_eof(self) -> None:
        """The peer reads to the end of what was written."""
        if not self._end_written:
            self._end_written = True
            self._peer._ended = True
            self._peer._read_soon()

    def close(self) -> None:
        """The peer still reads what was written; here nothing is read any more."""
        if not self._closing:
            self._closing = True
            self.write_eof()
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        """Both ends are lost, and what lies unread with them."""
        self._closing = self._peer._closing = True
        self._loop.call_soon(self._lose, None)
        self._loop.call_soon(self._peer._lose, ConnectionResetError(errno.ECONNRESET, "the peer has aborted"))

    def is_closing(self) -> bool:
        """Whether this end is closed or about to be."""
        return self._closing

    def pause_reading(self) -> None:
        """Let what comes lie unread."""
        self._reading = False

    def resume_reading(self) -> None:
        """Read again, first what lies unread."""
        self._reading = True
        self._read_soon()

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return self._reading and not self._closing

    def get_write_buffer_size(self) -> int:
        """What the peer, which has paused, leaves unread."""
        return 0 if self._peer._reading else sum(map(len, self._peer._unread))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits at this end, so no limit is reached."""

    def get_protocol(self) -> asyncio.Protocol:
        """Who reads here."""
        return self.protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let somebody else read here."""
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def _read_soon(self) -> None:
        if self._reading and not self._due and not self._closing:
            self._due = True
            self._loop.call_soon(self._read)

    def _read(self) -> None:
        self._due = False
        if self._unread and self.is_reading():
            data = b"".join(self._unread)
            self._unread.clear()
            self.protocol.data_received(data)
        if self._ended and not self._end_told and self.is_reading():  # the protocol may have paused or closed
            self._end_told = True
            if not self.protocol.eof_received():
                self.close()

    def _lose(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._unread.clear()
            self.protocol.connection_lost(error)


class MemoryConnector(aiohttp.BaseConnector):
    """How an aiohttp client connects in memory: no sockets, no names to resolve, no connection too old to use again."""

    def __init__(self) -> None:
        # aiohttp measures the age of idle connections by the real clock
        super().__init__(limit=0, keepalive_timeout=None)

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: object,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> ResponseHandler:
        assert req.url.host is not None
        assert req.url.port is not None
        try:
            _, protocol = await self._loop.create_connection(self._factory, req.url.host, req.url.port)
        except OSError as error:
            raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        return protocol
