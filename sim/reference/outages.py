"""Outages: lets servers really go away and come back when the script says so (R4, F8, B14)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from sim.contract.script import Script
from sim.reference import turns
from sim.reference.recorder import Clock, Recorder
from sim.reference.running import spawn

INFRASTRUCTURE = -1
"""The client of rows that concern no client."""


class Fanout(Protocol):
    """A fanout server that can be stopped and started."""

    @property
    def url(self) -> str:
        """Its base URL, the same after each start."""

    async def start(self) -> None:
        """Listen and subscribe."""

    async def stop(self, *, killed: bool) -> None:
        """Stop, with a goodbye or without."""


class Redis(Protocol):
    """A Redis that can be taken away and put back."""

    async def go(self) -> None:
        """Be away, with all that it knows."""

    async def come(self) -> None:
        """Be there again."""


class _Outage(NamedTuple):
    """Of which kind, when, and what it takes; `order` among those of one instant: Redis first."""

    kind: str
    from_us: int
    until_us: int
    order: int
    go: Callable[[], Awaitable[None]]
    come: Callable[[], Awaitable[None]]


class Outages:
    """What befalls the servers of one script.

    on_stop: called as the fanout server stops. pending: beginnings and ends within the horizon that are still to come.
    """

    def __init__(
        self,
        script: Script,
        *,
        fanout: Fanout,
        redis: Redis | None,
        clock: Clock,
        recorder: Recorder,
        group: asyncio.TaskGroup,
        on_stop: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._group = group
        self._horizon_us = script.horizon_us
        self._turn = asyncio.Lock()
        outages = []
        for window in script.redis_outages:
            assert redis is not None
            outages.append(_Outage("redis-outage", *window, 0, redis.go, redis.come))
        for from_us, until_us, killed in script.fanout_outages:
            go = _stopping(fanout, on_stop, killed=killed)
            outages.append(_Outage("fanout-restart", from_us, until_us, 1, go, fanout.start))
        self._outages = [outage for outage in outages if outage.from_us <= script.horizon_us]
        self.pending = sum(1 + (outage.until_us <= script.horizon_us) for outage in self._outages)

    def schedule(self) -> None:
        """Let each come at its time."""
        for outage in self._outages:
            rank = (turns.CLOSE, INFRASTRUCTURE, outage.order)
            turns.call_at(self._clock.when(outage.from_us), rank, self._begin, outage)

    def _begin(self, outage: _Outage) -> None:
        self._recorder.record(self._clock.now_us(), INFRASTRUCTURE, "outage_began", detail=outage.kind)
        spawn(self._group, self._in_turn(outage.go))
        if outage.until_us <= self._horizon_us:
            rank = (turns.MOUNT, INFRASTRUCTURE, outage.order)
            turns.call_at(self._clock.when(outage.until_us), rank, self._end, outage)

    def _end(self, outage: _Outage) -> None:
        spawn(self._group, self._in_turn(outage.come, outage))

    async def _in_turn(self, act: Callable[[], Awaitable[None]], ended: _Outage | None = None) -> None:
        """What begins while the last is still under way, on real sockets, waits for it."""
        async with self._turn:
            await act()
        if ended is not None:
            self._recorder.record(self._clock.now_us(), INFRASTRUCTURE, "outage_ended", detail=ended.kind)
        self.pending -= 1


def _stopping(fanout: Fanout, on_stop: Callable[[], None], *, killed: bool) -> Callable[[], Awaitable[None]]:
    async def stop() -> None:
        on_stop()
        await fanout.stop(killed=killed)

    return stop
