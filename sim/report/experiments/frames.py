"""Frames: samples as one table for programs, a row per point, written as CSV and as Parquet."""

from collections.abc import Callable, Sequence

import pandas as pd

from sim.contract.claim import MEASURES
from sim.experiments import grid
from sim.experiments.sample import Sample
from sim.measure.statistics import Estimate

Estimated = Callable[[Sample, str], Estimate | None]
"""What is estimated of a sample, by the measure's name."""


def values(samples: Sequence[Sample]) -> pd.DataFrame:
    """Every measure of every point: its mean over replications as `NAME`, with `NAME_low` and `NAME_high`."""
    return _frame(samples, lambda sample, name: sample.estimate(name))


def differences(samples: Sequence[Sample], base: Sample) -> pd.DataFrame:
    """By how much every measure is larger than at the base, on the same draws; columns as in `values`."""
    return _frame(samples, lambda sample, name: sample.difference(base, name))


def _frame(samples: Sequence[Sample], estimated: Estimated) -> pd.DataFrame:
    """A column per key that is varied, then `clients` and `replications`, then three per measure; no index."""
    columns: dict[str, list[object]] = {
        key: _column([sample.point[key] for sample in samples]) for key in samples[0].point
    }
    columns |= {
        "clients": [sample.clients for sample in samples],
        "replications": [sample.count for sample in samples],
    }
    for name in MEASURES:
        found = [estimated(sample, name) for sample in samples]
        columns[name] = [one and one.value for one in found]
        columns[f"{name}_low"] = [one and one.low for one in found]
        columns[f"{name}_high"] = [one and one.high for one in found]
    frame = pd.DataFrame(columns)
    measured = frame.columns[len(samples[0].point) + 2 :]
    return frame.astype(dict.fromkeys(measured, "float64"))


def _column(found: list[object]) -> list[object]:
    """Values of one kind: where they are not, or are tables, their texts."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)
    kinds = {type(value) for value in found}
    plain = numbers or kinds in ({str}, {bool})
    return found if plain else [grid.label(value) for value in found]
