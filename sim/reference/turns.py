"""Turns: the order of happenings at one instant (DESIGN.md section 3, "One instant").

A timer's callback carries its rank. A virtual loop lets equal instants take turns by rank; a stock loop ignores it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

Rank = tuple[int, int, int]
"""Class, client, and the order within them: lowest first."""

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, FIRE = range(8)
"""The classes of happenings."""

UNRANKED: Rank = (FIRE + 1, 0, 0)
"""Timers of libraries, and ours that are no happening of the script: after all that are."""

END: Rank = (FIRE + 2, 0, 0)
"""What is to see an instant performed completely."""

OTHER = 1 << 31
"""Other runs' events come after own ones, in file order (B3, B11)."""

HEARTBEAT = 2 * OTHER
"""Heartbeats come after other runs' events (P3)."""


class InTurn:
    """A callback with the rank of the timer that is to call it."""

    __slots__ = ("_callback", "rank")

    def __init__(self, rank: Rank, callback: Callable[..., object]) -> None:
        self.rank = rank
        self._callback = callback

    def __call__(self, *args: object) -> None:
        """Call it."""
        self._callback(*args)


def call_at(when: float, rank: Rank, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
    """Call it at a time of the loop, in its turn; a time that has come already is still a step of its own."""
    return asyncio.get_running_loop().call_at(when, InTurn(rank, callback), *args)


async def reached(when: float, rank: Rank) -> None:
    """Wait for a time of the loop, and there for the turn; absolute, so that delays on the way do not add up."""
    here = asyncio.get_running_loop().create_future()
    timer = call_at(when, rank, _reach, here)
    try:
        await here
    finally:
        timer.cancel()


def _reach(here: "asyncio.Future[None]") -> None:
    if not here.done():
        here.set_result(None)


@asynccontextmanager
async def limited(when: float, rank: Rank) -> AsyncIterator[None]:
    """Raise TimeoutError where the block has not ended by its turn at that time (asyncio.timeout_at has no rank)."""
    async with asyncio.timeout(None) as limit:
        timer = call_at(when, rank, limit.reschedule, when)
        try:
            yield
        finally:
            timer.cancel()
