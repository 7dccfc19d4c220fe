"""The workflow: emits the events of one client's run, and of its user's other runs, at their times (W1 to W4)."""

from sim.contract.script import ClientScript, RunEvent
from sim.contract.wire import Message, other_run
from sim.reference import turns
from sim.reference.link import Link
from sim.reference.orchestrator import Orchestrator
from sim.reference.recorder import Clock, Recorder


class Workflow:
    """Emits each event at its time: history, then channel (W2)."""

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
        self._client = script.client
        self._username = username
        self._data = data
        self._link = link
        self._orchestrator = orchestrator
        self._clock = clock
        self._recorder = recorder
        orchestrator.open(run_id)
        own = [
            (time_us, run_id, seq, event)
            for seq, (time_us, event) in enumerate(zip(script.event_us, script.events, strict=True))
        ]
        others = [
            (time_us, other_run(run_id), seq, event)
            for seq, (time_us, event) in enumerate(zip(script.other_us, script.other_events, strict=True))
        ]
        # a stable sort: at one instant own events come first, each in file order
        due = sorted(own + others, key=lambda due: due[0])
        self._due = [d for d in due if d[0] <= horizon_us]
        self._own_run_id = run_id
        self._next = 0

    @property
    def done(self) -> bool:
        """Whether every event up to the horizon has been emitted."""
        return self._next == len(self._due)

    def schedule(self) -> None:
        """Wait for the next event's turn."""
        if not self.done:
            time_us, run_id, seq, _ = self._due[self._next]
            rank = (turns.EMIT, self._client, self._order(run_id, seq))
            turns.call_at(self._clock.when(time_us), rank, self._emit_next)

    def _order(self, run_id: str, seq: int) -> int:
        return seq if run_id == self._own_run_id else turns.OTHER + seq

    def _emit_next(self) -> None:
        time_us, run_id, seq, event = self._due[self._next]
        self._next += 1
        self._emit(run_id, seq, event, time_us)
        self.schedule()

    def _emit(self, run_id: str, seq: int, event: RunEvent, time_us: int) -> None:
        message = Message(run_id, seq, event.type, event.node_id, time_us / 1e6, self._data)
        now_us = self._clock.now_us()
        self._recorder.in_flight += 1
        self._link.published(self._order(run_id, seq))
        self._orchestrator.append(message)
        self._orchestrator.publish(self._username, message)
        if run_id == self._own_run_id:  # another run's event writes no row (B1)
            self._recorder.record(now_us, self._client, "event_emitted", seq)
            self._recorder.record(now_us, self._client, "message_published", seq)
