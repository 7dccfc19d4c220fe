"""Connections in memory behave as asyncio promises, without any time passing."""

import asyncio
import errno
from collections.abc import Coroutine
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web

from sim.reference.memory import MemoryConnector, MemoryLoop, MemoryTransport
from sim.reference.serving import http_client, serving

T = TypeVar("T")

HOST = "127.0.0.1"


def run(main: Coroutine[Any, Any, T]) -> T:
    async def in_no_time() -> T:
        result = await main
        assert asyncio.get_running_loop().time() == 0
        return result

    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        return runner.run(in_no_time())


class Told(asyncio.Protocol):
    """Notes what it is told; `half_open` keeps its own direction open at the peer's end."""

    def __init__(self, *, half_open: bool = False) -> None:
        self.told: list[object] = []
        self.transport: MemoryTransport
        self._half_open = half_open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, MemoryTransport)
        self.transport = transport
        self.told.append("made")

    def data_received(self, data: bytes) -> None:
        self.told.append(data)

    def eof_received(self) -> bool:
        self.told.append("end")
        return self._half_open

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(type(exc))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def pair(*, half_open: bool = False) -> tuple[Told, Told]:
    loop = asyncio.get_running_loop()
    there = Told(half_open=half_open)
    await loop.create_server(lambda: there, HOST, 80)
    _, here = await loop.create_connection(lambda: Told(half_open=half_open), HOST, 80)
    await settle()
    return here, there


def test_streams_talk_to_each_other() -> None:
    async def main() -> list[bytes]:
        async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line.upper())
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(shout, HOST, 80)
        reader, writer = await asyncio.open_connection(HOST, 80)
        lines = []
        for line in (b"one\n", b"two\n", b"x" * 50_000 + b"\n"):
            writer.write(line)
            lines.append(await reader.readline())
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return lines

    assert run(main()) == [b"ONE\n", b"TWO\n", b"X" * 50_000 + b"\n"]


def test_bytes_arrive_in_order_after_the_connection_is_made_and_never_within_the_write() -> None:
    async def main() -> list[object]:
        here, there = await pair()
        here.transport.write(b"a")
        here.transport.writelines([b"b", bytearray(b"c")])
        assert there.told == ["made"]
        await settle()
        here.transport.write(memoryview(b"d"))
        await settle()
        return there.told

    assert run(main()) == ["made", b"abc", b"d"]


def test_what_was_written_before_a_close_is_read_to_its_end() -> None:
    async def main() -> tuple[list[object], list[object]]:
        here, there = await pair()
        here.transport.write(b"last words")
        here.transport.close()
        here.transport.write(b"too late")
        there.transport.write(b"unheard")
        await settle()
        assert here.transport.is_closing()
        assert there.transport.is_closing()
        return here.told, there.told

    assert run(main()) == (["made", type(None)], ["made", b"last words", "end", type(None)])


def test_one_direction_can_end_alone() -> None:
    async def main() -> tuple[list[object], list[object]]:
        here, there = await pair(half_open=True)
        here.transport.write_eof()
        await settle()
        with pytest.raises(RuntimeError, match="write_eof"):
            here.transport.write(b"more")
        there.transport.write(b"answer")
        there.transport.close()
        await settle()
        here.transport.close()
        await settle()
        return here.told, there.told

    assert run(main()) == (["made", b"answer", "end", type(None)], ["made", "end", type(None)])


def test_an_abort_loses_both_ends_and_what_lies_unread() -> None:
    async def main() -> tuple[list[object], list[object]]:
        here, there = await pair()
        here.transport.write(b"lost")
        here.transport.abort()
        await settle()
        return here.told, there.told

    assert run(main()) == (["made", type(None)], ["made", ConnectionResetError])


def test_a_paused_reader_reads_later_what_came_and_then_the_end() -> None:
    async def main() -> list[object]:
        here, there = await pair()
        there.transport.pause_reading()
        here.transport.write(b"kept")
        here.transport.close()
        await settle()
        assert (there.told, there.transport.is_reading()) == (["made"], False)
        there.transport.resume_reading()
        await settle()
        return there.told

    assert run(main()) == ["made", b"kept", "end", type(None)]


def test_what_a_paused_reader_leaves_unread_lies_in_the_writers_buffer() -> None:
    async def main() -> list[int]:
        here, there = await pair()
        sizes = []

        async def note() -> None:
            await settle()
            sizes.append(here.transport.get_write_buffer_size())

        here.transport.write(b"read")
        await note()
        there.transport.pause_reading()
        here.transport.write(b"12345")
        here.transport.write(b"678")
        await note()
        there.transport.resume_reading()
        await note()
        return sizes

    assert run(main()) == [0, 8, 0]


def test_nobody_listening_refuses_and_two_cannot_listen_on_one_port() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Told, HOST, 80)
        server = await loop.create_server(Told, HOST, 80)
        with pytest.raises(OSError, match="80") as taken:
            await loop.create_server(Told, HOST, 80)
        assert taken.value.errno == errno.EADDRINUSE
        assert server.is_serving()
        server.close()
        assert not server.is_serving()
        with pytest.raises(ConnectionRefusedError):
            await loop.create_connection(Told, HOST, 80)

    run(main())


def test_connections_outlive_their_server() -> None:
    async def main() -> list[object]:
        loop = asyncio.get_running_loop()
        there = Told()
        server = await loop.create_server(lambda: there, HOST, 80)
        transport, _ = await loop.create_connection(Told, HOST, 80)
        server.close()
        transport.write(b"still here")
        await settle()
        return there.told

    assert run(main()) == ["made", b"still here"]


def test_free_ports_differ() -> None:
    async def main() -> set[int]:
        servers = [await asyncio.start_server(lambda r, w: None, HOST, 0) for _ in range(3)]
        return {server.sockets[0].getsockname()[1] for server in servers}

    assert len(run(main())) == 3


def test_aiohttp_serves_requests_and_websockets_and_uses_a_connection_again() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        return web.json_response({"from": request.transport.get_extra_info("peername")[1]})

    async def echo(request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse()
        await websocket.prepare(request)
        async for message in websocket:
            await websocket.send_str(message.data * 2)
        return websocket

    async def main() -> tuple[list[int], str]:
        app = web.Application()
        app.add_routes([web.get("/", answer), web.get("/ws", echo)])
        async with serving(app, HOST) as port, http_client(MemoryConnector()) as http:
            ports = []
            for _ in range(3):
                async with http.get(f"http://{HOST}:{port}/") as response:
                    ports.append((await response.json())["from"])
            async with http.ws_connect(f"http://{HOST}:{port}/ws") as websocket:
                await websocket.send_str("ab")
                said = await websocket.receive_str()
        return ports, said

    ports, said = run(main())
    assert len(set(ports)) == 1
    assert said == "abab"


def test_an_aiohttp_client_learns_that_nobody_listens() -> None:
    async def main() -> None:
        async with http_client(MemoryConnector()) as http:
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(f"http://{HOST}:80/")

    run(main())
