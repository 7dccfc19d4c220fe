"""Backoff: the poll interval after n finished polls since the last message (C7, B10)."""

from fractions import Fraction

from sim.contract.script import Script


class Backoff:
    """min(floor(interval * factor^n), max), exact from the base; without backoff always the interval."""

    def __init__(self, script: Script) -> None:
        self._base_us = script.poll_interval_us
        self._factor = script.backoff_factor
        self._grows = self._factor > 1
        self._max_us = script.backoff_max_us
        self._power = Fraction(1)
        self._steps_us = [min(self._base_us, self._max_us) if self._grows else self._base_us]

    def interval_us(self, quiet_polls: int) -> int:
        """Microseconds until the next poll after this many finished polls without a message."""
        if not self._grows:
            return self._base_us
        while len(self._steps_us) <= quiet_polls and self._steps_us[-1] < self._max_us:
            self._power *= self._factor
            self._steps_us.append(min(int(self._base_us * self._power), self._max_us))
        return self._steps_us[min(quiet_polls, len(self._steps_us) - 1)]
