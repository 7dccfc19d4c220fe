"""The document's Benefits table, measured: approaches on the same scripts, under conditions from none to bad."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.audit.conditions import CONDITIONS, REPLICATIONS, Condition
from sim.audit.sample import MEASURES, Sample, gathered, replicate
from sim.audit.statement import Check, Verdict, verdict_of
from sim.audit.words import COLUMNS, TABLE, WORDS, Case
from sim.contract.progress import Progress
from sim.measure.statistics import Estimate

__all__ = ["MEASURES", "Benefits", "Cell", "Condition", "Difference", "Measured", "benefits"]

POLICIES = ("websocket-only", "polling-only", "hybrid", "hybrid-backoff", "hybrid-cursor")
"""The document's three approaches, its backoff, and ours."""

COMPARED = (
    ("hybrid", "websocket-only"),
    ("hybrid", "polling-only"),
    ("hybrid-backoff", "hybrid"),
    ("hybrid-cursor", "hybrid"),
)
"""Whose differences on the same scripts are told."""

OF_DIFFERENCES = ("latency_mean_s", "bytes_per_run", "events_missed_per_run", "polls_per_run")


@dataclass(frozen=True, slots=True)
class Measured:
    """One policy under one condition: each of MEASURES with its interval over the replications."""

    condition: str
    policy: str
    values: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one policy's measure is larger than another's on the same scripts, with its interval."""

    condition: str
    measure: str
    policy: str
    against: str
    by: Estimate


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the document's table.

    policy: the approach as a preset. column: Latency, Bandwidth, Reliability or Server Load. word: what stands there.
    documented: whether the document has it; for the policies that it has no row for, its words for Hybrid are tried.
    meaning, because: the number that the word is taken to mean, and why.
    checks: one per condition, `when` being its name; the verdict follows from them.
    """

    policy: str
    column: str
    word: str
    documented: bool
    meaning: str
    because: str
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """Over all conditions."""
        return verdict_of(self.checks)


@dataclass(frozen=True, slots=True)
class Benefits:
    """The table: conditions and policies in order, what was measured of each, and what the document's words are worth.

    replications, clients: how many seeds there are, and how many runs each has.
    """

    conditions: tuple[Condition, ...]
    policies: tuple[str, ...]
    replications: int
    clients: int
    measured: tuple[Measured, ...]
    differences: tuple[Difference, ...]
    cells: tuple[Cell, ...]

    def of(self, condition: str, policy: str) -> Mapping[str, Estimate]:
        """What was measured of this policy under this condition; raises KeyError where nothing was."""
        return {(one.condition, one.policy): one.values for one in self.measured}[condition, policy]

    def cell(self, policy: str, column: str) -> Cell:
        """The cell of this policy in this column; raises KeyError where there is none."""
        return {(one.policy, one.column): one for one in self.cells}[policy, column]


Samples = dict[tuple[str, str], Sample]
"""By condition and policy."""


def benefits(
    seed: int = 0,
    replications: int = REPLICATIONS,
    conditions: tuple[Condition, ...] = CONDITIONS,
    progress: Progress | None = None,
) -> Benefits:
    """Measure the table; replication r of every condition and policy has the same draws."""
    seeds = range(seed * replications, (seed + 1) * replications)
    samples: Samples = {}
    done, total = 0, len(conditions) * len(POLICIES) * replications
    for condition in conditions:
        for policy in POLICIES:
            scenario, numbers = condition.scenario.override(policy=policy), []
            for found in replicate(scenario, seeds):
                numbers.append(found)
                done += 1
                if progress:
                    progress(done / total)
            samples[condition.name, policy] = gathered(numbers, scenario.client.count)
    return Benefits(
        conditions=conditions,
        policies=POLICIES,
        replications=replications,
        clients=conditions[0].scenario.client.count,
        measured=tuple(Measured(*where, sample.estimates()) for where, sample in samples.items()),
        differences=tuple(_differences(conditions, samples)),
        cells=tuple(_cell(policy, column, conditions, samples) for policy in POLICIES for column in COLUMNS),
    )


def _differences(conditions: tuple[Condition, ...], samples: Samples) -> list[Difference]:
    return [
        Difference(condition.name, name, policy, against, of.difference(samples[condition.name, against], name))
        for condition in conditions
        for policy, against in COMPARED
        for of in [samples[condition.name, policy]]
        for name in OF_DIFFERENCES
    ]


def _cell(policy: str, column: str, conditions: tuple[Condition, ...], samples: Samples) -> Cell:
    name = TABLE.get(policy, TABLE["hybrid"])[COLUMNS.index(column)]
    word, checks = WORDS[column, name], []
    for condition in conditions:
        case = Case(condition, samples[condition.name, policy], samples[condition.name, "polling-only"])
        holds, found = word.judge(case)
        checks.append(Check(condition.name, found, holds))
    return Cell(policy, column, name, policy in TABLE, word.meaning, word.because, tuple(checks))
