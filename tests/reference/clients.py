"""A WebSocket client that does not read, on a bare socket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

SMALL_BUFFER_BYTES = 4096


class Stalled:
    """It has opened its WebSocket and reads nothing until it is told to."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    async def read(self, size: int) -> bytes:
        """So many bytes."""
        read = bytearray()
        while len(read) < size:
            read += await asyncio.get_running_loop().sock_recv(self.connection, size - len(read))
        return bytes(read)

    async def read_to_the_end(self) -> bytes:
        """All that comes until the server closes or breaks off."""
        read = b""
        try:
            while chunk := await asyncio.get_running_loop().sock_recv(self.connection, 1 << 20):
                read += chunk
        except ConnectionResetError:
            pass
        return read


@asynccontextmanager
async def stalled(url: str, username: str) -> AsyncIterator[Stalled]:
    """A client with so small a buffer that the server soon notices that it does not read."""
    host, _, port = url.removeprefix("http://").partition(":")
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, int(port)))
        await loop.sock_sendall(
            connection,
            f"GET /ws?username={quote(username)} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode(),
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += await loop.sock_recv(connection, 1)
        assert answer.startswith(b"HTTP/1.1 101 ")
        yield Stalled(connection)
