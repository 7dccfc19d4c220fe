"""Rules: what a client's story may break, of which clients it holds, and from what it can be judged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim.contract.script import Script
from sim.verify.expected import Broken
from sim.verify.story import Story

Kind = Literal["documented", "sequence", "listing"]
"""How a client takes in what comes: as C6 says, by sequence (P4 to P6), or as the document's code (D1 to D14)."""

BOTH: tuple[Kind, ...] = ("documented", "sequence")
ALL: tuple[Kind, ...] = (*BOTH, "listing")


def kinds(script: Script | None) -> set[Kind]:
    """Of which kinds the clients may be; without a script of both that people write themselves."""
    if script is None:
        return set(BOTH)
    if script.policy.listing != "none":
        return {"listing"}
    return {"sequence" if script.policy.by_sequence else "documented"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of docs/behaviour.md, docs/protocol.md, docs/listings.md or of a trace's format.

    by_script: it can be judged only with the script. by_order: within a margin, what follows a race is not judged.
    of: the kinds of clients that it holds for.
    """

    cites: str
    name: str
    broken: Callable[[Story], Broken]
    by_script: bool
    by_order: bool
    of: tuple[Kind, ...]

    def judges(self, script: Script | None) -> bool:
        """Whether it can be judged for certain."""
        return kinds(script) <= set(self.of) and (script is not None or not self.by_script)


class Rules(list[Rule]):
    """The rules of one file, collected by decorating their functions."""

    def rule(
        self, cites: str, *, by_script: bool = False, by_order: bool = True, of: tuple[Kind, ...] = ALL
    ) -> Callable[[Callable[[Story], Broken]], Callable[[Story], Broken]]:
        """Add the function: it gives each time at which the story breaks this rule."""

        def add(broken: Callable[[Story], Broken]) -> Callable[[Story], Broken]:
            self.append(Rule(cites, broken.__name__.replace("_", " "), broken, by_script, by_order, of))
            return broken

        return add
