"""Backoff: a wait that grows with each repetition (C7, B10, P10)."""

from fractions import Fraction


class Backoff:
    """min(floor(base * factor^n), longest), exact from the base; with a factor of 1 always the base.

    grows: whether the factor is more than 1.
    """

    def __init__(self, base_us: int, factor: Fraction, longest_us: int) -> None:
        self.grows = factor > 1
        self._base_us = base_us
        self._factor = factor
        self._longest_us = longest_us
        self._power = Fraction(1)
        self._steps_us = [min(base_us, longest_us)]

    def wait_us(self, repetitions: int) -> int:
        """Microseconds to wait after so many."""
        if not self.grows:
            return self._base_us
        while len(self._steps_us) <= repetitions and self._steps_us[-1] < self._longest_us:
            self._power *= self._factor
            self._steps_us.append(min(int(self._base_us * self._power), self._longest_us))
        return self._steps_us[min(repetitions, len(self._steps_us) - 1)]
