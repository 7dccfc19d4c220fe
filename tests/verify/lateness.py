"""A script whose every instant and delay comes a little late, as on real sockets."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from random import Random

from sim.contract.draws import NEVER
from sim.contract.script import ClientScript, Script, Window

MOST_US = 1000
"""How late at most: so little that a minute's polls, each of which hands its delay to the next, stay in the margin."""


class LateScript(Script):
    """What another script says, each time up to MOST_US late; performed, it stands for a live world."""

    def __init__(self, script: Script, seed: int) -> None:
        self.__dict__.update(vars(script))
        self._random = Random(seed)
        self.redis_outages = tuple(Window(*self._late(w)) for w in script.redis_outages)
        self.fanout_outages = tuple(
            outage._replace(from_us=from_us, until_us=until_us)
            for outage in script.fanout_outages
            for from_us, until_us in [self._late(outage[:2])]
        )
        self._client = cache(self._late_client)

    def client(self, client: int) -> ClientScript:
        """The same at each call."""
        return self._client(client)

    def _late(self, times_us: Iterable[int]) -> list[int]:
        """Nothing comes before zero, so that a window from zero on stays one."""
        return [t + self._random.randint(0, MOST_US) if 0 < t < NEVER else t for t in times_us]

    def _late_client(self, client: int) -> ClientScript:
        me = super().client(client)
        event_us, other_us, heartbeat_us = self._late_events(me)
        shift_us = self._random.randint(0, MOST_US)
        return replace(
            me,
            start_us=me.start_us + shift_us,
            event_us=[t + shift_us if t < NEVER else t for t in event_us],
            other_us=[t + shift_us for t in other_us],
            heartbeat_us=[t + shift_us for t in heartbeat_us],
            event_latency_us=self._late(me.event_latency_us),
            other_latency_us=self._late(me.other_latency_us),
            heartbeat_latency_us=self._late(me.heartbeat_latency_us),
            connect_us=self._late(me.connect_us),
            connection_lost_us=sorted(self._late(me.connection_lost_us)),
            half_open_us=sorted(self._late(me.half_open_us)),
            partition_windows=tuple(Window(*self._late(w)) for w in me.partition_windows),
            poll_latency_us=self._late(me.poll_latency_us),
            poll_service_us=self._late(me.poll_service_us),
        )

    def _late_events(self, me: ClientScript) -> tuple[list[int], list[int], list[int]]:
        """One workflow emits all events of a user, and the heartbeats, in their order."""
        late = list(me.event_us), list(me.other_us), list(me.heartbeat_us)
        due = sorted((t, kind, n) for kind, times_us in enumerate(late) for n, t in enumerate(times_us) if t < NEVER)
        before_us = 0
        for time_us, kind, n in due:
            before_us = late[kind][n] = max(time_us + self._random.randint(0, MOST_US), before_us + 1)
        return late
