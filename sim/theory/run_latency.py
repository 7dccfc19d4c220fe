"""How long an event of a whole run takes until it is first shown under `hybrid`: of N random events, the terminal last.

Endless runs (`sim.theory.latency`) are slower: at the end of a run a dropped event is soon shown, or never, and what is
never shown has no latency. Each message is dropped with probability p, q = 1 - p; m are to come, the terminal among
them. Times are in poll intervals here, x = r T is the rate, P and Q are the regularised gamma functions, f_n is the
density of Erlang(n), the time of the n-th message from now, and e_n = e^-x x^n / n!.

None of the m is received within y with probability

    s_m(y) = e^(-q x y) Q(m, p x y) + p^m P(m, x y),    s_0 = 1

A timer armed now fires in 1 unless a message is received before; that one comes after j drops with density
p^j q f_(j+1), cut off at 1. What an Erlang time has left after 1 is Erlang again, so that such a density, cut off, is a
sum of them from 0 and from 1 on, and its convolutions are sums of them from 0, 1, 2, ... on. So the n-th message from
now is received, and no poll sent before it, with a density

    u_n(t) = sum over i, k of c_n(i, k) f_i(t - k),    u_n = sum over j < n of (p^j q f_(j+1), cut off) * u_(n-1-j)

and u_0 at once. The poll comes 1 after it, unless it is the terminal or another is received by then. So the time V_m
until a poll, if there is one, has

    P(V_m <= t) = sum over n < m of s_(m-n)(1) (integral of u_n up to t - 1)

An event whose message is dropped b drops after a received one, or the mount, leaves y of its interval, with density

    h_b(y) = sum over a <= b of g_a f_(b-a+1)(1 - y),    g_a = (1 if a = 0) + sum over i <= a of e_i g_(a-i)

g_a the expected intervals that begin after a of those drops. The latency is y where nothing is received in it, else it
is what passes until then, and V. With H_b(u) the integral of h_b from u on,

    P(R <= t) = integral up to min(t, 1) of h_b s_m
                + sum over j < m of p^j q (integral up to 1 of H_b(u) f_(j+1)(u) P(V_(m-1-j) <= t - u) du)

over the dropped events of a run, by b and m. Valid as `sim.theory.polls`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import floor

import numpy as np
import numpy.typing as npt
from scipy import integrate, optimize, special

from sim.contract.errors import InputError
from sim.theory.arguments import check_not_negative, check_positive, check_run, check_share
from sim.theory.gaps import PoissonGaps
from sim.theory.loss import events_lost

Vector = npt.NDArray[np.float64]

MOST = 40
"""So many events a run may have: the work grows with the fourth power of their number, and terms cancel."""


@dataclass(frozen=True)
class RunLatency:
    """Of the events that are shown of runs of so many random events.

    rate_per_s: of events. events: of a run, the terminal last, at most MOST. loss: the probability with which each
        message is dropped. Raises InputError for what is out of range.
    """

    rate_per_s: float
    interval_s: float
    events: int
    loss: float

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s, interval_s=self.interval_s)
        check_run(self.events, self.loss)
        if self.events > MOST:
            raise InputError(f"events must be at most {MOST}, not {self.events}")

    def share_within(self, latency_s: float) -> float:
        """The share of the events shown that is shown within this latency."""
        check_not_negative(latency_s=latency_s)
        time = latency_s / self.interval_s
        last = min(max(time - 1, 0.0), 1.0)
        edges = sorted({0.0, min(time - floor(time), last), last})  # V is not smooth at whole numbers
        late = self._before_next_poll(lambda _: 1.0, min(time, 1.0))
        late += sum(self._over_messages(lambda u: self._polled_by(time - u), *ends) for ends in pairwise(edges))
        return (self.events * (1 - self.loss) + late) / self._shown

    def mean_s(self) -> float:
        """The mean: V has the share and the mean of its sums of Erlang(i) times, k and 1 later."""
        numbers = np.arange(self.events + 1)
        later = 1 + numbers[None, :] + numbers[:, None] / self._x
        polled, waits = self._sums.sum((1, 2)), (self._sums * later).sum((1, 2))
        late = self._before_next_poll(lambda y: y, 1.0) + self._over_messages(lambda u: u * polled + waits, 0.0, 1.0)
        return late / self._shown * self.interval_s

    def quantile_s(self, share: float) -> float:
        """At least this share of the events shown, from 0 and below 1, is shown within so long."""
        check_share(share=share)
        if share <= self.events * (1 - self.loss) / self._shown:
            return 0.0
        longest_s = (self.events + 1) * self.interval_s
        return float(optimize.bisect(lambda late_s: self.share_within(late_s) - share, 0, longest_s, xtol=1e-7))

    @property
    def _x(self) -> float:
        return self.rate_per_s * self.interval_s

    @cached_property
    def _shown(self) -> float:
        """The expected events shown of a run."""
        return self.events - events_lost(PoissonGaps(self.rate_per_s, self.interval_s), self.events, self.loss)

    @cached_property
    def _dropped(self) -> Vector:
        """(b, m): the expected dropped events of a run with b drops just before and m messages to come."""
        b, m = np.indices((self.events, self.events))
        begins = np.where(b + m == self.events - 1, 1.0, 1 - self.loss)  # at the mount, or after a received message
        return np.where(b + m < self.events, begins * self.loss ** (b + 1), 0.0)

    @cached_property
    def _sums(self) -> Vector:
        """(m, i, k): of V_m, the sum over n < m of s_(m-n)(1) c_n(i, k)."""
        size = self.events
        c = np.zeros((size, size + 1, size + 1))
        c[0, 0, 0] = 1.0
        for n in range(1, size):
            for j in range(n):
                before = self.loss**j * (1 - self.loss) * c[n - 1 - j]
                c[n, j + 1 :] += before[: size - j]
                for i in range(j + 1):  # i messages come within 1, so the last one Erlang(j + 1 - i) after it
                    c[n, j + 1 - i :, 1:] -= self._within_one[i] * before[: size - j + i, :-1]
        silent = self._silent(1.0)
        return np.array([sum((silent[m - n] * c[n] for n in range(m)), np.zeros_like(c[0])) for m in range(size)])

    def _silent(self, y: float) -> Vector:
        """(m,): s_m(y)."""
        m = np.arange(1, self.events)
        none = np.exp(-(1 - self.loss) * self._x * y) * special.gammaincc(m, self.loss * self._x * y)
        return np.concatenate(([1.0], none + self.loss**m * special.gammainc(m, self._x * y)))

    def _received(self, u: float) -> Vector:
        """(j,): p^j q f_(j+1)(u)."""
        return self.loss ** np.arange(self.events) * (1 - self.loss) * self._erlang(u)

    def _polled_by(self, time: float) -> Vector:
        """(m,): P(V_m <= time)."""
        left = time - 1 - np.arange(self.events + 1)
        within = special.gammainc(np.arange(1, self.events + 1)[:, None], self._x * np.maximum(left, 0.0))
        return np.tensordot(self._sums, np.vstack((left >= 0, within)), 2)

    def _before_next_poll(self, value: Callable[[float], float], until: float) -> float:
        """The integral of value h_b s_m, over the dropped events of a run."""
        return _integral(lambda y: value(y) * float(self._left(y) @ self._dropped @ self._silent(y)), 0.0, until)

    def _over_messages(self, value: Callable[[float], Vector], begin: float, end: float) -> float:
        """The integral of H_b(u) p^j q f_(j+1)(u) value(u)_(m-1-j), over the dropped events of a run."""

        def over(u: float) -> float:
            after = np.convolve(self._received(u), value(u))[: self.events - 1]
            return float(self._more_left(u) @ self._dropped[:, 1:] @ after)

        return _integral(over, begin, end)

    @cached_property
    def _begun(self) -> Vector:
        """(a,): g_a."""
        shares, found = self._within_one, [1 / (1 - self._within_one[0])]
        for a in range(1, self.events):
            found.append(sum(shares[i] * found[a - i] for i in range(1, a + 1)) * found[0])
        return np.array(found)

    @cached_property
    def _within_one(self) -> Vector:
        """(n,): e_n, the share of intervals in which so many messages come."""
        return self._erlang(1.0) / self._x

    def _erlang(self, time: float) -> Vector:
        """(n,): f_(n+1)(time)."""
        n = np.arange(self.events)
        return np.asarray(self._x * np.exp(special.xlogy(n, self._x * time) - self._x * time - special.gammaln(n + 1)))

    def _left(self, y: float) -> Vector:
        """(b,): h_b(y)."""
        return np.convolve(self._begun, self._erlang(1 - y))[: self.events]

    def _more_left(self, u: float) -> Vector:
        """(b,): H_b(u)."""
        first = special.gammainc(np.arange(1, self.events + 1), self._x * (1 - u))
        return np.convolve(self._begun, first)[: self.events]


def _integral(value: Callable[[float], float], begin: float, end: float) -> float:
    return float(integrate.quad(value, begin, end, epsabs=1e-12, epsrel=1e-10)[0]) if end > begin else 0.0
