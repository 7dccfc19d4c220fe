"""What an audit says of one sentence of the document: its words, what was looked at, and the verdict that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["holds", "holds only if", "contradicted", "not decided"]


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a statement.

    when: under which condition, as words: "a message is lost".
    found: what was found there, as words with their numbers.
    holds: whether what the document says is so there; None where that stays open.
    scenario, claim: the shipped scenario, and the words of its claim that was judged; both empty for a run of the
        audit's own.
    """

    when: str
    found: str
    holds: bool | None
    scenario: str = ""
    claim: str = ""

    @property
    def sentence(self) -> str:
        """When and what, in one."""
        return f"{self.when[:1].upper()}{self.when[1:]}: {self.found}."


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """What checks together say: nothing where none decides, and where they differ, that it depends."""
    held = {check.holds for check in checks} - {None}
    if not held:
        return "not decided"
    if len(held) == 2:
        return "holds only if"
    return "holds" if held == {True} else "contradicted"


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim of the document.

    section: the document's heading. says: its words, quoted; white space and marks of emphasis apart they stand there
        so, and "..." stands for what is left out.
    checks: what was looked at; the verdict follows from them alone.
    note: of "holds only if" the condition; of "not decided" the reason; otherwise what else a reader should know.
    ours: whether it is an expectation of ours, in our words, and not the document's.
    """

    section: str
    says: str
    checks: tuple[Check, ...] = ()
    note: str = ""
    ours: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the checks together say."""
        return verdict_of(self.checks)

    @property
    def evidence(self) -> str:
        """What was found, one sentence per check."""
        return " ".join(check.sentence for check in self.checks)
