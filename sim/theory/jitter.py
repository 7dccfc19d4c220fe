"""What jitter on its waits does to how often a client polls (`poll_jitter`, P10), with every message delivered.

A wait lasts T (1 + j U), U uniform on [0, 1], j the jitter; until its poll is sent every message arms the timer for the
same U, since U belongs to that poll. With messages at random (rate r, x = r T) a wait w is over without a message with
probability Y = e^-rw. It is tried anew at each message until it is, and then, gaps having no memory, all begins again.

    P(the poll comes in gap i from now, from 0) = E[(1 - Y)^i Y]
        = ((1 - e^-x(1 + j))^(i + 1) - (1 - e^-x)^(i + 1)) / ((i + 1) x j)

Valid as `sim.theory.polls` without losses, for waits that do not grow, so for `hybrid` and `hybrid-cursor` with any
`poll_jitter`; without jitter it is `PoissonGaps`. Even gaps are left to the model.
"""

from dataclasses import dataclass
from math import exp, expm1

from sim.contract.errors import InputError
from sim.theory.arguments import check_count, check_positive


@dataclass(frozen=True, slots=True)
class JitteredPolls:
    """Random messages at a rate per second, and a poll interval with jitter, a share above 0 and up to 1."""

    rate_per_s: float
    interval_s: float
    jitter: float

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s, interval_s=self.interval_s)
        if not 0 < self.jitter <= 1:
            raise InputError(f"jitter must be a share above 0 and up to 1, not {self.jitter}")

    def per_run(self, events: int) -> float:
        """The expected polls of a run of so many events, the terminal last.

        f(m) with m gaps left, by the gap i in which the next poll comes: f(m) = sum over i < m of
        E[(1 - Y)^i Y] (1 + f(m - i)), in which i = 0 has f(m) itself on the right.
        """
        check_count(events=events)
        comes = [self._comes_in(gap) for gap in range(events)]
        left = [0.0]
        for gaps in range(1, events + 1):
            later = sum(comes[gap] * (1 + left[gaps - gap]) for gap in range(1, gaps))
            left.append((comes[0] + later) / (1 - comes[0]))
        return left[events]

    def per_s(self) -> float:
        """The expected polls per second while the run goes on: polls are a renewal process.

        A wait w that every message begins anew takes g = (1 - Y) / r + (1 - Y) g on average, its first try and what
        follows a message, so (e^rw - 1) / r; the mean time between polls is ((e^x(1 + j) - e^x) / (x j) - 1) / r.
        """
        x = self.rate_per_s * self.interval_s
        return self.rate_per_s / (exp(x) * expm1(x * self.jitter) / (x * self.jitter) - 1)

    def _comes_in(self, gap: int) -> float:
        x = self.rate_per_s * self.interval_s
        shortest, longest = -expm1(-x), -expm1(-x * (1 + self.jitter))
        return float(longest ** (gap + 1) - shortest ** (gap + 1)) / ((gap + 1) * x * self.jitter)
