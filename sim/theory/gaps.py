"""Gaps between received messages, with dropped ones in them: when the documented client polls there (C1, C2, C4).

Between two messages that are received, the first at s and the next at u, the client polls at s + T, s + 2T, ... before
u, with T the poll interval: every message and every finished poll arms the timer anew, and a message that comes in the
instant in which the timer is due comes first. The mount stands for a first message.

Valid without latency, with every poll answered at once, and nothing else sent to the user.
"""

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Protocol

from scipy import special

from sim.contract.draws import to_us
from sim.theory.arguments import check_positive


class Gaps(Protocol):
    """How messages come, beside the poll interval."""

    @property
    def mean_s(self) -> float:
        """The mean time between two messages, dropped or not."""

    def polls(self, drops: int) -> float:
        """The expected polls between two received messages with so many dropped between them."""

    def silent(self, drops: int) -> float:
        """The probability that there is no poll between two received messages with so many dropped between them."""

    def missed(self, position: int, drops: int) -> float:
        """The probability that no poll between them comes at or after the dropped message at this position, from 0."""


@dataclass(frozen=True, slots=True)
class PoissonGaps:
    """Messages at random: exponential gaps of rate r per second, the first counted from the mount.

    With x = r T, a gap over d dropped messages is the sum of d + 1 exponential ones (Erlang), so that

        silent(d) = P(Erlang(d + 1) <= T) = 1 - e^-x (1 + x + ... + x^d / d!)

    For missed(i, d), look at the first interval T of the gap. Either the gap ends in it: nothing is polled. Or c of the
    dropped messages come in it, with probability e^-x x^c / c!, and then a poll: where c > i it shows message i;
    otherwise the timer starts anew, and since exponential gaps have no memory, so does all that is to come:

        missed(i, d) = silent(d) + sum over c = 0..i of e^-x x^c / c! missed(i - c, d - c)

    in which c = 0 has missed(i, d) itself on the right. With one message dropped: missed(0, 1) =
    (1 - e^-x (1 + x)) / (1 - e^-x). The divisor is there because the polls of a long gap may all come before the
    message that is dropped.

    The same first interval, ended by a poll wherever the gap does not end in it, gives the polls of a gap:

        polls(d) = sum over c = 0..d of e^-x x^c / c! (1 + polls(d - c)),        polls(0) = 1 / (e^x - 1)
    """

    rate_per_s: float
    interval_s: float

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s, interval_s=self.interval_s)

    @property
    def mean_s(self) -> float:
        """1 / r."""
        return 1 / self.rate_per_s

    @property
    def _x(self) -> float:
        return self.rate_per_s * self.interval_s

    def silent(self, drops: int) -> float:
        """P(Erlang(drops + 1) <= T)."""
        return float(special.gammainc(drops + 1, self._x))

    def missed(self, position: int, drops: int) -> float:
        """The recursion above, solved for what stands on both sides, from the first position on."""
        after = drops - position
        found: list[float] = []
        for i in range(position + 1):
            polled = sum(self._in_one_interval(c) * found[i - c] for c in range(1, i + 1))
            found.append((self.silent(i + after) + polled) / self.silent(0))
        return found[position]

    def polls(self, drops: int) -> float:
        """The recursion above, solved likewise, from a gap without dropped messages on."""
        found: list[float] = []
        for d in range(drops + 1):
            later = sum(self._in_one_interval(c) * found[d - c] for c in range(1, d + 1))
            found.append((1 - self.silent(d) + later) / self.silent(0))
        return found[drops]

    def _in_one_interval(self, messages: int) -> float:
        """e^-x x^c / c!, by logarithms for the sake of large c."""
        return exp(messages * log(self._x) - self._x - lgamma(messages + 1))


@dataclass(frozen=True, slots=True)
class EvenGaps:
    """Messages every d seconds, the first d seconds after the mount: the probabilities are 0 or 1.

    A gap over j dropped messages lasts (j + 1) d, so it is silent iff (j + 1) d <= T. Otherwise its last poll comes
    M T after its start, M = ceil((j + 1) d / T) - 1 being its polls, and misses message i iff (i + 1) d > M T. In whole
    microseconds.
    """

    gap_s: float
    interval_s: float

    def __post_init__(self) -> None:
        check_positive(gap_s=self.gap_s, interval_s=self.interval_s)

    @property
    def mean_s(self) -> float:
        """The gap d."""
        return self.gap_s

    def polls(self, drops: int) -> float:
        """M of the gap."""
        return -(-(drops + 1) * to_us(self.gap_s) // to_us(self.interval_s)) - 1

    def silent(self, drops: int) -> float:
        """1 where the gap is no longer than the interval."""
        return float(self.polls(drops) == 0)

    def missed(self, position: int, drops: int) -> float:
        """1 where the message comes after the gap's last poll."""
        return float((position + 1) * to_us(self.gap_s) > self.polls(drops) * to_us(self.interval_s))
