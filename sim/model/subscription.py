"""Subscription: how the fanout server hears from Redis, and tries again when that is lost (F7)."""

from sim.contract.script import Script
from sim.model.redis import Redis, Subscriber
from sim.model.turns import SERVER, SERVERS, Clock, Happening


class Subscription:
    """Of one subscriber; a try takes no time and succeeds iff Redis is there."""

    def __init__(self, clock: Clock, script: Script, redis: Redis, subscriber: Subscriber) -> None:
        self._clock = clock
        self._first_us = script.resubscribe_us
        self._longest_us = script.resubscribe_max_us
        self._redis = redis
        self._subscriber = subscriber
        self._wait_us = 0
        self._pending: Happening | None = None

    def begin(self) -> None:
        """The server starts: try at once."""
        if not self._redis.psubscribe(self._subscriber):
            self.lost()

    def lost(self) -> None:
        """Try again from now on, at first soon."""
        self._wait_us = self._first_us
        self._try_later()

    def end(self) -> None:
        """The server stops: no longer listen, and try no more."""
        self._redis.unsubscribe()
        self._pending = None

    def _try_later(self) -> None:
        due_us = self._clock.now_us + min(self._wait_us, self._longest_us)
        self._pending = Happening(self._clock, due_us, SERVER, SERVERS, self._try)

    def _try(self, happening: Happening) -> None:
        if happening is not self._pending:
            return
        if not self._redis.psubscribe(self._subscriber):
            self._wait_us = min(2 * self._wait_us, self._longest_us)
            self._try_later()
