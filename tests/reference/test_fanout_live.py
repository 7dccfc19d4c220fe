"""The fanout server on real sockets, with clients that stall, send too much, never answer or just go (F3 to F6)."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from sim.reference import fanout
from sim.reference.frames import text_frame
from tests.reference.clients import Stalled, stalled
from tests.reference.loops import lively
from tests.reference.standing import Socket, Standing, message, standing

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

BIG = 200_000


async def receive(socket: Socket, count: int) -> list[int]:
    """The numbers of the next messages."""
    return [json.loads(await socket.receive_str(timeout=30))["seq"] for _ in range(count)]


async def until(at: Standing, counter: str, value: int = 1) -> None:
    """Wait until the server has counted that far."""
    while (await at.stats())[counter] < value:  # noqa: ASYNC110  (what is waited for knows nothing of us)
        await asyncio.sleep(0.01)


async def fill(at: Standing, username: str, healthy: Socket, size: int = BIG) -> int:
    """Publish to this user, and read it all, until a stalled reader of theirs is aborted; how many messages it took."""
    number = 0
    while not at.witness.given_up:
        at.publish(number, username, size)
        assert await receive(healthy, 1) == [number]
        number += 1
    return number


def test_f3_a_stalled_reader_is_aborted_and_everybody_else_gets_everything() -> None:
    async def main() -> None:
        async with standing() as at:
            async with stalled(at.fanout.url, "u"), await at.socket("u") as healthy, await at.socket("v") as other:
                count = await fill(at, "u", healthy)
                at.publish(count, "u")
                at.publish(0, "v")
                assert await receive(healthy, 1) == [count]
                assert await receive(other, 1) == [0]
                stats = await at.stats()
            assert at.witness.given_up == [("u", "overflow")]
            assert (stats["aborted_overflow"], stats["connections_open"], at.witness.lost) == (1, 2, [])

    lively(main())


def test_f3_what_a_stalled_reader_has_read_by_its_abort_are_whole_messages_in_order() -> None:
    size = 70_000

    async def main() -> bytes:
        async with standing() as at, stalled(at.fanout.url, "u") as slow, await at.socket("u") as healthy:
            await fill(at, "u", healthy, size)
            return await slow.read_to_the_end()

    read = lively(main())
    number = 0
    while len(read) >= 10 + len(message(number, size)):
        assert read[:2] == b"\x81\x7f"
        length = int.from_bytes(read[2:10], "big")
        assert json.loads(read[10 : 10 + length])["seq"] == number
        read, number = read[10 + length :], number + 1
    assert number > 0


Then = Callable[[Standing, Stalled], Awaitable[None]]


async def goes_on(at: Standing, slow: Stalled) -> None:
    at.publish(0, "u")


async def disconnects(at: Standing, slow: Stalled) -> None:
    slow.connection.close()


async def recovers(at: Standing, slow: Stalled) -> None:
    await slow.read_to_the_end()


@pytest.mark.parametrize("then", [goes_on, disconnects, recovers])
def test_a_stalled_reader_that_is_written_to_disconnects_or_recovers_harms_nobody(then: Then) -> None:
    """Each of these crashes the whole of the original service."""

    async def main() -> None:
        async with standing() as at:
            async with stalled(at.fanout.url, "u") as slow, await at.socket("u") as healthy:
                count = await fill(at, "u", healthy)
                await then(at, slow)
                at.publish(count, "u")
                assert (await receive(healthy, 2 if then is goes_on else 1))[-1] == count
                async with await at.socket("u") as late:
                    at.publish(count + 1, "u")
                    assert await receive(late, 1) == [count + 1]
            await until(at, "connections_closed", 3)
            assert (await at.stats())["connections_open"] == 0

    lively(main())


def test_a_stalled_reader_that_recovers_before_its_buffer_is_full_gets_everything() -> None:
    async def main() -> bytes:
        async with standing(send_buffer_bytes=100 * BIG) as at, stalled(at.fanout.url, "u") as slow:
            for number in range(50):
                at.publish(number, "u", BIG)
            await until(at, "frames_written", 50)
            read = await slow.read(sum(len(text_frame(message(number, BIG).encode())) for number in range(50)))
            assert at.witness.given_up == []
            return read

    assert lively(main()) == b"".join(text_frame(message(number, BIG).encode()) for number in range(50))


@pytest.mark.parametrize("count", [1000, 5000])
def test_a_healthy_client_gets_the_whole_of_a_burst(count: int) -> None:
    """A burst of some 1,000 messages can crash the original service."""

    async def main() -> None:
        async with standing() as at, await at.socket("u") as healthy, await at.socket("u") as second:
            for number in range(count):
                at.publish(number)
            assert await receive(healthy, count) == [*range(count)]
            assert await receive(second, count) == [*range(count)]
            assert at.witness.given_up == []

    lively(main())


@pytest.mark.parametrize("username", ["user:1", ":", "team:a/ü &+%41?#", "日本", "a b"])
def test_r1_every_name_gets_its_own_messages(username: str) -> None:
    """A name with a colon gets nothing from the original service."""

    async def main() -> None:
        async with standing() as at, await at.socket(username) as socket:
            at.publish(0, username + "x")
            at.publish(1, username)
            at.publish(2, username[:-1])
            at.publish(3, username)
            assert await receive(socket, 2) == [1, 3]

    lively(main())


def test_f4_a_connection_is_pinged_and_aborted_without_a_pong_while_others_stay() -> None:
    async def main() -> None:
        async with (
            standing(ping_every_s=0.02, pong_within_s=0.3) as at,
            await at.socket("answers") as answers,
            await at.socket("mute", autoping=False) as mute,
        ):
            reading = asyncio.create_task(answers.receive())
            assert (await mute.receive(timeout=5)).type is aiohttp.WSMsgType.PING
            while (await mute.receive(timeout=5)).type is aiohttp.WSMsgType.PING:
                pass
            assert mute.close_code == 1006
            assert at.witness.given_up == [("mute", "pong-timeout")]
            assert not reading.done()
            reading.cancel()
            await asyncio.wait([reading])

    lively(main())


def test_f4_a_reader_that_takes_nothing_for_the_write_limit_is_aborted() -> None:
    async def main() -> None:
        async with (
            standing(write_within_s=0.2, send_buffer_bytes=1 << 30) as at,
            stalled(at.fanout.url, "u"),
            await at.socket("v") as healthy,
        ):
            for number in range(40):
                at.publish(number, "u", BIG)
            await until(at, "aborted_write_timeout")
            assert at.witness.given_up == [("u", "write-timeout")]
            at.publish(0, "v")
            assert await receive(healthy, 1) == [0]

    lively(main())


def test_f5_what_clients_send_is_ignored_up_to_512_bytes_and_closes_beyond() -> None:
    async def main() -> None:
        async with standing() as at, await at.socket(autoping=False) as socket, await at.socket() as other:
            await socket.send_str("x" * 512)
            await socket.send_bytes(b"y" * 512)
            await socket.ping(b"z" * 125)
            pong = await socket.receive(timeout=5)
            assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"z" * 125)
            at.publish(0)
            assert await receive(socket, 1) == [0]
            await socket.send_str("x" * 513)
            assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 1009
            await until(at, "connections_closed")
            at.publish(1)
            assert await receive(other, 2) == [0, 1]
            assert (await at.stats())["closed_oversized"] == 1

    lively(main())


def test_f6_a_graceful_stop_gets_away_from_clients_that_never_answer_or_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "CLOSE_WITHIN_S", 0.3)

    async def main() -> None:
        async with (
            standing(send_buffer_bytes=1 << 30) as at,
            stalled(at.fanout.url, "mute"),
            stalled(at.fanout.url, "full") as full,
            await at.socket("polite") as polite,
        ):
            for number in range(40):
                at.publish(number, "full", BIG)
            reading = asyncio.create_task(polite.receive())
            await until(at, "frames_written", 40)
            async with asyncio.timeout(10):
                await at.fanout.stop(killed=False)
            assert (await reading).data == 1001
            assert len(await full.read_to_the_end()) < 40 * BIG
            await at.fanout.start()
            assert (await at.stats())["connections_open"] == 0

    lively(main())


def test_a_client_that_closes_but_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "CLOSE_WITHIN_S", 0.3)

    async def main() -> None:
        async with standing(send_buffer_bytes=1 << 30) as at, stalled(at.fanout.url, "u") as slow:
            for number in range(40):
                at.publish(number, "u", BIG)
            await until(at, "frames_written", 40)
            await asyncio.get_running_loop().sock_sendall(slow.connection, b"\x88\x80\x00\x00\x00\x00")
            await until(at, "connections_closed")
            await asyncio.sleep(0.5)
            assert len(await slow.read_to_the_end()) < 40 * len(message(0, BIG))

    lively(main())
