"""The workflow: what one client's run publishes, and its user's other runs, at its time (W1 to W4, P3)."""

from sim.contract.script import ClientScript, RunEvent
from sim.contract.wire import Message, other_run
from sim.reference import turns
from sim.reference.link import Link
from sim.reference.orchestrator import Orchestrator
from sim.reference.recorder import Clock, Recorder


class Workflow:
    """Emits each event at its time: history, then channel (W2); heartbeats go to the channel alone."""

    def __init__(
        self,
        script: ClientScript,
        run_id: str,
        username: str,
        *,
        data: str,
        link: Link,
        orchestrator: Orchestrator,
        clock: Clock,
        recorder: Recorder,
        horizon_us: int,
    ) -> None:
        self._script = script
        self._run_id = run_id
        self._username = username
        self._data = data
        self._link = link
        self._orchestrator = orchestrator
        self._clock = clock
        self._recorder = recorder
        orchestrator.open(run_id)
        timed = zip(script.event_us, script.events, strict=True)
        ended_us = next((time_us for time_us, event in timed if event.terminal), horizon_us + 1)
        due = [(time_us, seq) for seq, time_us in enumerate(script.event_us)]
        due += [(time_us, turns.OTHER + seq) for seq, time_us in enumerate(script.other_us)]
        # where the run ends in the very instant, its event comes first (P3)
        due += [(time_us, turns.HEARTBEAT + n) for n, time_us in enumerate(script.heartbeat_us) if time_us < ended_us]
        self._due = sorted((time_us, order) for time_us, order in due if time_us <= horizon_us)
        self._next = 0

    @property
    def done(self) -> bool:
        """Whether everything up to the horizon has been published."""
        return self._next == len(self._due)

    def schedule(self) -> None:
        """Wait for the turn of what comes next."""
        if not self.done:
            time_us, order = self._due[self._next]
            turns.call_at(self._clock.when(time_us), (turns.EMIT, self._script.client, order), self._publish_next)

    def _publish_next(self) -> None:
        time_us, order = self._due[self._next]
        self._next += 1
        self._recorder.in_flight += 1
        self._link.published(order)
        kind, index = divmod(order, turns.OTHER)
        if order >= turns.HEARTBEAT:
            self._orchestrator.beat(self._username, self._run_id, index)
        elif kind:  # another run's event writes no row (B1)
            self._emit(other_run(self._run_id), index, self._script.other_events[index], time_us)
        else:
            now_us = self._clock.now_us()
            self._emit(self._run_id, index, self._script.events[index], time_us)
            self._recorder.record(now_us, self._script.client, "event_emitted", index)
            self._recorder.record(now_us, self._script.client, "message_published", index)
        self.schedule()

    def _emit(self, run_id: str, seq: int, event: RunEvent, time_us: int) -> None:
        message = Message(run_id, seq, event.type, event.node_id, time_us / 1e6, self._data)
        self._orchestrator.append(message)
        self._orchestrator.publish(self._username, message)
