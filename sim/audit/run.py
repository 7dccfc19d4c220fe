"""The audit of the whole document: each of its statements, its Benefits table and its choice of an interval."""

from dataclasses import dataclass

from sim.audit.benefits import Benefits
from sim.audit.intervals import IntervalRow
from sim.audit.statement import Statement
from sim.contract.progress import Progress


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found; the same seed gives the same audit.

    statements: in the document's order. intervals: the poll-interval table.
    """

    seed: int
    statements: tuple[Statement, ...]
    benefits: Benefits
    intervals: tuple[IntervalRow, ...]

    @property
    def contradictions(self) -> tuple[Statement, ...]:
        """The statements that never hold."""
        return tuple(statement for statement in self.statements if statement.verdict == "contradicted")


def audit(progress: Progress | None = None, seed: int = 0) -> Audit:
    """Audit the document in the model."""
    raise NotImplementedError
