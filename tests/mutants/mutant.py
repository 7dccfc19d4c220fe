"""A mutant: one rule broken in a copy of a world's package, which is then a world of its own."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import sim
from sim.worlds import WORLDS
from tests.mutants import plain

SUMS = "section 7"
"""The rule of mutants that sums show, not traces."""

MUTANT = "mutant"
"""The world's name while a mutant is planted."""

WORLD_OF = {"model": "model", "reference": "virtual", "fleet": "fleet"}

STAND_INS = {"fleet": Path(plain.__file__).parent}
"""Files in place of those of a package that would make a copy of it slow."""


@dataclass(frozen=True)
class Mutant:
    """Text replaced in one file of a package, each piece once.

    survives: why nothing can tell it from the original; empty where it must be caught.
    """

    rule: str
    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    survives: str = ""

    @property
    def package(self) -> str:
        """`model`, `reference` or `fleet`."""
        return self.file.partition("/")[0]

    @property
    def of_listing(self) -> bool:
        """Whether it breaks a rule of the document's own code (docs/listings.md)."""
        return self.rule.startswith("D")


def mutant(rule: str, name: str, file: str, *edits: tuple[str, str], survives: str = "") -> Mutant:
    """A mutant; `file` is below sim/."""
    return Mutant(rule, name, file, edits, survives)


@contextmanager
def planted(mutant: Mutant) -> Iterator[str]:
    """A world that performs with the mutant; gives its name."""
    package = f"mutated_{mutant.package}"
    with TemporaryDirectory(prefix="fanout-sim-") as folder:
        copy = Path(folder) / package
        shutil.copytree(Path(sim.__file__).parent / mutant.package, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant.package in STAND_INS:
            shutil.copytree(
                STAND_INS[mutant.package], copy, ignore=shutil.ignore_patterns("__*__*"), dirs_exist_ok=True
            )
        for file in copy.glob("*.py"):
            file.write_text(file.read_text().replace(f"sim.{mutant.package}", package))
        file = copy / Path(mutant.file).name
        text = file.read_text()
        for old, new in mutant.edits:
            if text.count(old) != 1:
                raise LookupError(f"{mutant.name}: {old!r} stands {text.count(old)} times in sim/{mutant.file}")
            text = text.replace(old, new)
        file.write_text(text)
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        run = WORLDS[WORLD_OF[mutant.package]].rpartition(".")[2]
        WORLDS[MUTANT] = "tests.mutants.summed" if mutant.rule == SUMS else f"{package}.{run}"
        try:
            yield MUTANT
        finally:
            del WORLDS[MUTANT]
            sys.path.remove(folder)
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]
            importlib.invalidate_caches()
