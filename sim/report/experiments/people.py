"""What people read in a terminal of a sweep, of a search and of herds."""

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from sim.experiments import grid
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import Tuning
from sim.report import findings, tables
from sim.report.experiments.advice import advice
from sim.report.experiments.tables import of_sweep, of_tuning
from sim.report.people import short_path
from sim.report.terminal import console, print_line, print_table


def print_sweep(found: Sweep, measures: Sequence[str], folder: Path) -> None:
    """The table, what its numbers are, and where the files lie."""
    base = found.samples[found.base]
    lines = [
        f"world {found.world}, {base.clients:,} clients at the base, seed {found.seed} and on; each mean over "
        "replications with its 95 % interval"
    ]
    if len(found.samples) > 1:
        lines.append(f"the base: {grid.name(base.point)}; differences are paired, on the same draws")
    wide = [sample for sample in found.samples if not found.stopping.reached(sample)]
    if wide:
        lines.append(
            f"{len(wide)} of {len(found.samples)} points are not as narrow as asked for after "
            f"{found.stopping.most:,} replications"
        )
    _print(of_sweep(found, measures), [Text(line) for line in lines], folder)


def print_tuning(found: Tuning, folder: Path) -> None:
    """The candidates, the advice, and where the files lie."""
    style = findings.GOOD if found.holds else findings.BAD
    answer, *rest = advice(found)
    _print(of_tuning(found), [Text(answer, style), *map(Text, rest)], folder)


def print_herds(table: tables.Table, seed: int, folder: Path) -> None:
    """The table, what its numbers are, and where the files lie."""
    _print(table, [Text(f"seconds after the restart; seed {seed}")], folder)


def _print(table: tables.Table, lines: Sequence[Text], folder: Path) -> None:
    out = console()
    print_table(out, table)
    for line in (*lines, Text(f"written: {short_path(folder.resolve())}/")):
        print_line(out, line)
