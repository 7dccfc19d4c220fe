"""F7: a subscription is made at once, and tried again whenever it is lost."""

import asyncio
from collections.abc import Callable

import pytest

from sim.reference.counters import Counters
from sim.reference.redis import Arrived, BrokerGone
from sim.reference.subscription import keep_subscribed
from tests.reference.brokers import broker_and_server
from tests.reference.loops import virtually


class Flaky:
    """A broker whose n-th subscription holds so many microseconds, or fails (None)."""

    def __init__(self, holds_us: list[int | None]) -> None:
        self.tried_us: list[int] = []
        self._holds_us = iter(holds_us)

    def publish(self, channel: str, payload: str) -> None:
        raise NotImplementedError

    async def listen(self, pattern: str, on_messages: Arrived, on_subscribed: Callable[[], None]) -> None:
        assert pattern == "workflow:events:*"
        self.tried_us.append(round(asyncio.get_running_loop().time() * 1e6))
        hold_us = next(self._holds_us)
        if hold_us is not None:
            on_subscribed()
            await asyncio.sleep(hold_us / 1e6)
        raise BrokerGone("gone")


def tries_us(holds_us: list[int | None], first_s: float = 0.1, longest_s: float = 1.0) -> tuple[list[int], Counters]:
    counters = Counters()

    async def main() -> list[int]:
        broker = Flaky(holds_us)
        with pytest.raises(RuntimeError):  # the list has ended
            await keep_subscribed(
                broker, lambda messages: None, resubscribe_s=first_s, resubscribe_max_s=longest_s, counters=counters
            )
        return broker.tried_us

    return virtually(main()), counters


def test_f7_the_first_try_comes_at_once_and_the_waits_double_up_to_the_longest() -> None:
    waits_us = [100_000, 200_000, 400_000, 800_000, 1_000_000, 1_000_000]
    assert tries_us([None] * 6)[0] == [sum(waits_us[:n]) for n in range(7)]


def test_f7_a_first_wait_beyond_the_longest_is_the_longest() -> None:
    assert tries_us([None, None], first_s=5.0)[0] == [0, 1_000_000, 2_000_000]


def test_f7_waits_are_whole_microseconds() -> None:
    assert tries_us([None] * 3, first_s=0.0000014, longest_s=0.0000026)[0] == [0, 1, 3, 6]


def test_f7_after_a_subscription_has_held_the_waits_begin_anew_at_its_loss() -> None:
    tried_us, counters = tries_us([None, None, 7_000_000, None])
    assert tried_us == [0, 100_000, 300_000, 7_400_000, 7_600_000]
    assert (counters.subscriptions_made, counters.subscriptions_lost) == (1, 1)


def test_failed_tries_are_no_lost_subscriptions() -> None:
    _, counters = tries_us([None, None])
    assert (counters.subscriptions_made, counters.subscriptions_lost) == (0, 0)


@pytest.mark.parametrize("kind", ["local", "resp"])
def test_f7_over_an_outage_the_counters_tell_how_it_stands(kind: str) -> None:
    async def main() -> list[bool]:
        counters, stood = Counters(), []
        async with broker_and_server(kind, lambda *lost: None) as (broker, server):
            keeping = asyncio.create_task(
                keep_subscribed(
                    broker, lambda messages: None, resubscribe_s=0.1, resubscribe_max_s=2.0, counters=counters
                )
            )
            await asyncio.sleep(1)
            stood.append(counters.subscribed)
            await server.go()
            await asyncio.sleep(0.000001)
            stood.append(counters.subscribed)
            await asyncio.sleep(0.5)  # tries at 1.1 and 1.3 s
            await server.come()
            await asyncio.sleep(0.199998)  # the next one comes at 1.7 s
            stood.append(counters.subscribed)
            await asyncio.sleep(0.000002)
            stood.append(counters.subscribed)
            keeping.cancel()
            await asyncio.wait([keeping])
            stood.append(counters.subscribed)
        assert (counters.subscriptions_made, counters.subscriptions_lost) == (2, 1)
        return stood

    assert virtually(main()) == [True, False, False, True, False]
