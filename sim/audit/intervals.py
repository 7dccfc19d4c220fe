"""The document's choice of a poll interval, measured: what 1 s, 4 s and 10 s cost, and what they bring."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.measure.statistics import Estimate


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """The hybrid policy with one poll interval under one condition; `values` as in the Benefits table."""

    condition: str
    poll_interval_s: float
    values: Mapping[str, Estimate]
