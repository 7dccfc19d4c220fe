"""Workflow: emits the events of one run and of the same user's other runs (W1 to W4), and heartbeats (P3)."""

from collections.abc import Callable

from sim.contract.script import ClientScript
from sim.contract.trace import Row
from sim.contract.wire import channel
from sim.model.message import HEARTBEAT, OTHER, OWN, Message
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
        self._over = False

    def start(self) -> None:
        """Schedule the first event of each list, and the first heartbeat; each schedules the one after it."""
        self._schedule(self._script.event_us, 0, self._emit, OWN)
        self._schedule(self._script.other_us, 0, self._emit_other, OTHER)
        self._schedule(self._script.heartbeat_us, 0, self._emit_heartbeat, HEARTBEAT)

    def _schedule(self, times_us: list[int], index: int, emit: Callable[[Happening], None], kind: int) -> None:
        if index < len(times_us):
            Happening(self._clock, times_us[index], EMIT, self._script.client, emit, index, order=kind)

    def _emit(self, happening: Happening) -> None:
        index: int = happening.subject
        now, client, event = self._clock.now_us, self._script.client, self._script.events[index]
        self._record((now, client, "event_emitted", index, ""))
        self._history.append(event)
        self._over |= event.terminal
        self._record((now, client, "message_published", index, ""))
        self._redis.publish(self._channel, Message(client, OWN, index, index, event.terminal))
        self._schedule(self._script.event_us, index + 1, self._emit, OWN)

    def _emit_other(self, happening: Happening) -> None:
        index: int = happening.subject
        self._redis.publish(self._channel, Message(self._script.client, OTHER, index, -1))
        self._schedule(self._script.other_us, index + 1, self._emit_other, OTHER)

    def _emit_heartbeat(self, happening: Happening) -> None:
        if self._over:
            return
        index: int = happening.subject
        newest = len(self._history) - 1
        self._redis.publish(self._channel, Message(self._script.client, HEARTBEAT, index, newest))
        self._schedule(self._script.heartbeat_us, index + 1, self._emit_heartbeat, HEARTBEAT)
