"""How long a client waits until it polls (C7, P10)."""

from collections.abc import Sequence
from fractions import Fraction

from sim.reference.habits import Habits


class Waits:
    """What has happened since counts: draws hold 32 bits for each poll, none without jitter."""

    def __init__(self, habits: Habits, draws: Sequence[int]) -> None:
        self._habits = habits
        self._draws = draws
        self._idle = _Growth(habits.poll_interval_us, habits.backoff_factor, habits.backoff_max_us)
        self._error = _Growth(habits.poll_interval_us, habits.error_backoff_factor, habits.error_backoff_max_us)
        self._error_us = 0
        self._asked_for_us = 0

    def heard(self) -> None:
        """A message has come, of whatever run."""
        self._idle.reset()

    def answered(self, *, showed: bool) -> None:
        """A poll is answered; whether it has shown anything matters to a client by sequence only."""
        self._error.reset()
        self._error_us = self._asked_for_us = 0
        if self._habits.by_sequence and showed:
            self._idle.reset()
        else:
            self._idle.grow()

    def failed(self, retry_after_us: int) -> None:
        """A poll has failed, and the server asks for so much patience."""
        if self._habits.error_backoff_factor > 1:
            self._error_us = self._error.us
            self._error.grow()
        self._asked_for_us = retry_after_us if self._habits.retry_after else 0
        if not self._habits.by_sequence:
            self._idle.grow()

    def until_poll_us(self, number: int) -> int:
        """Microseconds until this poll, if it is the next: the longest of all waits, and up to `poll_jitter` more."""
        idle_us = self._idle.us if self._habits.backoff_factor > 1 else self._habits.poll_interval_us
        wait_us = max(idle_us, self._error_us, self._asked_for_us)
        if not self._draws:
            return wait_us
        drawn = self._draws[number % len(self._draws)]
        return wait_us + int(wait_us * self._habits.poll_jitter * drawn / (1 << 32))


class _Growth:
    """base x factor^n, exact from the base and then rounded down, and at most the longest."""

    def __init__(self, base_us: int, factor: Fraction, longest_us: int) -> None:
        self._base_us = base_us
        self._factor = factor
        self._longest_us = longest_us
        self.reset()

    def reset(self) -> None:
        self._exact_us = Fraction(self._base_us)

    def grow(self) -> None:
        if self._exact_us < self._longest_us:  # past the longest there is nothing to grow
            self._exact_us *= self._factor

    @property
    def us(self) -> int:
        return min(int(self._exact_us), self._longest_us)
