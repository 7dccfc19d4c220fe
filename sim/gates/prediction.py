"""Prediction: where the mean of further runs has to lie, given some."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from sim.measure.statistics import CONFIDENCE, Estimate

RUNS = 10
"""Runs of the predicting world, at least."""


def prediction(values: Sequence[float], further: int, confidence: float = CONFIDENCE) -> Estimate:
    """The interval that holds the mean of so many further runs with the stated confidence.

    values: one number per run, at least two, in any unit, which is the interval's too.

    mean -+ t(k - 1, (1 + confidence) / 2) x s x sqrt(1 / k + 1 / further) for k normal values (Hahn and Meeker,
    Statistical Intervals, 1991, chapter 4). Runs that share their draws with these lie closer to the mean than it says.
    """
    count = len(values)
    centre = float(np.mean(values))
    spread = float(np.std(values, ddof=1)) * (1 / count + 1 / further) ** 0.5
    half = float(special.stdtrit(count - 1, (1 + confidence) / 2)) * spread
    return Estimate(centre, centre - half, centre + half)
