"""How long an event takes from its emission until it is first shown: closed forms while runs go on.

Messages come at random and endlessly, at rate r, each dropped with probability p, q = 1 - p; lambda = q r, T the poll
interval, y = lambda T. Where every event is shown at a poll, as under `polling-only`, they may come in any way that
does not follow the polls.

Valid for a run that goes on: neither its beginning nor its end is seen. Valid also without latency of messages, with
every poll answered within its time limit, and nothing else sent to the user.
"""

from dataclasses import dataclass
from math import exp, expm1, factorial, log1p

from scipy import optimize, special

from sim.contract.errors import InputError
from sim.theory.arguments import check_not_negative, check_positive, check_run, check_share

LONGEST = 40
"""So many intervals are the longest latency whose share is found: terms up to 1e5 cancel, so ten digits are left."""


@dataclass(frozen=True, slots=True)
class _Dropping:
    """Messages of which some are dropped; what is received is shown at once. Arguments as `HybridLatency`."""

    rate_per_s: float
    interval_s: float
    loss: float

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s, interval_s=self.interval_s)
        check_run(1, self.loss)

    @property
    def _y(self) -> float:
        return (1 - self.loss) * self.rate_per_s * self.interval_s

    def quantile_s(self, share: float) -> float:
        """Of all events: at least this share of them, from 0 and below 1, is shown within so long.

        InputError where no closed form reaches that far.
        """
        check_share(share=share)
        return 0.0 if share <= 1 - self.loss else self._quantile_dropped_s((share - 1 + self.loss) / self.loss, share)

    def _quantile_dropped_s(self, dropped: float, share: float) -> float:
        """The latency that this share of the dropped events does not exceed; `share` is the one asked for, of all."""
        raise NotImplementedError


class HybridLatency(_Dropping):
    """Latency under `hybrid` with polls answered at once: 0 for what is received, for what is dropped up to a poll.

    Drops are independent, so what is received and what is dropped are Poisson processes that do not know of each other,
    and a dropped event falls at random into the time V between two polls. Polls renew all: one comes when T has passed
    without a message received, so that

        E e^(-s V) = (s + lambda) e / (s + lambda e),  e = e^(-(s + lambda) T);     E V = (e^y - 1) / lambda

    The latency of a dropped event is the time R left of V, with the density P(V > u) / E V (Ross, Introduction to
    Probability Models, 11th ed. 2014, 7.5).

    rate_per_s: of events. loss: the probability with which each message is dropped; with 1 all are shown by polls.
    """

    def mean_dropped_s(self) -> float:
        """Of dropped events: E V^2 / (2 E V) = e^y (e^y - 1 - y) / (lambda (e^y - 1)), which is T / 2 for p = 1.

        Kummer's 1F1(1, 3, y) = 2 (e^y - 1 - y) / y^2 keeps it exact for small y; beyond floats it is infinite.
        """
        return float(self.interval_s * special.hyp1f1(1, 3, self._y) / 2 / special.exprel(-self._y))

    def mean_s(self) -> float:
        """Of all events: p times that of the dropped ones."""
        return self.loss * self.mean_dropped_s() if self.loss else 0.0

    def share_dropped_within(self, latency_s: float) -> float:
        """P(R <= t): the share of the dropped events that are shown within this latency.

        (1 - E e^(-s V)) / s = (1 - e) / (s + lambda e), expanded in lambda e / s and inverted term by term, gives

            P(R <= t) = sum over k >= 0 of (-lambda)^k (e^(-k y) (t - k T)+^(k + 1)
                        - e^(-(k + 1) y) (t - (k + 1) T)+^(k + 1)) / ((k + 1)! E V)

        Its signs alternate, so latencies of more than 40 intervals are refused.
        """
        check_not_negative(latency_s=latency_s)
        intervals = latency_s / self.interval_s
        if intervals > LONGEST:
            raise InputError(f"latency_s must be at most {LONGEST} intervals, not {latency_s}, where digits cancel")
        stays = exp(-self._y)
        terms = (
            (-self._y * stays) ** k
            * ((intervals - k) ** (k + 1) - stays * max(intervals - k - 1, 0.0) ** (k + 1))
            / factorial(k + 1)
            for k in range(int(intervals) + 1)
        )
        return float(sum(terms) / special.exprel(self._y))

    def _quantile_dropped_s(self, dropped: float, share: float) -> float:
        """Found from the share above; InputError where it is more than 40 intervals."""
        longest_s = LONGEST * self.interval_s
        if self.share_dropped_within(longest_s) < dropped:
            raise InputError(f"share {share} is beyond the latencies of {LONGEST} intervals, where digits cancel")
        return float(optimize.bisect(lambda latency_s: self.share_dropped_within(latency_s) - dropped, 0, longest_s))


class CursorLatency(_Dropping):
    """Latency under `hybrid-cursor` with `poll_jitter` = 0: of what is dropped up to the next poll or message received.

    The next message received makes it poll at once (P7). So a dropped event is shown when the timer is armed next, and
    waits for what is left of the time between two such moments, which is exponential of rate lambda, cut off at T:

        P(R <= t) = (1 - e^(-lambda t)) / (1 - e^-y), up to T

    Arguments as `HybridLatency`.
    """

    def mean_s(self) -> float:
        """Of all events: p (1 / lambda - T / (e^y - 1)), which is T / 2 for p = 1; exact for small y as above."""
        return float(self.loss * self.interval_s * special.hyp1f1(2, 3, -self._y) / 2 / special.exprel(-self._y))

    def _quantile_dropped_s(self, dropped: float, share: float) -> float:
        if not self._y:
            return dropped * self.interval_s
        return -log1p(dropped * expm1(-self._y)) / self._y * self.interval_s


@dataclass(frozen=True, slots=True)
class PollingLatency:
    """Latency under `polling-only`: L / 2 + U, U uniform on [0, T + L], L the constant latency of a poll (C4, C9).

    Requests reach the orchestrator every T + L, and show L / 2 later what has been emitted by then (O3). An event that
    does not follow them waits for the next one a time that is uniform.

    latency_s: of a poll, there and back, within its time limit.
    """

    interval_s: float
    latency_s: float = 0.0

    def __post_init__(self) -> None:
        check_positive(interval_s=self.interval_s)
        check_not_negative(latency_s=self.latency_s)

    def mean_s(self) -> float:
        """T / 2 + L."""
        return self.interval_s / 2 + self.latency_s

    def quantile_s(self, share: float) -> float:
        """L / 2 + share (T + L), for a share from 0 and below 1."""
        check_share(share=share)
        return self.latency_s / 2 + share * (self.interval_s + self.latency_s)
