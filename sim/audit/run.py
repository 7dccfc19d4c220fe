"""The audit of the whole document: each of its statements, its Benefits table and its choice of an interval."""

from dataclasses import dataclass

from sim.audit.benefits import Benefits, benefits
from sim.audit.conditions import REPLICATIONS
from sim.audit.facts import Facts, judge_shipped
from sim.audit.intervals import IntervalRow, intervals
from sim.audit.statement import Statement
from sim.audit.statements import statements
from sim.contract.progress import Progress, part


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found; the same seed gives the same audit.

    statements: in the document's order, ours last. intervals: the poll-interval table.
    """

    seed: int
    statements: tuple[Statement, ...]
    benefits: Benefits
    intervals: tuple[IntervalRow, ...]

    @property
    def contradictions(self) -> tuple[Statement, ...]:
        """The document's statements that never hold."""
        return tuple(one for one in self.statements if one.verdict == "contradicted" and not one.ours)


def audit(progress: Progress | None = None, seed: int = 0, replications: int = REPLICATIONS) -> Audit:
    """Audit the document in the model, in about a minute and a half.

    replications: how many seeds each condition of the two tables has, at least two; fewer leave more open.
    """
    table = benefits(seed, replications, progress=part(progress, 0.0, 0.65))
    rows = intervals(seed, replications, progress=part(progress, 0.65, 0.85))
    facts = Facts(seed, table, rows, judge_shipped(seed, part(progress, 0.85, 0.97)))
    found = Audit(seed, statements(facts), table, rows)
    if progress:
        progress(1.0)
    return found
