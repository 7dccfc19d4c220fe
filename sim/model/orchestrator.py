"""Orchestrator: keeps each run's history and answers polls with it, at once or through its workers (O1, O3, O5, P2)."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from sim.contract.script import RunEvent
from sim.contract.system import Orchestrator as Queue
from sim.model.turns import Clock
from sim.model.workers import Job, Workers


class Answer(NamedTuple):
    """What a poll is answered: events of its run, and the seq of the first of them."""

    first: int
    events: list[RunEvent]


Reply = Callable[[Answer | None], None]
"""Takes the answer, or None where the request is turned away (503)."""


class Orchestrator:
    """The histories of all runs, by run_id.

    at_once: whether every request is answered as it arrives.
    """

    def __init__(self, clock: Clock, queue: Queue) -> None:
        self._histories: dict[str, list[RunEvent]] = {}
        self._workers = Workers(clock, queue.workers, queue.queue_limit)
        self.at_once = queue.workers == 0

    def history(self, run_id: str) -> list[RunEvent]:
        """The run's history, to be appended to; it exists from the scenario's start."""
        return self._histories.setdefault(run_id, [])

    def request(self, run_id: str, after: int, service_us: int, reply: Reply) -> None:
        """A poll's request arrives: its answer is the history as it is now (O3) after this seq, whenever it is sent."""
        answer = Answer(after + 1, self._histories[run_id][after + 1 :])
        if self.at_once:
            reply(answer)
        elif not self._workers.take(Job(service_us, partial(reply, answer))):
            reply(None)
