"""Unheard: when what is published reaches nobody, since Redis is away or nobody subscribes (R4, R5, F7, F8)."""

import heapq
from itertools import count

from sim.contract.script import Script
from sim.fleet.codes import NO_SUBSCRIBER, REDIS_OUTAGE

_BACK, _GOES, _TRIES = 0, 2, 8
"""Classes of section 3."""


def unheard_windows(script: Script) -> list[tuple[int, int, int]]:
    """In order of time: from and until in microseconds, and why; a publication is in class 3 of its instant."""
    return _Servers(script).windows()


class _Servers:
    """Redis and the fanout server's subscription, stepped through a script's outages."""

    def __init__(self, script: Script) -> None:
        self._first_us, self._longest_us = script.resubscribe_us, script.resubscribe_max_us
        self._horizon_us = script.horizon_us
        self._order = count()
        self._queue: list[tuple[int, int, int, str]] = []
        for redis in script.redis_outages:
            self._put(redis.from_us, _GOES, "redis goes")
            self._put(redis.until_us, _BACK, "redis is back")
        for fanout in script.fanout_outages:
            self._put(fanout.from_us, _GOES, "fanout goes")
            self._put(fanout.until_us, _BACK, "fanout is back")
        self._redis_away = False
        self._subscribed = True
        self._wait_us = 0
        self._try: int | None = None

    def _put(self, time_us: int, turn: int, what: str) -> int:
        order = next(self._order)
        heapq.heappush(self._queue, (time_us, turn, order, what))
        return order

    def windows(self) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        since_us, reason = 0, -1
        while self._queue and self._queue[0][0] <= self._horizon_us:
            now, turn, order, what = heapq.heappop(self._queue)
            self._step(now, order, what)
            after = -1 if self._subscribed else REDIS_OUTAGE if self._redis_away else NO_SUBSCRIBER
            if after != reason:
                from_us = now + (turn == _TRIES)
                if reason >= 0 and since_us < from_us:
                    found.append((since_us, from_us, reason))
                since_us, reason = from_us, after
        if reason >= 0:
            found.append((since_us, self._horizon_us + 1, reason))
        return found

    def _step(self, now: int, order: int, what: str) -> None:
        match what:
            case "redis goes":
                self._redis_away = True
                if self._subscribed:
                    self._lose(now)
            case "redis is back":
                self._redis_away = False
            case "fanout goes":
                self._subscribed, self._try = False, None
            case "fanout is back":
                self._subscribed = not self._redis_away
                if not self._subscribed:
                    self._lose(now)
            case _ if order == self._try:
                self._subscribed = not self._redis_away
                if not self._subscribed:
                    self._wait_us = min(2 * self._wait_us, self._longest_us)
                    self._try_later(now)

    def _lose(self, now: int) -> None:
        self._subscribed = False
        self._wait_us = self._first_us
        self._try_later(now)

    def _try_later(self, now: int) -> None:
        self._try = self._put(now + min(self._wait_us, self._longest_us), _TRIES, "tries")
