"""How long the machine let this process wait: what the live world cannot be blamed for."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

SAMPLE_EVERY_S = 0.02


class Starvation:
    """Samples the loop's lateness; what it did not spend computing, it was kept waiting.

    longest_s: the longest such wait so far, in seconds.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.longest_s = 0.0
        self._loop = loop
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + SAMPLE_EVERY_S
        self._cpu_s = time.process_time()
        self._timer = self._loop.call_at(self._due, self._sample)

    def _sample(self) -> None:
        late_s = self._loop.time() - self._due
        self.longest_s = max(self.longest_s, late_s - (time.process_time() - self._cpu_s))
        self._arm()

    def stop(self) -> None:
        """Take no more samples."""
        self._timer.cancel()


@contextmanager
def starvation() -> Iterator[Starvation]:
    """Sample while the block runs."""
    sampled = Starvation(asyncio.get_running_loop())
    try:
        yield sampled
    finally:
        sampled.stop()
