"""The broker on a real server: order, patterns, other people's traffic, and a connection that breaks off."""

import asyncio

import pytest
from redis import Redis

from sim.contract.errors import ServiceError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.reference.embedded import embedded_redis
from sim.reference.redis import connected
from sim.reference.run import perform
from sim.reference.running import tasks

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def test_messages_arrive_in_the_order_they_were_published(redis_url: str) -> None:
    async def main() -> list[tuple[bytes, bytes]]:
        got: list[tuple[bytes, bytes]] = []
        complete = asyncio.Event()

        def on_messages(messages: object) -> None:
            got.extend(messages)  # type: ignore[arg-type]
            if len(got) == 300:
                complete.set()

        async with tasks() as group, connected(redis_url, group) as broker:
            await broker.subscribe("a:*", on_messages)
            for n in range(300):
                broker.publish("b:u", "not ours")
                broker.publish(f"a:{n % 7}:ü", str(n))
                if n % 50 == 0:
                    await asyncio.sleep(0)
            async with asyncio.timeout(10):
                await complete.wait()
        return got

    assert asyncio.run(main()) == [(f"a:{n % 7}:ü".encode(), str(n).encode()) for n in range(300)]


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


def test_a_server_that_goes_away_ends_the_performance_with_a_sentence() -> None:
    script = realize(Scenario.from_toml('title = "t"\nhorizon_s = 30.0\n'))
    with (
        embedded_redis() as url,
        Redis.from_url(url) as someone,
        pytest.raises(ServiceError, match=f"^{url}: the connection to Redis broke off .*must stay up"),
    ):
        perform(script, redis=url, progress=lambda share: someone.shutdown(nosave=True))
