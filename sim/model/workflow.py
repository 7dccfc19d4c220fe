"""Workflow: emits the events of one run, and of the same user's other runs, at their times (W1 to W4)."""

from collections.abc import Callable

from sim.contract.script import ClientScript
from sim.contract.trace import Row
from sim.contract.wire import channel
from sim.model.message import Message
from sim.model.orchestrator import Orchestrator
from sim.model.redis import Redis
from sim.model.turns import EMIT, Clock, Happening


class Workflow:
    """The runs of one user: the one that the client watches, and the others."""

    def __init__(
        self,
        clock: Clock,
        script: ClientScript,
        orchestrator: Orchestrator,
        redis: Redis,
        record: Callable[[Row], None],
    ) -> None:
        self._clock = clock
        self._script = script
        self._history = orchestrator.history(script.run_id)
        self._redis = redis
        self._channel = channel(script.username)
        self._record = record

    def start(self) -> None:
        """Schedule the first event of each list; each event schedules the one after it."""
        self._schedule(0, other=False)
        self._schedule(0, other=True)

    def _schedule(self, index: int, *, other: bool) -> None:
        times_us = self._script.other_us if other else self._script.event_us
        if index < len(times_us):
            emit = self._emit_other if other else self._emit
            Happening(self._clock, times_us[index], EMIT, self._script.client, emit, index, last=other)

    def _emit(self, happening: Happening) -> None:
        index: int = happening.subject
        now, client, event = self._clock.now_us, self._script.client, self._script.events[index]
        self._record((now, client, "event_emitted", index, ""))
        self._history.append(event)
        self._record((now, client, "message_published", index, ""))
        self._redis.publish(self._channel, Message(client, index, index, event.terminal))
        self._schedule(index + 1, other=False)

    def _emit_other(self, happening: Happening) -> None:
        index: int = happening.subject
        self._redis.publish(self._channel, Message(self._script.client, -1, index, False))
        self._schedule(index + 1, other=True)
