"""How long an event of a whole run takes until it is first shown: of N random events, the terminal last.

Endless runs (`sim.theory.latency`) are slower: at the end of a run a dropped event is soon shown, or never, and what is
never shown has no latency. What is received is shown at once. Names as in `sim.theory.run_drops`, times in poll
intervals.

Under `hybrid` a dropped event waits for a poll. A timer armed now fires in 1 unless a message is received before; that
one comes after j drops with density p^j q f_(j+1), cut off at 1. What an Erlang time has left after 1 is Erlang again,
so that such a density, cut off, is a sum of them from 0 and from 1 on, and its convolutions are sums of them from 0, 1,
2, ... on. So the n-th message from now is received, and no poll sent before it, with a density

    u_n(t) = sum over i, k of c_n(i, k) f_i(t - k),    u_n = sum over j < n of (p^j q f_(j+1), cut off) * u_(n-1-j)

and u_0 at once. The poll comes 1 after it, unless it is the terminal or another is received by then. So the time V_m
until a poll, if there is one, has

    P(V_m <= t) = sum over n < m of s_(m-n)(1) (integral of u_n up to t - 1)

The latency R is y where nothing is received in it, else what passes until then, and V:

    P(R <= t) = integral up to min(t, 1) of h_b s_m
                + sum over j < m of p^j q (integral up to 1 of H_b(u) f_(j+1)(u) P(V_(m-1-j) <= t - u) du)

over the dropped events of a run, by b and m.

Under `hybrid-cursor` without jitter the next message received makes it poll at once (P7), so that whatever comes first
shows the event: P(R > t) = H_b(t) s_m(t).

Valid as `sim.theory.polls`.
"""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from math import floor

import numpy as np
from scipy import integrate, optimize, special

from sim.theory.arguments import check_not_negative, check_positive, check_share
from sim.theory.gaps import PoissonGaps
from sim.theory.loss import events_lost
from sim.theory.run_drops import RunDrops, Vector


class RunLatency:
    """Of the events shown, of runs under `hybrid`.

    rate_per_s: of events. events: of a run, the terminal last, at most `run_drops.MOST`. loss: the probability with
        which each message is dropped. Raises InputError for what is out of range.
    """

    def __init__(self, rate_per_s: float, interval_s: float, events: int, loss: float) -> None:
        check_positive(rate_per_s=rate_per_s, interval_s=interval_s)
        self.drops, self.interval_s = RunDrops(rate_per_s * interval_s, events, loss), interval_s
        self.shown = events - self._never(rate_per_s)

    def share_within(self, latency_s: float) -> float:
        """The share of the events shown that is shown within this latency."""
        check_not_negative(latency_s=latency_s)
        received = self.drops.events * (1 - self.drops.loss)
        return (received + self._shown_within(latency_s / self.interval_s)) / self.shown

    def mean_s(self) -> float:
        """The mean."""
        return self._sum() / self.shown * self.interval_s

    def quantile_s(self, share: float) -> float:
        """At least this share of the events shown, from 0 and below 1, is shown within so long."""
        check_share(share=share)
        if share <= self.drops.events * (1 - self.drops.loss) / self.shown:
            return 0.0
        longest_s = (self.drops.events + 1) * self.interval_s
        return float(optimize.bisect(lambda late_s: self.share_within(late_s) - share, 0, longest_s, xtol=1e-7))

    def _never(self, rate_per_s: float) -> float:
        """The expected events of a run that are never shown."""
        return events_lost(PoissonGaps(rate_per_s, self.interval_s), self.drops.events, self.drops.loss)

    def _shown_within(self, time: float) -> float:
        """The expected dropped events of a run that are shown within this time."""
        last = min(max(time - 1, 0.0), 1.0)
        edges = sorted({0.0, min(time - floor(time), last), last})  # V is not smooth at whole numbers
        messages = (self._over_messages(lambda u: self._polled_by(time - u), *ends) for ends in pairwise(edges))
        return self._before_next_poll(lambda _: 1.0, min(time, 1.0)) + sum(messages)

    def _sum(self) -> float:
        """The expected sum of the latencies of a run; V has sums of Erlang(i) times, k and 1 later."""
        numbers = np.arange(self.drops.events + 1)
        later = 1 + numbers[None, :] + numbers[:, None] / self.drops.x
        polled, waits = self._sums.sum((1, 2)), (self._sums * later).sum((1, 2))
        return self._before_next_poll(lambda y: y, 1.0) + self._over_messages(lambda u: u * polled + waits, 0.0, 1.0)

    @cached_property
    def _sums(self) -> Vector:
        """(m, i, k): of V_m, the sum over n < m of s_(m-n)(1) c_n(i, k)."""
        size, loss, shares = self.drops.events, self.drops.loss, self.drops.within_one
        c = np.zeros((size, size + 1, size + 1))
        c[0, 0, 0] = 1.0
        for n in range(1, size):
            for j in range(n):
                before = loss**j * (1 - loss) * c[n - 1 - j]
                c[n, j + 1 :] += before[: size - j]
                for i in range(j + 1):  # i messages come within 1, so the last one Erlang(j + 1 - i) after it
                    c[n, j + 1 - i :, 1:] -= shares[i] * before[: size - j + i, :-1]
        silent = self.drops.silent(1.0)
        return np.array([sum((silent[m - n] * c[n] for n in range(m)), np.zeros_like(c[0])) for m in range(size)])

    def _polled_by(self, time: float) -> Vector:
        """(m,): P(V_m <= time)."""
        left, size = time - 1 - np.arange(self.drops.events + 1), self.drops.events
        within = special.gammainc(np.arange(1, size + 1)[:, None], self.drops.x * np.maximum(left, 0.0))
        return np.tensordot(self._sums, np.vstack((left >= 0, within)), 2)

    def _before_next_poll(self, value: Callable[[float], float], until: float) -> float:
        """The integral of value h_b s_m, over the dropped events of a run."""
        drops = self.drops
        return _integral(lambda y: value(y) * float(drops.left(y) @ drops.dropped @ drops.silent(y)), 0.0, until)

    def _over_messages(self, value: Callable[[float], Vector], begin: float, end: float) -> float:
        """The integral of H_b(u) p^j q f_(j+1)(u) value(u)_(m-1-j), over the dropped events of a run."""
        drops = self.drops

        def over(u: float) -> float:
            after = np.convolve(drops.received(u), value(u))[: drops.events - 1]
            return float(drops.more_left(u) @ drops.dropped[:, 1:] @ after)

        return _integral(over, begin, end)


class CursorRunLatency(RunLatency):
    """Of all events, of runs under `hybrid-cursor` with `poll_jitter` = 0; arguments as `RunLatency`."""

    def _never(self, rate_per_s: float) -> float:
        return 0.0

    def _shown_within(self, time: float) -> float:
        return float(self.drops.dropped.sum()) - self._later(time)

    def _sum(self) -> float:
        return _integral(self._later, 0.0, 1.0)

    def _later(self, time: float) -> float:
        """The expected dropped events of a run that are shown later."""
        drops, within = self.drops, min(time, 1.0)
        return float(drops.more_left(within) @ drops.dropped @ drops.silent(within))


def _integral(value: Callable[[float], float], begin: float, end: float) -> float:
    return float(integrate.quad(value, begin, end, epsabs=1e-12, epsrel=1e-10)[0]) if end > begin else 0.0
