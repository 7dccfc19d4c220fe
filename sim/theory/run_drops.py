"""What surrounds a dropped message in a run of N random events: when the next poll is due, and the next one received.

Each message is dropped with probability p, q = 1 - p; m are to come, the terminal among them. Times are in poll
intervals, x is the rate, f_n is the density of Erlang(n), the time of the n-th message from now, P and Q are the
regularised gamma functions, and e_n = e^-x x^n / n!. None of the m is received within y with probability

    s_m(y) = e^(-q x y) Q(m, p x y) + p^m P(m, x y),    s_0 = 1

An event whose message is dropped b drops after a received one, or the mount, leaves y of its interval, with density

    h_b(y) = sum over a <= b of g_a f_(b-a+1)(1 - y),    g_a = (1 if a = 0) + sum over i <= a of e_i g_(a-i)

with g_a the expected intervals that begin after a of those drops, as every interval without a message received ends in
a poll and another begins. H_b(y) is the integral of h_b from y on. Valid as `sim.theory.polls`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from sim.contract.errors import InputError
from sim.theory.arguments import check_positive, check_run

Vector = npt.NDArray[np.float64]

MOST = 40
"""So many events a run may have: work grows with the fourth power of their number, and terms cancel."""


@dataclass(frozen=True)
class RunDrops:
    """x: messages per poll interval. events: of a run, at most MOST. loss: p. Raises InputError.

    Vectors are by b, m, j or n, from 0.
    """

    x: float
    events: int
    loss: float

    def __post_init__(self) -> None:
        check_positive(x=self.x)
        check_run(self.events, self.loss)
        if self.events > MOST:
            raise InputError(f"events must be at most {MOST}, not {self.events}")

    @cached_property
    def dropped(self) -> Vector:
        """(b, m): the expected dropped events of a run with b drops just before and m messages to come."""
        b, m = np.indices((self.events, self.events))
        begins = np.where(b + m == self.events - 1, 1.0, 1 - self.loss)  # at the mount, or after a received message
        return np.where(b + m < self.events, begins * self.loss ** (b + 1), 0.0)

    @cached_property
    def within_one(self) -> Vector:
        """(n,): e_n, the share of intervals in which so many messages come."""
        return self.erlang(1.0) / self.x

    def erlang(self, time: float) -> Vector:
        """(n,): f_(n+1)(time)."""
        n = np.arange(self.events)
        return np.asarray(self.x * np.exp(special.xlogy(n, self.x * time) - self.x * time - special.gammaln(n + 1)))

    def received(self, time: float) -> Vector:
        """(j,): p^j q f_(j+1)(time), the density of the next one received, after j drops."""
        return self.loss ** np.arange(self.events) * (1 - self.loss) * self.erlang(time)

    def silent(self, time: float) -> Vector:
        """(m,): s_m(time)."""
        m = np.arange(1, self.events)
        none = np.exp(-(1 - self.loss) * self.x * time) * special.gammaincc(m, self.loss * self.x * time)
        return np.concatenate(([1.0], none + self.loss**m * special.gammainc(m, self.x * time)))

    def left(self, y: float) -> Vector:
        """(b,): h_b(y)."""
        return np.convolve(self._begun, self.erlang(1 - y))[: self.events]

    def more_left(self, y: float) -> Vector:
        """(b,): H_b(y)."""
        first = special.gammainc(np.arange(1, self.events + 1), self.x * (1 - y))
        return np.convolve(self._begun, first)[: self.events]

    @cached_property
    def _begun(self) -> Vector:
        """(a,): g_a."""
        shares, found = self.within_one, [1 / (1 - self.within_one[0])]
        for a in range(1, self.events):
            found.append(sum(shares[i] * found[a - i] for i in range(1, a + 1)) * found[0])
        return np.array(found)
