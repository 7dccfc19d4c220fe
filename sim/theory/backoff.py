"""Gaps between received messages in which the client backs off (policy `hybrid-backoff`, C7).

After n finished polls since the last message it waits w(n) = min(floor(T f^n), longest), so that poll n of a gap, from
0, comes at W(n) = w(0) + ... + w(n) after its start, and

    polls(d) = sum over n of P(gap over d dropped messages > W(n))

Valid as `sim.theory.gaps`. What a gap misses under backoff has no closed form here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from scipy import special

from sim.contract.draws import to_us
from sim.contract.errors import InputError
from sim.contract.fault import exact
from sim.theory.arguments import check_positive

_NEVER = 1e-15
"""A probability that no sum of polls notices."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How the wait grows: from `interval_s` by `factor` per poll up to `longest_s`; a factor of 1 or less does not."""

    interval_s: float
    factor: float = 1.5
    longest_s: float = 30.0

    def __post_init__(self) -> None:
        check_positive(interval_s=self.interval_s, factor=self.factor, longest_s=self.longest_s)
        if to_us(min(self.interval_s, self.longest_s)) < 1:
            raise InputError(f"interval_s and longest_s must be a microsecond or more, not {self.interval_s}")

    def polls_us(self) -> Iterator[int]:
        """W(0), W(1), ... in microseconds, exact from the base (B10)."""
        base_us, longest_us, factor = to_us(self.interval_s), to_us(self.longest_s), exact(self.factor)
        grows = factor > 1
        wait_us, due_us, power = min(base_us, longest_us) if grows else base_us, 0, exact(1.0)
        while True:
            due_us += wait_us
            yield due_us
            if grows and wait_us < longest_us:
                power *= factor
                wait_us = min(int(base_us * power), longest_us)


@dataclass(frozen=True, slots=True)
class PoissonBackoff:
    """Messages at random, exponential gaps of rate r per second: P(Erlang(d + 1) > W), summed until it vanishes."""

    rate_per_s: float
    waits: Backoff

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s)

    def polls(self, drops: int) -> float:
        """The sum above."""
        longer = (float(special.gammaincc(drops + 1, self.rate_per_s * us / 1e6)) for us in self.waits.polls_us())
        return sum(takewhile(lambda share: share > _NEVER, longer))


@dataclass(frozen=True, slots=True)
class EvenBackoff:
    """Messages every d seconds: as many polls as have W(n) < (j + 1) d over j dropped ones."""

    gap_s: float
    waits: Backoff

    def __post_init__(self) -> None:
        check_positive(gap_s=self.gap_s)

    def polls(self, drops: int) -> float:
        """Counted one by one, in whole microseconds."""
        gap_us = (drops + 1) * to_us(self.gap_s)
        return float(sum(1 for _ in takewhile(lambda us: us < gap_us, self.waits.polls_us())))
