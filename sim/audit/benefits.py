"""The document's Benefits table, measured: approaches on the same scripts, under conditions from none to bad."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.audit.statement import Check, Verdict, verdict_of
from sim.contract.scenario import Scenario
from sim.measure.statistics import Estimate

MEASURES = {
    "latency_mean_s": "latency, mean (s)",
    "latency_p50_s": "latency, p50 (s)",
    "latency_p99_s": "latency, p99 (s)",
    "latency_max_s": "latency, longest (s)",
    "instant_share": "events displayed within 0.1 s",
    "bytes_per_run": "bytes per run",
    "events_missed_per_run": "events never displayed, per run",
    "runs_missing_share": "runs that miss an event",
    "runs_endless_share": "runs that never learn their end",
    "polls_per_run": "polls per run",
    "polls_per_s_peak": "polls in the busiest second",
}
"""What is measured, by name, with its label; shares are of 1."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One set of circumstances. name: short. says: what happens, in a sentence. scenario: the same as data."""

    name: str
    says: str
    scenario: Scenario


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
    checks: one per condition; the verdict follows from them.
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
        for measured in self.measured:
            if (measured.condition, measured.policy) == (condition, policy):
                return measured.values
        raise KeyError((condition, policy))
