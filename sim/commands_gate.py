"""The command gate, a thin one over sim.gates."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from sim.commands import DIFFERS, SEED
from sim.commands_herd import app
from sim.contract.errors import InputError

__all__ = ["app"]


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim gate gates.toml\n"
    "  fanout-sim gate gates.toml my-scenario.toml --junit gates.xml\n"
    "  fanout-sim gate gates.toml --record baseline.json\n"
    "  fanout-sim gate gates.toml --against baseline.json"
)
def gate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE", help="Files with [[gate]]: scenarios, or of gates alone.")
    ],
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML, for continuous integration.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the gates measure, as a baseline.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A baseline: fail for what is not where it was.")
    ] = None,
    seed: Annotated[int, SEED] = 0,
) -> int:
    """Judge the gates of scenarios: exit status 1 where one does not hold."""
    from sim.gates import baseline
    from sim.gates.against import against as held_against
    from sim.gates.check import check
    from sim.gates.load import load
    from sim.report import files as whole
    from sim.report import gates, gates_junit, tables, terminal

    if record is not None and against is not None:
        raise InputError("--record writes a baseline and --against reads one; give one of them")
    placed = load(files)
    before = baseline.read(against) if against is not None else None
    with ExitStack() as written:
        xml = written.enter_context(whole.whole_file(junit)) if junit is not None else None
        kept = written.enter_context(whole.whole_file(record)) if record is not None else None
        with terminal.progress_bar("gates") as progress:
            checked = check(placed, seed, progress)
        moved = held_against(checked, before) if before is not None else None
        if kept is not None:
            kept.write(tables.as_json(baseline.recorded(checked)))
        if xml is not None:
            xml.write(gates_junit.junit(checked.results, moved))
    with terminal.printing():
        gates.print_gates(checked.results, moved)
    return 0 if all(one.holds for one in (*checked.results, *(moved or ()))) else DIFFERS
