"""The document's choice of a poll interval, measured: what 1 s, 4 s and 10 s cost, and what they bring."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.audit.conditions import DEAD, LOSS_5_PERCENT, NO_FAULT, REPLICATIONS, Condition
from sim.audit.sample import MEASURES, gathered, replicate
from sim.contract.progress import Progress
from sim.measure.statistics import Estimate

INTERVALS_S = (1.0, 2.0, 4.0, 6.0, 10.0)
CHOICE_S = 4.0
"""The document's."""

CONDITIONS = (NO_FAULT, LOSS_5_PERCENT, DEAD)


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """The hybrid policy with one poll interval under one condition.

    values: each of MEASURES, with its interval over the replications.
    beyond_choice: by how much each is larger than at the document's 4 s, on the same scripts.
    """

    condition: str
    poll_interval_s: float
    values: Mapping[str, Estimate]
    beyond_choice: Mapping[str, Estimate]


def intervals(
    seed: int = 0,
    replications: int = REPLICATIONS,
    conditions: tuple[Condition, ...] = CONDITIONS,
    progress: Progress | None = None,
) -> tuple[IntervalRow, ...]:
    """The table, condition by condition and from the shortest interval to the longest."""
    seeds = range(seed * replications, (seed + 1) * replications)
    rows, done = [], 0
    for condition in conditions:
        samples = {}
        for interval_s in INTERVALS_S:
            scenario = condition.scenario.override(poll_interval_s=interval_s)
            samples[interval_s] = gathered(list(replicate(scenario, seeds)), scenario.client.count)
            done += 1
            if progress:
                progress(done / len(conditions) / len(INTERVALS_S))
        for interval_s, sample in samples.items():
            beyond = {name: sample.difference(samples[CHOICE_S], name) for name in MEASURES}
            rows.append(IntervalRow(condition.name, interval_s, sample.estimates(), beyond))
    return tuple(rows)
