"""How long the machine let this process wait: what the live world cannot be blamed for."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SAMPLE_EVERY_S = 0.02
SPAN_S = 1.0

_SCHEDSTAT = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds on a processor, nanoseconds runnable but waiting for one, time slices."""


class Starvation:
    """Samples how long this thread was runnable without running.

    longest_s: the most of it in any span of SPAN_S; where the kernel does not tell, the longest single lateness of
        the loop that was not spent computing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.longest_s = 0.0
        self._loop = loop
        self._waited_s: deque[float] = deque(maxlen=round(SPAN_S / SAMPLE_EVERY_S))
        self._arm()

    def _arm(self) -> None:
        self._due = self._loop.time() + SAMPLE_EVERY_S
        self._cpu_s = time.process_time()
        self._waited_s.append(_waited_s())
        self._timer = self._loop.call_at(self._due, self._sample)

    def _sample(self) -> None:
        late_s = self._loop.time() - self._due
        stalled_s = late_s - (time.process_time() - self._cpu_s)
        self.longest_s = max(self.longest_s, stalled_s, _waited_s() - self._waited_s[0])
        self._arm()

    def stop(self) -> None:
        """Take no more samples."""
        self._timer.cancel()


def _waited_s() -> float:
    try:
        return int(_SCHEDSTAT.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


@contextmanager
def starvation() -> Iterator[Starvation]:
    """Sample while the block runs."""
    sampled = Starvation(asyncio.get_running_loop())
    try:
        yield sampled
    finally:
        sampled.stop()
