"""The queue before the orchestrator's workers (O4, O5)."""

import asyncio
from collections import deque
from typing import NamedTuple


class _Job(NamedTuple):
    service_us: int
    done: "asyncio.Future[None]"


class WorkQueue:
    """So many workers, and those who wait for one, first come first served; at most `queue_limit` wait."""

    def __init__(self, workers: int, queue_limit: int) -> None:
        self._free = workers
        self._queue_limit = queue_limit
        self._waiting: deque[_Job] = deque()

    def admit(self, service_us: int) -> "asyncio.Future[None] | None":
        """A request arrives: the future of its service's end, None where it is turned away.

        What is admitted is served in full, whatever becomes of the future.
        """
        job = _Job(service_us, asyncio.get_running_loop().create_future())
        if self._free:
            self._free -= 1
            self._serve(job)
        elif len(self._waiting) < self._queue_limit:
            self._waiting.append(job)
        else:
            return None
        return job.done

    def _serve(self, job: _Job) -> None:
        asyncio.get_running_loop().call_later(job.service_us / 1e6, self._end, job)

    def _end(self, job: _Job) -> None:
        if not job.done.done():  # its client may have gone
            job.done.set_result(None)
        if self._waiting:
            self._serve(self._waiting.popleft())
        else:
            self._free += 1
