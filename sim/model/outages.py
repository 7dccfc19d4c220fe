"""Outages: when Redis and the fanout server go away and are back (R4, F8, B14)."""

from collections.abc import Callable

from sim.contract.script import Script
from sim.contract.trace import Row
from sim.model.fanout import Fanout
from sim.model.redis import Redis
from sim.model.turns import CLOSE, MOUNT, SERVERS, Clock, Happening


class Outages:
    """All of a script's; at one instant what ends comes before what begins, and Redis before the fanout server."""

    def __init__(
        self, clock: Clock, script: Script, redis: Redis, fanout: Fanout, record: Callable[[Row], None]
    ) -> None:
        self._clock = clock
        self._redis = redis
        self._fanout = fanout
        self._record = record
        for redis_outage in script.redis_outages:
            Happening(clock, redis_outage.from_us, CLOSE, SERVERS, self._redis_goes)
            Happening(clock, redis_outage.until_us, MOUNT, SERVERS, self._redis_is_back)
        for outage in script.fanout_outages:
            Happening(clock, outage.from_us, CLOSE, SERVERS, self._fanout_goes, outage.killed)
            Happening(clock, outage.until_us, MOUNT, SERVERS, self._fanout_is_back)

    def _redis_goes(self, _: Happening) -> None:
        self._tell("outage_began", "redis-outage")
        self._redis.stop()

    def _redis_is_back(self, _: Happening) -> None:
        self._tell("outage_ended", "redis-outage")
        self._redis.start()

    def _fanout_goes(self, happening: Happening) -> None:
        self._tell("outage_began", "fanout-restart")
        self._fanout.stop(killed=happening.subject)

    def _fanout_is_back(self, _: Happening) -> None:
        self._tell("outage_ended", "fanout-restart")
        self._fanout.start()

    def _tell(self, kind: str, fault: str) -> None:
        self._record((self._clock.now_us, -1, kind, -1, fault))
