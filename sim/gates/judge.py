"""Judging a gate: on which side of its limits a value, or the interval of a mean, lies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sim.contract.gate import Gate
from sim.gates.prediction import prediction
from sim.gates.words import number, runs, span, with_interval
from sim.measure import statistics
from sim.measure.statistics import Estimate
from sim.verify.margin import LIVE_MARGIN_S

Verdict = Literal["holds", "fails", "inconclusive"]

ROUNDING = 1e-9
"""The share by which a number of a deterministic world may differ: sums may be taken in another order."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one gate, what was measured, and why it does not hold, as the end of a sentence."""

    verdict: Verdict
    measured: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which values a measure has to lie; where open, the limits themselves are not allowed. words: as said."""

    low: float
    high: float
    words: str
    open: bool = False

    def holds(self, estimate: Estimate) -> bool:
        """Whether all of the interval lies between the limits."""
        if self.open:
            return self.low < estimate.low and estimate.high < self.high
        return self.low <= estimate.low and estimate.high <= self.high

    def misses(self, estimate: Estimate) -> bool:
        """Whether all of the interval lies beyond one of the limits."""
        if self.open:
            return estimate.high <= self.low or self.high <= estimate.low
        return estimate.high < self.low or self.high < estimate.low

    def missed_by(self, value: float) -> str:
        """On which side of which limit a value lies, and how far off."""
        over = value >= self.high
        if value in (self.low, self.high):
            return f"at {self.words} and not {'below' if over else 'above'} it"
        off = value - self.high if over else self.low - value
        return f"{'above' if over else 'below'} {self.words} by {number(off)}"


def margin_s(gate: Gate) -> float:
    """How far beyond a prediction or a recorded value this gate lets its measure lie, in the measure's unit."""
    if gate.margin_s is not None:
        return gate.margin_s
    return LIVE_MARGIN_S if gate.of_time and gate.world == "live" else 0.0


def judge(gate: Gate, values: Sequence[float], predicting: Sequence[float] = ()) -> Judged:
    """Judge a gate by the values of its runs; of more than one, by the interval of their mean.

    predicting: the values of the predicting world's runs, where the gate asks for a prediction.
    """
    estimate = interval(values)
    limits = _limits(gate, len(values), predicting)
    measured = with_interval(estimate)
    if gate.predicted is not None:  # its interval allows for the number of runs already
        estimate = Estimate(estimate.value, estimate.value, estimate.value)
    if limits.holds(estimate):
        return Judged("holds", measured)
    told = f"is {measured} in {runs(len(values))}" if len(values) > 1 else f"is {measured}"
    if limits.misses(estimate):
        return Judged("fails", measured, f"{told}, {limits.missed_by(estimate.value)}")
    return Judged("inconclusive", measured, f"{told}, an interval that straddles {limits.words}: too few to tell")


def interval(values: Sequence[float]) -> Estimate:
    """The mean with its 95 % interval; a point where no run differs from another, or there is only one."""
    if len(set(values)) == 1:
        return Estimate(values[0], values[0], values[0])
    return statistics.mean(values)


def _limits(gate: Gate, count: int, predicting: Sequence[float]) -> Limits:
    if gate.below is not None:
        return Limits(-math.inf, gate.below, f"the limit of {number(gate.below)}", open=True)
    if gate.above is not None:
        return Limits(gate.above, math.inf, f"the limit of {number(gate.above)}", open=True)
    if gate.between is not None:
        low, high = gate.between
        return Limits(low, high, f"the limit{'s' if low < high else ''} of {span(low, high)}")
    expected = prediction(predicting, count)
    margin = margin_s(gate) + ROUNDING * expected.value
    low, high = max(expected.low - margin, 0.0), expected.high + margin  # no measure is negative
    return Limits(low, high, f"the model's {span(low, high)}")
