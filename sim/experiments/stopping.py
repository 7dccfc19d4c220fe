"""Stopping: how many replications a point gets before its intervals are narrow enough."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.contract.errors import InputError
from sim.experiments.names import measure_name
from sim.experiments.sample import Sample

FEWEST = 10
"""Replications before an interval is first looked at: with fewer, one that happens to be narrow stops it too early."""

MOST = 200
"""Replications after which it stops in any case."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """When a point has enough replications.

    fewest: so many it gets in any case, at least two.
    most: so many it gets at the most.
    half_widths: half the width of the interval that is aimed at, by measure, in the measure's unit.
    """

    fewest: int = FEWEST
    most: int = FEWEST
    half_widths: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fewest < 2:
            raise InputError(f"an interval needs two replications or more, not {self.fewest}")
        for name, half_width in self.half_widths.items():
            if not (math.isfinite(half_width) and half_width > 0):
                raise InputError(f"the half-width of {name} must be above 0, not {half_width:g}")

    @classmethod
    def chosen(cls, replications: int | None, half_widths: Mapping[str, float] | None) -> "Stopping":
        """So many replications, or as many as these half-widths take; of neither, FEWEST. InputError for both."""
        if replications is not None and half_widths:
            raise InputError("give a number of replications or half-widths, not both")
        if half_widths:
            return cls(FEWEST, MOST, {measure_name(name): value for name, value in half_widths.items()})
        count = FEWEST if replications is None else replications
        return cls(count, count)

    def wanted(self, sample: Sample) -> int:
        """How many replications the sample should have: as many as it has where it has enough.

        The sequential procedure with an absolute precision (Law, Simulation Modeling and Analysis, 5th ed. 2015,
        9.4.1): replicate until the interval is as narrow as is asked for. A half-width falls with the square root of
        the number; as the next number is only estimated so, it never more than doubles.
        """
        excess = [self._excess(sample, name) for name in self.half_widths]
        worst = max(excess, default=0.0)
        if worst <= 1:
            return sample.count
        needed = math.ceil(sample.count * min(worst**2, 2.0))
        return min(max(needed, sample.count + 1), max(self.most, sample.count))

    def reached(self, sample: Sample) -> bool:
        """Whether the sample's intervals are as narrow as is asked for."""
        return all(self._excess(sample, name) <= 1 for name in self.half_widths)

    def _excess(self, sample: Sample, name: str) -> float:
        """How many times too wide the interval is; one that does not exist is not waited for."""
        estimate = sample.estimate(name)
        return (estimate.high - estimate.low) / 2 / self.half_widths[name] if estimate else 0.0
