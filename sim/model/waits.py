"""Waits: how long a client lets its poll timer run (C7, B10, P10)."""

from sim.contract.script import ClientScript, Script
from sim.model.backoff import Backoff


class Waits:
    """One client's, as what it has heard of late makes them.

    failed_polls: how many have failed since the last that was answered.
    """

    def __init__(self, script: Script, client: ClientScript, idle: Backoff, errors: Backoff) -> None:
        """`idle` and `errors` say how waits grow, for all clients of the script."""
        self._idle = idle
        self._shortest_us = idle.wait_us(0)
        self._errors = errors
        self._failures_are_idle = not script.policy.by_sequence
        self._retry_after_us = script.retry_after_us if script.policy.retry_after else 0
        self._jitter, self._jitter_parts = script.poll_jitter.numerator, script.poll_jitter.denominator << 32
        self._draws = client.poll_jitter_draw
        self._idle_polls = 0
        self._overloaded = False
        self.failed_polls = 0

    def heard(self) -> None:
        """A message has come."""
        self._idle_polls = 0

    def answered(self, *, showed: bool) -> None:
        """A poll was answered; whether a client by sequence shows anything for it."""
        self._idle_polls = 0 if showed else self._idle_polls + 1
        self.failed_polls = 0

    def failed(self, reason: str) -> None:
        """A poll has failed."""
        self._idle_polls += self._failures_are_idle
        self.failed_polls += 1
        self._overloaded = reason == "overloaded"

    def next_us(self, poll: int) -> int:
        """Microseconds from now until the poll of this number is due."""
        wait_us = self._idle.wait_us(self._idle_polls) if self._idle_polls else self._shortest_us
        if self.failed_polls:
            if self._errors.grows:
                wait_us = max(wait_us, self._errors.wait_us(self.failed_polls - 1))
            if self._overloaded:
                wait_us = max(wait_us, self._retry_after_us)
        if self._draws:
            wait_us += wait_us * self._jitter * self._draws[poll % len(self._draws)] // self._jitter_parts
        return wait_us
