"""Restarts: how many polls and openings are expected in which second after the fanout server went away.

All N clients lose their connection at 0, and the server is away for w. A client polls on every T, at a phase of its
own, until it is open again, which arms its timer to T later. With H(t) the share of clients open again before t,
the expected requests in [a, b) are

    N (H(b) - H(a) + integral from a to b of (1 - H(t)) / T dt + sum over k >= 1 of (H(b - k T) - H(a - k T)))

Attempt n comes a wait after the close or the refusal before it, spread evenly over [l_n, d_n] (C10): d_n is the delay d
times f^(n - 1), at most the longest, f = 1 for `fixed` delays and 2 for `exponential` ones; l_n is d_n without jitter,
d_n / 2 with `equal` and 0 with `full`. What comes before w is refused (F9). So up to w <= d_1 attempt n is at the sum
of n waits, of which none ends for certain:

    F_0(s) = 1,    F_n(s) = (s - l_1 - ... - l_n)+^n / (n! (d_1 - l_1) ... (d_n - l_n))

is the share of clients whose attempt n has come by s <= w, and each that was refused leads on to the next one:

    H'(t) = sum over n >= 0 of (F_n(min(w, t - l)) - F_n(min(w, t - d))) / (d - l),  t >= w,  of l, d = l_(n+1), d_(n+1)

Valid where the server is back within the first delay; handshakes, messages and answers take no time; clients' polls are
spread evenly over T; and from the restart on no message comes, and no wait for a poll grows or has jitter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import factorial, inf
from typing import NamedTuple

from sim.contract.errors import InputError
from sim.contract.policy import Jitter
from sim.theory.arguments import check_count, check_not_negative, check_positive
from sim.theory.herd import SPREAD

_NEVER = 1e-17
"""A share of clients that no sum notices."""


class _Wait(NamedTuple):
    """What leads to attempt n + 1: how many were refused before, and after what.

    refused: n. least_s: l_1 + ... + l_n. spans: (d_1 - l_1) ... (d_n - l_n). from_s, to_s: l and d of this wait.
    """

    refused: int
    least_s: float
    spans: float
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Restart:
    """A restart under so many clients; times are seconds after it.

    interval_s: between two polls of a client. delay_s: until the first attempt. away_s: how long the server is away, at
        most the first delay. growth: of the delay per refused attempt, 1 or 2. longest_s: the longest delay.
    Raises InputError for what is out of these ranges.
    """

    clients: int
    interval_s: float
    delay_s: float
    jitter: Jitter
    away_s: float = 0.0
    growth: int = 1
    longest_s: float = inf

    def __post_init__(self) -> None:
        check_count(clients=self.clients, growth=self.growth)
        check_positive(interval_s=self.interval_s, delay_s=self.delay_s)
        check_not_negative(away_s=self.away_s)
        if self.away_s > self._delay_s(0):
            raise InputError(f"away_s must be at most the first delay, {self._delay_s(0)}, not {self.away_s}")

    def requests(self, from_s: float, until_s: float) -> float:
        """The expected polls and openings from the one instant until before the other."""
        opened = self._opened(1, until_s) - self._opened(1, from_s)
        closed_s = until_s - from_s - (self._opened(2, until_s) - self._opened(2, from_s))
        polled = sum(
            self._opened(1, until_s - number * self.interval_s) - self._opened(1, from_s - number * self.interval_s)
            for number in range(1, int(max(until_s, 0) / self.interval_s) + 1)
        )
        return self.clients * max(opened + closed_s / self.interval_s + polled, 0.0)  # but for rounding

    def refused_attempts(self) -> float:
        """The expected attempts that are refused: N times the sum over n >= 1 of F_n(w).

        With `fixed` delays and full jitter N (e^(w / d) - 1); with equal jitter N (2 w / d - 1)+; without jitter none.
        """
        if self.jitter == "none":
            return 0.0
        return self.clients * sum(self._integral(wait, 0, self.away_s) for wait in self._waits() if wait.refused)

    def _opened(self, fold: int, t_s: float) -> float:
        """The share of clients open again before t, H(t), for fold = 1; its integral for fold = 2."""
        if self.jitter == "none":
            open_s = max(round(t_s - self._delay_s(0), 6), 0.0)  # all in one microsecond, which no rounding may miss
            return open_s if fold == 2 else float(open_s > 0)
        if t_s < self.away_s:
            return 0.0
        return sum(
            (self._since_back(wait, wait.from_s, fold, t_s) - self._since_back(wait, wait.to_s, fold, t_s))
            / (wait.to_s - wait.from_s)
            for wait in self._waits()
        )

    def _since_back(self, wait: _Wait, edge_s: float, fold: int, t_s: float) -> float:
        """F_n(min(w, s - edge)), integrated from w to t so many times: what is left of Taylor's series at w."""
        before = sum(
            (t_s - self.away_s) ** power / factorial(power) * self._integral(wait, fold - power, self.away_s - edge_s)
            for power in range(fold)
        )
        return self._integral(wait, fold, t_s - edge_s) - before

    def _integral(self, wait: _Wait, fold: int, s_s: float) -> float:
        """F_n(min(w, s)), integrated up to s so many times; beyond w, where it is constant, by Taylor's series."""
        if s_s > self.away_s:
            return sum(
                (s_s - self.away_s) ** power / factorial(power) * self._integral(wait, fold - power, self.away_s)
                for power in range(fold + 1)
            )
        power = wait.refused + fold
        return (s_s - wait.least_s) ** power / factorial(power) / wait.spans if s_s >= wait.least_s else 0.0

    def _waits(self) -> Iterator[_Wait]:
        """The waits for attempts 1, 2, ... as far as any client has to make them."""
        least_s, spans = 0.0, 1.0
        for refused in count():
            to_s = self._delay_s(refused)
            wait = _Wait(refused, least_s, spans, to_s * (1 - SPREAD[self.jitter]), to_s)
            if self._integral(wait, 0, self.away_s) < _NEVER:
                return
            yield wait
            least_s += wait.from_s
            spans *= wait.to_s - wait.from_s

    def _delay_s(self, refused: int) -> float:
        return min(self.delay_s * float(self.growth**refused), self.longest_s)
