import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from sim.reference import fanout
from sim.reference.fanout import Hub, text_frame
from sim.reference.serving import serving

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


class Pipe(asyncio.Transport):
    """A transport that keeps what is written; `unread` bytes stay in its buffer."""

    def __init__(self, unread: int = 0) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.aborted = False
        self._unread = unread

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self._unread

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def published(username: str, number: int) -> tuple[bytes, bytes]:
    return f"workflow:events:{username}".encode(), json.dumps({"seq": number}).encode()


@asynccontextmanager
async def server(hub: Hub) -> AsyncIterator[str]:
    async with serving(fanout.application(hub), "127.0.0.1") as port:
        yield f"http://127.0.0.1:{port}/ws"


def ignore(username: str, payload: bytes) -> None:
    pass


@pytest.mark.parametrize(
    ("length", "header"),
    [(0, b"\x81\x00"), (125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e"), (65535, b"\x81\x7e\xff\xff"),
     (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00")],
)  # fmt: skip
def test_a_frame_has_the_header_of_rfc_6455(length: int, header: bytes) -> None:
    assert text_frame(b"x" * length) == header + b"x" * length


def test_all_messages_of_one_turn_leave_as_one_write_of_separate_frames() -> None:
    async def main() -> list[bytes]:
        hub, pipe = Hub(ignore), Pipe()
        connection = hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        hub.deliver([published("u", 1), published("u", 2)])
        assert pipe.writes == []
        await asyncio.sleep(0)
        hub.leave(connection)
        return pipe.writes

    assert asyncio.run(main()) == [b"".join(text_frame(published("u", n)[1]) for n in range(3))]


def test_f3_an_overflow_aborts_that_connection_and_delays_nobody_else() -> None:
    async def main() -> None:
        unroutable = []
        hub = Hub(lambda username, payload: unroutable.append(username))
        slow, quick = Pipe(unread=fanout.SEND_BUFFER_BYTES + 1), Pipe()
        connections = [hub.join("u", slow), hub.join("u", quick)]
        hub.deliver([published("u", 0)])
        await asyncio.sleep(0)
        assert (slow.aborted, quick.aborted) == (True, False)
        hub.deliver([published("u", 1)])
        await asyncio.sleep(0)
        assert (len(slow.writes), len(quick.writes), unroutable) == (1, 2, [])
        for connection in connections:
            hub.leave(connection)

    asyncio.run(main())


def test_a_buffer_of_exactly_the_limit_is_no_overflow() -> None:
    async def main() -> None:
        hub, pipe = Hub(ignore), Pipe(unread=fanout.SEND_BUFFER_BYTES)
        connection = hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        await asyncio.sleep(0)
        assert not pipe.aborted
        hub.leave(connection)

    asyncio.run(main())


def test_a_message_without_connection_is_told_to_the_hook() -> None:
    async def main() -> list[tuple[str, bytes]]:
        unroutable: list[tuple[str, bytes]] = []
        hub = Hub(lambda username, payload: unroutable.append((username, payload)))
        hub.leave(hub.join("a:b", Pipe()))
        hub.deliver([published("a:b", 3)])
        return unroutable

    assert asyncio.run(main()) == [("a:b", b'{"seq": 3}')]


def test_a_message_that_a_closing_connection_cannot_take_is_told_to_the_hook_once() -> None:
    async def main() -> list[bytes]:
        unroutable: list[bytes] = []
        hub, pipe = Hub(lambda username, payload: unroutable.append(payload)), Pipe()
        connection = hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        pipe.abort()
        hub.deliver([published("u", 1)])
        await asyncio.sleep(0)
        hub.leave(connection)
        assert pipe.writes == []
        return unroutable

    assert asyncio.run(main()) == [b'{"seq": 1}', b'{"seq": 0}']


@pytest.mark.parametrize("payload", [b"", b"no json", b"[1]", b"\xff", b'{"a": 1', b"null"])
def test_malformed_payloads_are_dropped_and_harm_nobody(payload: bytes) -> None:
    async def main() -> list[bytes]:
        hub, pipe = Hub(ignore), Pipe()
        connection = hub.join("u", pipe)
        hub.deliver([(b"workflow:events:u", payload), (b"workflow:events:\xff", b"{}"), published("u", 1)])
        await asyncio.sleep(0)
        hub.leave(connection)
        return pipe.writes

    assert asyncio.run(main()) == [text_frame(b'{"seq": 1}')]


@pytest.mark.parametrize("query", ["", "?username=", "?user=a"])
def test_f1_no_username_is_a_bad_request(query: str) -> None:
    async def main() -> int:
        async with server(Hub(ignore)) as url, aiohttp.ClientSession() as http, http.get(url + query) as response:
            return response.status

    assert asyncio.run(main()) == 400


def test_f2_every_connection_of_a_user_gets_each_message_whatever_the_name() -> None:
    async def main() -> list[str]:
        hub = Hub(ignore)
        async with server(hub) as url, aiohttp.ClientSession() as http:
            params = {"username": "team:a/ü &+%41"}
            async with http.ws_connect(url, params=params) as one, http.ws_connect(url, params=params) as two:
                hub.deliver([published("team:a/ü &+%41", 0), published("team", 1), published("team:a/ü &+%41", 2)])
                return [await socket.receive_str(timeout=5) for socket in (one, one, two, two)]

    assert asyncio.run(main()) == ['{"seq": 0}', '{"seq": 2}'] * 2


def test_f5_what_clients_send_is_ignored_up_to_512_bytes_and_closes_beyond() -> None:
    async def main() -> tuple[str, int | None]:
        hub = Hub(ignore)
        async with (
            server(hub) as url,
            aiohttp.ClientSession() as http,
            http.ws_connect(url, params={"username": "u"}) as socket,
        ):
            await socket.send_str("x" * 512)
            await socket.send_bytes(b"y" * 512)
            await socket.ping()
            hub.deliver([published("u", 0)])
            still = await socket.receive_str(timeout=5)
            await socket.send_str("x" * 513)
            assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            return still, socket.close_code

    assert asyncio.run(main()) == ('{"seq": 0}', 1009)


def test_f6_connections_are_closed_with_1001_when_the_server_leaves() -> None:
    async def main() -> int | None:
        async with aiohttp.ClientSession() as http:
            async with server(Hub(ignore)) as url:
                socket = await http.ws_connect(url, params={"username": "u"})
                reading = asyncio.create_task(socket.receive())
                await asyncio.sleep(0)
            assert (await reading).type is aiohttp.WSMsgType.CLOSE
            return socket.close_code

    assert asyncio.run(main()) == 1001


def test_f4_a_connection_is_pinged_and_aborted_without_a_pong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "PING_EVERY_S", 0.02)
    monkeypatch.setattr(fanout, "PONG_WITHIN_S", 0.2)

    async def main() -> None:
        async with (
            server(Hub(ignore)) as url,
            aiohttp.ClientSession() as http,
            http.ws_connect(url, params={"username": "answers"}) as answers,
        ):
            mute = await http.ws_connect(url, params={"username": "mute"}, autoping=False)
            assert (await mute.receive(timeout=5)).type is aiohttp.WSMsgType.PING
            reading = asyncio.create_task(answers.receive())
            while (await mute.receive(timeout=5)).type is aiohttp.WSMsgType.PING:
                pass
            assert mute.close_code == 1006
            assert not reading.done()
            reading.cancel()

    asyncio.run(main())
