"""Intervals from replications: of a mean, of a proportion, of a difference on the same scripts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from sim.contract.errors import InputError

CONFIDENCE = 0.95
"""The share of such intervals that hold the true value."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and the interval that holds the true one with the stated confidence; in the unit of what was given."""

    value: float
    low: float
    high: float

    def __truediv__(self, parts: float) -> "Estimate":
        """Of each of so many equal parts, more than 0."""
        return Estimate(self.value / parts, self.low / parts, self.high / parts)


def mean(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of independent replications, with Student's t interval.

    values: one number per replication, in any unit; at least two, else InputError.

    value -+ t(n - 1, (1 + confidence) / 2) x s / sqrt(n): exact for normal values, and nearly so for the mean of many
    clients that each replication is (Student 1908; Law, Simulation Modeling and Analysis, 5th ed. 2015, 4.5 and 9.4).
    """
    count = len(values)
    if count < 2:
        raise InputError(f"an interval for a mean needs two replications or more, not {count}")
    centre = float(np.mean(values))
    spread = float(np.std(values, ddof=1)) / count**0.5
    half = float(special.stdtrit(count - 1, (1 + confidence) / 2)) * spread
    return Estimate(centre, centre - half, centre + half)


def proportion(hits: int, count: int, confidence: float = CONFIDENCE) -> Estimate:
    """The share of hits among independent trials, with Wilson's score interval.

    hits: from 0 to count, else InputError. count: at least one.

    The values p for which hits is not surprising: |hits / count - p| <= z x sqrt(p (1 - p) / count). It keeps its
    confidence near 0 and 1, where value -+ z x standard error does not (Wilson 1927; Brown, Cai, DasGupta 2001).
    """
    if not 0 <= hits <= count or count == 0:
        raise InputError(f"a proportion needs hits among one trial or more, not {hits} among {count}")
    share = hits / count
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = (z2 * share * (1 - share) / count + (z2 / (2 * count)) ** 2) ** 0.5 / (1 + z2 / count)
    # at 0 and 1 the bound is the share itself, which rounding would miss
    return Estimate(share, min(max(centre - half, 0.0), share), max(min(centre + half, 1.0), share))


def difference(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """By how much first is larger than second on the same scripts: the mean of the paired differences.

    first, second: one number per replication, in the same unit and order; as many of both, at least two (InputError).

    Common random numbers: what both have in common drops out before the interval is taken, so that it is narrower
    than one of two independent means wherever they go up and down together (Law 2015, 10.2.1 and 11.2).
    """
    if len(first) != len(second):
        raise InputError(f"paired differences need as many of both, not {len(first)} and {len(second)}")
    return mean([a - b for a, b in zip(first, second, strict=True)], confidence)
