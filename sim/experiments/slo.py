"""SLO: a bound that a measure must keep, judged by the end of its interval that is nearer to breaking it."""

import math
import operator
import re
from dataclasses import dataclass

from sim.contract.errors import InputError
from sim.experiments.names import measure_name
from sim.measure.statistics import Estimate

_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}
_TEXT = re.compile(r"\s*(\w+)\s*(<=|>=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Slo:
    """A service level objective, such as `latency_p99_s <= 2`; the bound is in the measure's unit."""

    measure: str
    relation: str
    bound: float

    def __str__(self) -> str:
        return f"{self.measure} {self.relation} {self.bound:g}"

    @property
    def is_upper(self) -> bool:
        """Whether the measure must stay below the bound."""
        return self.relation.startswith("<")

    def critical(self, found: Estimate) -> float:
        """The end of the interval that is nearer to breaking it."""
        return found.high if self.is_upper else found.low

    def holds(self, found: Estimate | None) -> bool:
        """Whether the whole interval keeps the bound; a measure that there is not keeps none."""
        return found is not None and bool(_COMPARE[self.relation](self.critical(found), self.bound))

    def excess(self, found: Estimate | None) -> float:
        """By how much it is broken, as a share of the bound, of a bound of 0 as it is; 0 where it holds."""
        if found is None:
            return math.inf
        distance = abs(self.critical(found) - self.bound) / (abs(self.bound) or 1.0)
        return 0.0 if self.holds(found) else distance


def parse(text: str) -> Slo:
    """An SLO out of text such as `latency_p99_s<=2`; raises InputError."""
    found = _TEXT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        bound = float(found[3])
    except ValueError:
        raise InputError(
            f"--slo {text!r} must be MEASURE<=NUMBER or MEASURE>=NUMBER, such as latency_p99_s<=2"
        ) from None
    if not math.isfinite(bound):
        raise InputError(f"--slo {text!r}: the bound must be a finite number")
    return Slo(measure_name(found[1]), found[2], bound)
