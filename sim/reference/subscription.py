"""A subscription that is tried again whenever it is lost (F7)."""

import asyncio
import logging
from collections.abc import Callable

from sim.contract import wire
from sim.reference.counters import Counters
from sim.reference.redis import Arrived, Broker, BrokerGone

log = logging.getLogger(__name__)


async def keep_subscribed(
    broker: Broker,
    on_messages: Arrived,
    *,
    resubscribe_s: float,
    resubscribe_max_s: float,
    counters: Counters,
    on_tried: Callable[[], None] = lambda: None,
) -> None:
    """Subscribe at once, and after a loss or the n-th failed try again min(resubscribe_s x 2^n, max) later (F7).

    counters: `subscribed` tells how it stands. on_tried: called after each try, successful or not.
    """
    first_us, longest_us = round(resubscribe_s * 1e6), round(resubscribe_max_s * 1e6)
    wait_us = min(first_us, longest_us)

    troubled = False

    def subscribed() -> None:
        nonlocal wait_us
        wait_us = min(first_us, longest_us)
        counters.subscribed = True
        counters.subscriptions_made += 1
        if troubled:
            log.warning("subscribed to Redis again")
        on_tried()

    while True:
        try:
            await broker.listen(wire.CHANNEL_PATTERN, on_messages, subscribed)
        except BrokerGone as gone:
            if counters.subscribed:
                counters.subscriptions_lost += 1
            else:
                on_tried()
            if counters.subscribed or not troubled:
                log.warning("not subscribed, will try again: %s", gone)
            troubled = True
        finally:
            counters.subscribed = False
        await asyncio.sleep(wait_us / 1e6)
        wait_us = min(2 * wait_us, longest_us)
