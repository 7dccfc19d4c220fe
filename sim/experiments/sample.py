"""Sample: what the replications of one point gave, as estimates with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.experiments.grid import Point
from sim.experiments.point import Measures
from sim.measure import statistics
from sim.measure.statistics import CONFIDENCE, Estimate


@dataclass(frozen=True, slots=True)
class Sample:
    """The replications of one point, under the seeds seed, seed + 1, ... that all points share."""

    point: Point
    clients: int
    replications: Sequence[Measures]

    @property
    def count(self) -> int:
        """How many replications there are."""
        return len(self.replications)

    def estimate(self, name: str, confidence: float = CONFIDENCE) -> Estimate | None:
        """The mean of a measure over replications, with its interval; None where a replication gives none."""
        numbers = self._numbers(name)
        return statistics.mean(numbers, confidence) if numbers else None

    def difference(self, other: "Sample", name: str) -> Estimate | None:
        """By how much the measure is larger here than there, over the seeds that both have; None where one gives none.

        Both performed the same draws, so that what they have in common drops out (`statistics.difference`).
        """
        here, there = self._numbers(name), other._numbers(name)
        common = min(len(here), len(there))
        return statistics.difference(here[:common], there[:common]) if common else None

    def _numbers(self, name: str) -> list[float]:
        """One number per replication, or none at all."""
        numbers = [number for one in self.replications if (number := one[name]) is not None]
        return numbers if len(numbers) == self.count else []
