"""The brokers of the virtual world: one in process, and redis-py with a Redis-protocol server in memory."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reference.redis import BrokerGone
from tests.reference.brokers import broker_and_server
from tests.reference.loops import settle, virtually

either = pytest.mark.parametrize("kind", ["local", "resp"])


class Story:
    """What a broker tells, each with its time in microseconds."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []
        self._loop = asyncio.get_running_loop()

    def tell(self, *what: object) -> None:
        self.rows.append((round(self._loop.time() * 1e6), *what))

    def arrived(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        for channel, payload in messages:
            self.tell("arrived", channel.decode(), payload.decode())

    def subscribed(self) -> None:
        self.tell("subscribed")

    def lost(self, channel: str, payload: str, reason: str) -> None:
        self.tell("lost", channel, payload, reason)


@either
def test_messages_arrive_in_the_order_they_were_published_and_in_no_time_but_never_within_publish(kind: str) -> None:
    async def main() -> list[tuple[object, ...]]:
        story = Story()
        async with broker_and_server(kind, story.lost) as (broker, _):
            listening = asyncio.create_task(broker.listen("a:*", story.arrived, story.subscribed))
            await settle()
            for n in range(3):
                broker.publish(f"a:{n}:ü", str(n))
                story.tell("published")
            await settle()
            listening.cancel()
        return story.rows

    assert virtually(main()) == [
        (0, "subscribed"),
        *[(0, "published")] * 3,
        *[(0, "arrived", f"a:{n}:ü", str(n)) for n in range(3)],
    ]


@either
def test_r5_what_nobody_listens_for_is_lost_and_does_not_come_later(kind: str) -> None:
    async def main() -> list[tuple[object, ...]]:
        story = Story()
        async with broker_and_server(kind, story.lost) as (broker, _):
            broker.publish("a", "0")
            story.tell("published")
            await settle()
            listening = asyncio.create_task(broker.listen("b*", story.arrived, story.subscribed))
            await settle()
            broker.publish("a", "1")
            await settle()
            listening.cancel()
            await settle()
            broker.publish("b", "2")
            await settle()
        return story.rows

    assert virtually(main()) == [
        (0, "published"),
        (0, "lost", "a", "0", "no-subscriber"),
        (0, "subscribed"),
        (0, "lost", "a", "1", "no-subscriber"),
        (0, "lost", "b", "2", "no-subscriber"),
    ]


@either
def test_r4_an_outage_cuts_the_listener_off_at_once_and_loses_what_is_published(kind: str) -> None:
    async def main() -> list[tuple[object, ...]]:
        story = Story()
        async with broker_and_server(kind, story.lost) as (broker, server):
            listening = asyncio.create_task(broker.listen("*", story.arrived, story.subscribed))
            await settle()
            broker.publish("a", "0")
            await settle()
            await server.go()
            with pytest.raises(BrokerGone):
                await listening
            story.tell("cut off")
            broker.publish("a", "1")
            story.tell("published")
            await settle()
            with pytest.raises(BrokerGone):
                await broker.listen("*", story.arrived, story.subscribed)
            await server.come()
            broker.publish("a", "2")
            await settle()
        return story.rows

    assert virtually(main()) == [
        (0, "subscribed"),
        (0, "arrived", "a", "0"),
        (0, "cut off"),
        (0, "published"),
        (0, "lost", "a", "1", "redis-outage"),
        (0, "lost", "a", "2", "no-subscriber"),
    ]


@either
def test_r4_after_an_outage_in_which_nothing_was_published_the_first_message_arrives(kind: str) -> None:
    async def main() -> list[tuple[object, ...]]:
        story = Story()
        async with broker_and_server(kind, story.lost) as (broker, server):
            broker.publish("a", "0")
            await settle()
            await server.go()
            await settle()
            await server.come()
            listening = asyncio.create_task(broker.listen("*", story.arrived, story.subscribed))
            await settle()
            broker.publish("a", "1")
            await settle()
            listening.cancel()
        return story.rows[1:]

    assert virtually(main()) == [(0, "subscribed"), (0, "arrived", "a", "1")]


DEEDS = st.sampled_from(["publish", "go", "come", "listen", "leave"])


@given(st.lists(st.tuples(st.integers(0, 3), DEEDS), max_size=30))
def test_both_brokers_tell_the_same_story_to_the_microsecond(deeds: list[tuple[int, str]]) -> None:
    async def main(kind: str) -> list[tuple[object, ...]]:
        story = Story()

        async def listen() -> None:
            try:
                await broker.listen("a:*", story.arrived, story.subscribed)
            except BrokerGone:
                story.tell("gone")

        async with broker_and_server(kind, story.lost) as (broker, server):
            listening: asyncio.Task[None] | None = None
            there = True
            for number, (gap_us, deed) in enumerate(deeds):
                await asyncio.sleep(gap_us / 1e6)
                await settle()
                match deed:
                    case "publish":
                        broker.publish("a:u", str(number))
                    case "go" if there:
                        there = False
                        await server.go()
                    case "come" if not there:
                        there = True
                        await server.come()
                    case "listen" if listening is None or listening.done():
                        listening = asyncio.create_task(listen())
                    case "leave" if listening is not None:
                        listening.cancel()
            await settle()
            if listening is not None:
                listening.cancel()
                await asyncio.wait([listening])
        return story.rows

    assert virtually(main("resp")) == virtually(main("local"))
