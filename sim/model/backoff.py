"""Backoff: a wait that grows with each repetition (C7, D10, P10)."""

from fractions import Fraction


class Backoff:
    """min(floor(base * factor^n), longest), exact from the base.

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
        steps_us = self._steps_us
        if not self.grows:
            return steps_us[0]
        while len(steps_us) <= repetitions and steps_us[-1] < self._longest_us:
            self._power *= self._factor
            steps_us.append(min(int(self._base_us * self._power), self._longest_us))
        return steps_us[min(repetitions, len(steps_us) - 1)]
