"""What statements are judged by: claims of shipped scenarios, small runs of the audit's own, the measured tables."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.audit.benefits import Benefits
from sim.audit.intervals import IntervalRow
from sim.audit.statement import Check
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.totals import Value
from sim.contract.trace import Trace
from sim.measure.metrics import measure
from sim.scenarios import catalog
from sim.verify.claims import ClaimResult, documented, judge_all
from sim.worlds import perform

PROSE, LISTING = "the client is that of the prose", "the client is the React listing"
"""Which of the document's two clients a check looks at."""


@dataclass(frozen=True)
class Run:
    """One performance, and what can be asked of it."""

    trace: Trace

    @cached_property
    def measures(self) -> dict[str, Value]:
        """All measures by name."""
        return measure(self.trace)

    def value(self, name: str) -> float:
        """A measure that is known to be a number here."""
        return self.measures[name] or 0

    def times_s(self, kind: str, client: int = 0, detail: str | None = None) -> list[float]:
        """When one client's rows of this kind, and of this detail where one is given, happen."""
        return [r[0] / 1e6 for r in self.trace.rows if r[1:3] == (client, kind) and detail in (None, r[4])]


@dataclass
class Facts:
    """The facts of one audit; what is asked for twice is performed once."""

    seed: int
    benefits: Benefits
    intervals: tuple[IntervalRow, ...]
    judged: dict[str, dict[str, ClaimResult]]
    runs: dict[str, Run] = field(default_factory=dict)

    def claim(self, scenario: str, says: str, when: str = "", *, shows: bool | None = True) -> Check:
        """A claim of a shipped scenario as a check; raises KeyError where there is none.

        when: the circumstances in words, by default the scenario's name.
        shows: whether the claim speaks for the statement where it holds, or against it; None for neither.
        """
        result = self.judged[scenario][says]
        claim, judgement = result.claim, result.judgements["model"]
        found = (
            f"{says} ({judgement.measured})"
            if claim.ours
            else f"claimed {documented(claim)}, found {judgement.measured}"
        )
        if claim.because and judgement.verdict == "contradicted":
            found = f"{found}, since {claim.because}"
        holds = None if judgement.verdict == "not decided" or shows is None else (judgement.verdict == "holds") == shows
        return Check(when or f"in {scenario}", found, holds, scenario, says)

    def run(self, table: dict[str, Any] | str, world: str = "model", **client: Any) -> Run:
        """A run of a scenario, a table as TOML gives it or a shipped name, with other values for keys of `[client]`."""
        scenario = catalog.load(table) if isinstance(table, str) else Scenario.from_dict({"title": "audit", **table})
        scenario = scenario.override(**client) if client else scenario
        key = f"{world}\n{scenario.to_toml()}"
        if key not in self.runs:
            self.runs[key] = Run(perform(realize(scenario, self.seed), world))
        return self.runs[key]


def judge_shipped(seed: int = 0, progress: Progress | None = None) -> dict[str, dict[str, ClaimResult]]:
    """Every claim of every shipped scenario, judged in the model: by scenario, then by its words."""
    judged: dict[str, dict[str, ClaimResult]] = {}
    names = catalog.names()
    for number, name in enumerate(names, start=1):
        scenario = catalog.load(name)
        judgements = judge_all(scenario.claims, perform(realize(scenario, seed)))
        judged[name] = {
            claim.says: ClaimResult(claim, {"model": judgement})
            for claim, judgement in zip(scenario.claims, judgements, strict=True)
        }
        if progress:
            progress(number / len(names))
    return judged
