"""Against a baseline: what moved, by how much, and what cannot be told."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.contract.scenario import Scenario
from sim.gates.baseline import Baseline, Series, Watched, watched
from sim.gates.check import Checked
from sim.gates.identity import changes, described
from sim.gates.judge import ROUNDING, Verdict, interval
from sim.gates.words import BUSY, number, runs, with_interval
from sim.measure.statistics import Estimate

MOST_CHANGES = 3
"""Of a scenario, that a sentence names."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One series held against the recorded one, or something that cannot be.

    subject: what. was, now, by: the means and their difference with its interval, as text.
    sentence: why it does not hold.
    """

    subject: str
    verdict: Verdict
    was: str = "-"
    now: str = "-"
    by: str = "-"
    sentence: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is where it was."""
        return self.verdict == "holds"


def against(checked: Checked, baseline: Baseline) -> list[Moved]:
    """Hold what was observed against what was recorded: first the scenarios, then each series of either."""
    scenarios = {result.placed.name: result.placed.scenario for result in checked.results}
    before = {series.key: series for series in baseline.series}
    now = {one.series.key: one for one in watched(checked)}
    gone = [series for key, series in before.items() if key not in now and series.scenario in scenarios]
    return [
        *_scenarios(scenarios, baseline),
        *(_compared(one, before.get(key)) for key, one in now.items()),
        *(Moved(one.subject, "fails", sentence=f"{one.subject} was recorded, but is not measured now") for one in gone),
    ]


def _scenarios(scenarios: Mapping[str, Scenario], baseline: Baseline) -> Iterator[Moved]:
    """Those that were recorded and are not what they were, or not there."""
    for name, was in baseline.scenarios.items():
        if name not in scenarios:
            yield Moved(name, "fails", sentence=f"{name} was recorded, but no gate looks at it now")
            continue
        changed = changes(was, described(scenarios[name]))
        if changed:
            more = f" and {len(changed) - MOST_CHANGES} more" if len(changed) > MOST_CHANGES else ""
            told = f"{name} is not the scenario that was recorded: {', '.join(changed[:MOST_CHANGES])}{more}"
            yield Moved(name, "fails", sentence=told)


def _compared(one: Watched, before: Series | None) -> Moved:
    series = one.series
    if before is None:
        return Moved(series.subject, "fails", sentence=f"{series.subject} was not recorded; record it again")
    if _seeds(before) != _seeds(series):
        told = f"was recorded with {_seeds(before)} and is measured with {_seeds(series)}; record it again"
        return Moved(series.subject, "fails", sentence=f"{series.subject} {told}")
    pairs = list(zip(series.values, before.values, strict=True))
    by = interval([now - was for now, was in pairs])
    verdict = _verdict(by, one.margin) if series.world == "live" else _verdict_of_exact(pairs)
    was, now = (number(interval(values).value) for values in (before.values, series.values))
    difference = with_interval(by)
    if verdict == "holds":
        return Moved(series.subject, verdict, was, now, difference)
    sentence = f"{series.subject} moved from {was} to {now}, by {difference}"
    sentence += f" in {runs(len(pairs))}" if len(pairs) > 1 else ""
    if verdict == "inconclusive":
        sentence += f", an interval that straddles the margin of {number(one.margin)}: too few to tell"
    elif one.margin:
        sentence += f", beyond the margin of {number(one.margin)}"
    if one.starved:
        verdict, sentence = "inconclusive", f"{sentence}; {BUSY}"
    return Moved(series.subject, verdict, was, now, difference, sentence)


def _verdict(by: Estimate, margin: float) -> Verdict:
    """An equivalence test: it is where it was only if all of the interval lies within the margin."""
    if -margin <= by.low and by.high <= margin:
        return "holds"
    return "fails" if by.high < -margin or margin < by.low else "inconclusive"


def _verdict_of_exact(pairs: list[tuple[float, float]]) -> Verdict:
    """Of a deterministic world: any difference is a move."""
    return "holds" if all(math.isclose(now, was, rel_tol=ROUNDING) for now, was in pairs) else "fails"


def _seeds(series: Series) -> str:
    last = series.seed + len(series.values) - 1
    return f"seed {last}" if last == series.seed else f"seeds {series.seed} to {last}"
