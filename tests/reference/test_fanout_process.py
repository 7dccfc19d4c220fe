"""The fanout server in a process of its own: really killed, really terminated, started again, and never left behind."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis import Redis

from sim.contract.errors import ServiceError
from sim.reference.embedded import EmbeddedRedis, embedded_server
from sim.reference.fanout_process import FanoutProcess
from sim.reference.fanout_server import Settings
from sim.reference.redis import RedisBroker, connected
from sim.reference.running import failures, tasks
from sim.reference.serving import http_client
from tests.reference.clients import stalled
from tests.reference.loops import eventually, lively
from tests.reference.standing import Socket, message
from tests.reference.witness import Noting

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


@dataclass(frozen=True, slots=True)
class Running:
    """A fanout server in a process, and what is before and behind it."""

    fanout: FanoutProcess
    broker: RedisBroker
    http: aiohttp.ClientSession
    witness: Noting
    lost: list[tuple[str, str, str]] = field(default_factory=list)

    async def socket(self, username: str = "u") -> Socket:
        url, params = f"{self.fanout.url}/ws", {"username": username}
        socket: Socket = await self.http.ws_connect(url, params=params, max_msg_size=0)
        return socket

    def publish(self, number: int, username: str = "u", size: int = 0) -> None:
        self.broker.publish(f"workflow:events:{username}", message(number, size))

    async def stats(self) -> dict[str, Any]:
        async with self.http.get(self.fanout.url + "/stats") as response:
            found: dict[str, Any] = await response.json()
            return found


def children() -> list[int]:
    """The living processes that this one has started, but for Redis."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"PPid:\t{os.getpid()}\n" in text and "Name:\tvalkey" not in text and "State:\tZ" not in text:
            found.append(int(status.parent.name))
    return found


@asynccontextmanager
async def running(redis: EmbeddedRedis, standbys: int = 0, **settings: float) -> AsyncIterator[Running]:
    witness, before = Noting(), children()
    lost: list[tuple[str, str, str]] = []
    async with (
        tasks() as group,
        connected(redis.url, group, lambda *what: lost.append(what)) as broker,
        http_client() as http,
        FanoutProcess(redis.url, Settings(**settings), witness, standbys) as fanout,  # type: ignore[arg-type]
    ):
        await fanout.start()
        yield Running(fanout, broker, http, witness, lost)
    assert children() == before


async def numbers(socket: Socket, count: int) -> list[int]:
    return [json.loads(await socket.receive_str(timeout=30))["seq"] for _ in range(count)]


@pytest.fixture(scope="module")
def redis() -> Any:
    with embedded_server() as server:
        yield server


def test_messages_pass_and_what_finds_no_connection_is_told(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis) as at, await at.socket("a:ü") as socket:
            at.publish(0, "nobody:ü")
            at.publish(1, "a:ü")
            assert await numbers(socket, 1) == [1]
            await eventually(lambda: bool(at.witness.lost))
            assert at.witness.lost == [("nobody:ü", message(0).encode())]
            assert at.lost == []

    lively(main())


def test_f8_killed_and_terminated_servers_start_again_on_the_same_port_and_know_nothing_of_before(
    redis: EmbeddedRedis,
) -> None:
    async def main() -> None:
        async with running(redis, standbys=3) as at:
            url = at.fanout.url
            for number, killed in enumerate([True, False, True]):
                async with await at.socket() as socket:
                    at.publish(number)
                    assert await numbers(socket, 1) == [number]
                    reading = asyncio.create_task(socket.receive())
                    await at.fanout.stop(killed=killed)
                    if killed:
                        assert (await reading).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
                    else:
                        assert (await reading).data == 1001
                with pytest.raises(aiohttp.ClientConnectorError):
                    await at.socket()
                await at.fanout.start()
                assert at.fanout.url == url
                stats = await at.stats()
                assert (stats["connections_opened"], stats["subscribed"]) == (0, True)
            assert at.witness.lost == []

    lively(main())


def test_r5_what_is_published_while_the_process_is_away_has_no_subscriber(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis) as at:
            await at.fanout.stop(killed=True)
            await asyncio.sleep(0.05)  # Redis learns of it in its own time
            at.publish(0)
            await eventually(lambda: bool(at.lost))
            assert at.lost == [("workflow:events:u", message(0), "no-subscriber")]

    lively(main())


def test_without_a_standby_another_process_is_prepared(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis, standbys=0) as at:
            await at.fanout.stop(killed=True)
            await at.fanout.start()
            assert (await at.stats())["subscribed"]

    lively(main())


def test_f3_an_overflow_is_told(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis) as at, stalled(at.fanout.url, "u"), await at.socket("v") as healthy:
            for number in range(200):
                at.publish(number, "u", 100_000)
                at.publish(number, "v")
                assert await numbers(healthy, 1) == [number]
                if at.witness.given_up:
                    break
            await eventually(lambda: bool(at.witness.given_up))
            assert at.witness.given_up == [("u", "overflow")]
            assert (await at.stats())["aborted_overflow"] == 1

    lively(main())


