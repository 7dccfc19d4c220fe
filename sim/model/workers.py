"""Workers: a fixed number of them, and one line of who waits, first come first served (O4, O5)."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from sim.model.turns import SERVER, SERVERS, Clock, Happening


class Job(NamedTuple):
    """What takes a worker `service_us` microseconds, and what happens when it is done."""

    service_us: int
    done: Callable[[], None]


class Workers:
    """A job takes a free worker, or waits where fewer than `limit` wait."""

    def __init__(self, clock: Clock, count: int, limit: int) -> None:
        self._clock = clock
        self._free = count
        self._limit = limit
        self._waiting: deque[Job] = deque()

    def take(self, job: Job) -> bool:
        """Serve the job, now or later; False where it is turned away."""
        if self._free:
            self._free -= 1
            self._serve(job)
        elif len(self._waiting) < self._limit:
            self._waiting.append(job)
        else:
            return False
        return True

    def _serve(self, job: Job) -> None:
        Happening(self._clock, self._clock.now_us + job.service_us, SERVER, SERVERS, self._end, job)

    def _end(self, happening: Happening) -> None:
        happening.subject.done()
        if self._waiting:
            self._serve(self._waiting.popleft())
        else:
            self._free += 1
