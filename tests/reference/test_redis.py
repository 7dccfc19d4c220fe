"""The broker on a real server: order, patterns, other people's traffic, outages, and subscribers that are too slow."""

import asyncio
import os
import signal
import threading
from collections.abc import Sequence

import pytest
from redis import Redis

from sim.contract.errors import ServiceError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference.embedded import EmbeddedRedis, embedded_server
from sim.reference.redis import BrokerGone, connected, connecting
from sim.reference.run import perform
from sim.reference.running import tasks
from tests.reference.loops import eventually, lively

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

Lost = list[tuple[str, str, str]]


class Listener:
    """Collects what arrives."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, bytes]] = []
        self.subscribed = asyncio.Event()
        self._arrived = asyncio.Event()

    def arrived(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        self.got.extend(messages)
        self._arrived.set()

    async def has(self, count: int) -> None:
        while len(self.got) < count:
            self._arrived.clear()
            await self._arrived.wait()


def test_messages_arrive_in_the_order_they_were_published(redis_url: str) -> None:
    lost: Lost = []

    async def main() -> list[tuple[bytes, bytes]]:
        listener = Listener()
        async with tasks() as group, connected(redis_url, group, lambda *what: lost.append(what)) as broker:
            group.create_task(broker.listen("a:*", listener.arrived, listener.subscribed.set))
            await listener.subscribed.wait()
            for n in range(300):
                broker.publish("b:u", "not ours")
                broker.publish(f"a:{n % 7}:ü", str(n))
                if n % 50 == 0:
                    await asyncio.sleep(0)
            await listener.has(300)
            await eventually(lambda: len(lost) == 300)
        return listener.got

    assert lively(main()) == [(f"a:{n % 7}:ü".encode(), str(n).encode()) for n in range(300)]
    assert lost == [("b:u", "not ours", "no-subscriber")] * 300


def test_other_peoples_traffic_on_the_same_server_changes_nothing(redis_url: str) -> None:
    text = """
        title = "t"
        horizon_s = 5.0
        [workload]
        events = [{ at_s = 0.4, type = "workflow_completed" }]
    """
    with Redis.from_url(redis_url) as someone:

        def disturb(share: float) -> None:
            for channel in ("workflow:events:user:000000", "workflow:events:0:user:000000", "workflow:events:"):
                for payload in (b"\xff", b"{}", b'{"run_id": "run-000000", "seq": 0, "type": "x", "timestamp": 1}'):
                    someone.publish(channel, payload)
            someone.publish(b"workflow:events:\xff", b"{}")

        trace = perform(realize(Scenario.from_toml(text)), redis=redis_url, progress=disturb)
    assert [row[2] for row in trace.rows if row[2] != "timer_armed"] == [
        "websocket_opened",
        "event_emitted",
        "message_published",
        "message_received",
        "event_shown",
        "terminal_reached",
        "timer_cleared",
    ]


def test_r4_a_server_that_is_killed_cuts_the_listener_off_and_what_is_published_is_lost_once_each() -> None:
    async def main(server: EmbeddedRedis) -> None:
        lost: Lost = []
        listener = Listener()
        async with tasks() as group, connected(server.url, group, lambda *what: lost.append(what)) as broker:
            for outage in range(3):
                listening = asyncio.create_task(broker.listen("*", listener.arrived, listener.subscribed.set))
                await listener.subscribed.wait()
                broker.publish("a", f"{outage} before")
                await listener.has(outage + 1)
                await server.go()
                with pytest.raises(BrokerGone, match=r"^redis://127\.0\.0\.1:"):
                    await listening
                listener.subscribed.clear()
                for number in range(100):
                    broker.publish("a", f"{outage} {number}")
                    if number % 10 == 0:
                        await asyncio.sleep(0.001)
                with pytest.raises(BrokerGone, match="connection refused"):
                    await broker.listen("*", listener.arrived, listener.subscribed.set)
                await eventually(lambda: len(lost) == 100 * (outage + 1))  # noqa: B023  (awaited at once)
                await server.come()
        assert [payload.decode() for _, payload in listener.got] == [f"{outage} before" for outage in range(3)]
        assert lost == [("a", f"{o} {n}", "redis-outage") for o in range(3) for n in range(100)]

    with embedded_server() as server:
        lively(main(server))


def test_r4_after_an_outage_in_which_nothing_was_published_the_first_message_arrives() -> None:
    async def main(server: EmbeddedRedis) -> None:
        lost: Lost = []
        listener = Listener()
        async with tasks() as group, connected(server.url, group, lambda *what: lost.append(what)) as broker:
            broker.publish("a", "before")
            await eventually(lambda: bool(lost))
            await server.go()
            await server.come()
            group.create_task(broker.listen("*", listener.arrived, listener.subscribed.set))
            await listener.subscribed.wait()
            broker.publish("a", "after")
            await listener.has(1)
            assert lost == [("a", "before", "no-subscriber")]

    with embedded_server() as server:
        lively(main(server))


def test_a_broker_can_be_made_while_the_server_is_away() -> None:
    async def main(server: EmbeddedRedis) -> None:
        await server.go()
        lost: Lost = []
        async with tasks() as group, connecting(server.url, group, lambda *what: lost.append(what)) as broker:
            broker.publish("a", "0")
            await eventually(lambda: bool(lost))
            await server.come()
            broker.publish("a", "1")
            await eventually(lambda: len(lost) == 2)
        assert lost == [("a", "0", "redis-outage"), ("a", "1", "no-subscriber")]

    with embedded_server() as server:
        lively(main(server))


def test_a_server_that_hangs_for_a_while_loses_nothing() -> None:
    async def main(server: EmbeddedRedis) -> None:
        lost: Lost = []
        listener = Listener()
        async with tasks() as group, connected(server.url, group, lambda *what: lost.append(what)) as broker:
            group.create_task(broker.listen("*", listener.arrived, listener.subscribed.set))
            await listener.subscribed.wait()
            os.kill(server.pid, signal.SIGSTOP)
            for number in range(100):
                broker.publish("a", str(number))
                await asyncio.sleep(0.001)
            os.kill(server.pid, signal.SIGCONT)
            await listener.has(100)
            assert lost == []
        assert [payload for _, payload in listener.got] == [b"%d" % number for number in range(100)]

    with embedded_server() as server:
        lively(main(server))


def test_a_redis_that_refuses_to_subscribe_ends_the_run_in_one_sentence() -> None:
    script = realize(Scenario.from_dict({"title": "x", "horizon_s": 1.0}))
    with embedded_server() as server:
        with Redis.from_url(server.url) as admin:
            admin.execute_command("ACL", "SETUSER", "default", "-psubscribe")
        with pytest.raises(ServiceError, match="Redis refuses to subscribe"):
            perform(script, redis=server.url)


def test_a_redis_that_dies_without_being_told_to_ends_the_run_in_one_sentence() -> None:
    table = {"title": "x", "horizon_s": 5.0, "workload": {"even": {"count": 20, "every_s": 0.1}}}
    with embedded_server() as server:
        killer = threading.Timer(1.0, lambda: asyncio.run(server.go()))
        killer.start()
        with pytest.raises(ServiceError, match="the connection to Redis broke off; it must stay up for the whole run"):
            perform(realize(Scenario.from_dict(table)), redis=server.url)
        killer.join()
