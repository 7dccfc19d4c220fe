"""A Broker in this process: what Redis does for us, without Redis (R1, R2)."""

import asyncio
from fnmatch import fnmatchcase

from sim.reference.redis import Arrived


class LocalBroker:
    """A Broker that delivers to its subscribers in the next pass of the loop: at once, but never within `publish`."""

    def __init__(self) -> None:
        self._subscribers: list[tuple[str, Arrived]] = []
        self._loop = asyncio.get_running_loop()

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; messages leave in the order of the calls."""
        self._loop.call_soon(self._deliver, channel, payload)

    async def subscribe(self, pattern: str, on_messages: Arrived) -> None:
        """Deliver every message of matching channels from now on."""
        self._subscribers.append((pattern, on_messages))

    def _deliver(self, channel: str, payload: str) -> None:
        for pattern, on_messages in self._subscribers:
            if fnmatchcase(channel, pattern):
                on_messages([(channel.encode(), payload.encode())])