def test_r3_a_subscriber_that_redis_cuts_off_for_its_output_buffer_subscribes_again(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis, resubscribe_s=0.01) as at, await at.socket() as socket:
            with Redis.from_url(redis.url) as admin:
                admin.config_set("client-output-buffer-limit", "pubsub 1mb 0 0")
            at.publish(0)
            assert await numbers(socket, 1) == [0]
            os.kill(at.fanout.pid, signal.SIGSTOP)
            number = 1
            while not at.lost:
                for _ in range(100):
                    at.publish(number, "nobody", 10_000)  # of long strings Valkey counts only references
                    number += 1
                await asyncio.sleep(0.001)
            os.kill(at.fanout.pid, signal.SIGCONT)
            assert at.lost[0][2] == "no-subscriber"
            while (await at.stats())["subscriptions_made"] < 2:  # noqa: ASYNC110  (it knows nothing of us)
                await asyncio.sleep(0.01)
            at.publish(number)
            assert await numbers(socket, 1) == [number]
            stats = await at.stats()
            assert (stats["subscriptions_lost"], stats["subscribed"], stats["connections_open"]) == (1, True, 1)

    lively(main())


def test_f7_each_outage_of_redis_leaves_the_connections_open_and_the_server_serving(redis: EmbeddedRedis) -> None:
    """The original service loses messages over it, and says OK."""

    async def main() -> None:
        async with running(redis, resubscribe_s=0.02, resubscribe_max_s=0.1) as at, await at.socket() as socket:
            for number in range(3):
                await redis.go()
                async with at.http.get(at.fanout.url + "/health") as response:
                    while response.status == 200:
                        async with at.http.get(at.fanout.url + "/health") as response:  # noqa: PLW2901
                            pass
                    assert (response.status, (await response.json())["status"]) == (503, "unavailable")
                at.publish(1000 + number)
                await eventually(lambda told=number + 1: len(at.lost) == told)  # type: ignore[misc]
                await redis.come()
                while not (await at.stats())["subscribed"]:  # noqa: ASYNC110  (it knows nothing of us)
                    await asyncio.sleep(0.01)
                at.publish(number)
                assert await numbers(socket, 1) == [number]
            assert [(json.loads(text)["seq"], reason) for _, text, reason in at.lost] == [
                (1000 + number, "redis-outage") for number in range(3)
            ]
            assert (await at.stats())["subscriptions_lost"] == 3

    lively(main())


def test_f7_a_process_that_starts_while_redis_is_away_serves_and_subscribes_later(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis, standbys=1, resubscribe_s=0.02, resubscribe_max_s=0.1) as at:
            await at.fanout.stop(killed=True)
            await redis.go()
            await at.fanout.start()
            async with await at.socket() as socket:
                assert not (await at.stats())["subscribed"]
                await redis.come()
                while not (await at.stats())["subscribed"]:  # noqa: ASYNC110  (it knows nothing of us)
                    await asyncio.sleep(0.01)
                at.publish(0)
                assert await numbers(socket, 1) == [0]

    lively(main())


def test_a_process_that_ends_unasked_is_an_error_that_the_run_sees(redis: EmbeddedRedis) -> None:
    async def main() -> None:
        async with running(redis) as at:
            with failures() as failure:
                os.kill(at.fanout.pid, signal.SIGKILL)
                with pytest.raises(ServiceError, match=r"the fanout server's process has ended unasked \(status -9\)"):
                    await failure

    lively(main())


def test_a_process_that_cannot_be_prepared_is_an_error_with_its_last_words(
    redis: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/ls")

    async def main() -> None:
        with failures(), pytest.raises(ServiceError, match=r"has ended unasked \(/bin/ls: .*No such file"):
            async with FanoutProcess(redis.url, Settings(), Noting(), 0):
                pass

    before = children()
    lively(main())
    assert children() == before


@pytest.mark.parametrize(
    ("number", "hanging"),
    [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGKILL, False), (signal.SIGKILL, True)],
)
def test_no_process_outlives_its_parent(number: signal.Signals, hanging: bool, redis: EmbeddedRedis) -> None:
    code = """
import asyncio, os, sys
from pathlib import Path
from sim.reference.fanout_process import FanoutProcess
from sim.reference.fanout_server import NoWitness, Settings
async def main():
    async with FanoutProcess(sys.argv[1], Settings(), NoWitness(), 1) as fanout:
        await fanout.start()
        print(Path(f"/proc/self/task/{os.getpid()}/children").read_text(), flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code, redis.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    with parent.stdout as stdout:
        pids = [int(pid) for pid in stdout.readline().split()]
        processes = [os.pidfd_open(pid) for pid in pids]
        assert len(processes) == 2
        for pid in pids if hanging else []:
            os.kill(pid, signal.SIGSTOP)
        os.killpg(parent.pid, number)  # what a terminal does on Ctrl-C
        parent.wait(20)
    for process in processes:
        assert select.select([process], [], [], 20)[0]
        os.close(process)
