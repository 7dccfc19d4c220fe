"""A Broker in this process: what Redis does for us, without Redis (R1, R2, R4, R5)."""

import asyncio
from collections.abc import Callable
from fnmatch import fnmatchcase

from sim.reference.redis import Arrived, BrokerGone, OnLost


class LocalBroker:
    """A Broker that delivers to its listeners in the next pass of the loop: at once, but never within `publish`."""

    def __init__(self, on_lost: OnLost) -> None:
        """Tell `on_lost` about each message that reaches nobody."""
        self._on_lost = on_lost
        self._away = False
        self._listeners: dict[asyncio.Future[None], tuple[str, Arrived]] = {}
        self._loop = asyncio.get_running_loop()

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; messages leave in the order of the calls."""
        self._loop.call_soon(self._deliver, channel, payload)

    async def listen(self, pattern: str, on_messages: Arrived, on_subscribed: Callable[[], None]) -> None:
        """Deliver every message of matching channels until cancelled; raises BrokerGone while away."""
        if self._away:
            raise BrokerGone("Redis is away")
        lost: asyncio.Future[None] = self._loop.create_future()
        self._listeners[lost] = (pattern, on_messages)
        try:
            on_subscribed()
            await lost
        finally:
            self._listeners.pop(lost, None)

    async def go(self) -> None:
        """Be away from now on: listeners are cut off, what is published is lost (R4)."""
        self._away = True
        listeners, self._listeners = self._listeners, {}
        for lost in listeners:
            if not lost.done():  # a listener that is cancelled has not left yet
                lost.set_exception(BrokerGone("Redis has gone"))

    async def come(self) -> None:
        """Be there again, with nothing kept."""
        self._away = False

    def _deliver(self, channel: str, payload: str) -> None:
        if self._away:
            self._on_lost(channel, payload, "redis-outage")
            return
        hit = [on_messages for pattern, on_messages in self._listeners.values() if fnmatchcase(channel, pattern)]
        for on_messages in hit:
            on_messages([(channel.encode(), payload.encode())])
        if not hit:
            self._on_lost(channel, payload, "no-subscriber")
