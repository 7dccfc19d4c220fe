"""Polls: each on its way to the orchestrator, and its answer on its way back, within a time limit (C9, C11)."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from sim.contract.script import ANSWERED, ERROR, Script
from sim.model.orchestrator import Answer, Orchestrator
from sim.model.passage import Passage
from sim.model.turns import ANSWER, REQUEST, Happening


class Poller(Protocol):
    """The client's end."""

    def answered(self, answer: Answer) -> None:
        """A poll has been answered."""

    def failed(self, reason: str) -> None:
        """A poll has failed."""


class Polls:
    """One client's; what comes of one later than its time limit is discarded."""

    def __init__(self, passage: Passage, script: Script, orchestrator: Orchestrator, poller: Poller) -> None:
        self._passage = passage
        self._client = passage.client
        self._timeout_us = script.poll_timeout_us
        self._orchestrator = orchestrator
        self._poller = poller
        self._awaited: set[int] = set()

    def send(self, number: int, after: int) -> None:
        """Carry the poll of this number there, and what comes of it back (C9, B8, B20)."""
        now, passing_us = self._passage.clock.now_us, self._passage.passing_us
        drawn = number % len(self._client.poll_latency_us)
        latency_us = self._client.poll_latency_us[drawn]
        reached_us = passing_us(now + latency_us // 2)
        back_us = latency_us - latency_us // 2
        earliest_us = passing_us(reached_us + back_us)
        limit_us = now + self._timeout_us
        fate = self._fate(drawn, now)
        self._awaited.add(number)
        if fate == ANSWERED:
            service_us = self._client.poll_service_us[drawn]
            self._passage.at(reached_us, REQUEST, self._request, (number, after, service_us, back_us))
        elif fate == ERROR:
            self._passage.at(earliest_us, ANSWER, self._finish, (number, partial(self._poller.failed, "error")))
        certain = fate == ERROR or (fate == ANSWERED and self._orchestrator.at_once)
        if not certain or earliest_us > limit_us:
            failed = partial(self._poller.failed, "timeout")
            self._passage.at(limit_us, ANSWER, self._finish, (number, failed), order=1)

    def _fate(self, drawn: int, now: int) -> int:
        fate = self._client.poll_fate[drawn]
        if fate != ANSWERED:
            return fate
        windows = (fate for from_us, until_us, fate in self._client.poll_windows if from_us <= now < until_us)
        return next(windows, ANSWERED)

    def _request(self, happening: Happening) -> None:
        number, after, service_us, back_us = happening.subject
        reply = partial(self._send_back, number, back_us)
        self._orchestrator.request(self._client.run_id, after, service_us, reply)

    def _send_back(self, number: int, back_us: int, answer: Answer | None) -> None:
        """The orchestrator's answer, or its 503 where it is overloaded (O5), sets out to the client."""
        finished_us = self._passage.passing_us(self._passage.clock.now_us + back_us)
        if answer is None:
            finish: Callable[[], None] = partial(self._poller.failed, "overloaded")
        else:
            finish = partial(self._poller.answered, answer)
        self._passage.at(finished_us, ANSWER, self._finish, (number, finish))

    def _finish(self, happening: Happening) -> None:
        """A poll is over, unless it was over before."""
        number, finish = happening.subject
        if number in self._awaited:
            self._awaited.remove(number)
            finish()
