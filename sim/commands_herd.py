"""The command herd, a thin one over sim.experiments.herd."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.commands import SEED, loaded
from sim.commands_experiments import JSON, OUT, app
from sim.contract.errors import InputError

__all__ = ["app"]

CLIENTS = "10000,100000,1000000"


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim herd\n"
    "  fanout-sim herd deploy-herd --clients 10000,50000 --capacity 20000\n"
    "  fanout-sim herd my-scenario.toml --out results"
)
def herd(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a file, with a restart.")] = (
        "deploy-herd"
    ),
    clients: Annotated[str, typer.Option(metavar="A,B", help="Numbers of clients.")] = CLIENTS,
    capacity: Annotated[
        float | None,
        typer.Option(min=0, metavar="REQUESTS_PER_S", help="Of the servers; by default twice the level before."),
    ] = None,
    seed: Annotated[int, SEED] = 0,
    out: Annotated[Path | None, OUT] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Restart the fanout server under many clients: the herd that comes back, with each kind of jitter."""
    from sim.experiments.herd import herd as perform
    from sim.experiments.provenance import provenance
    from sim.report import files, tables, terminal
    from sim.report.experiments import herd as results
    from sim.report.experiments import people, plain

    counts = _counts(clients)
    loads = loaded(scenario, None, None)
    made = provenance(loads, kind="herd", clients=counts, capacity_per_s=capacity, seed=seed)
    path = out if out is not None else files.run_folder("herd")
    with files.whole_folder(path, numbered=out is None) as folder:
        with terminal.progress_bar(f"herds of {scenario}") as progress:
            cases = perform(loads, counts, capacity_per_s=capacity, seed=seed, progress=progress)
        with files.writing(folder.path):
            results.write(cases, made, folder)
    with terminal.printing():
        if json:
            sys.stdout.write(tables.as_json(plain.of_herds(loads, seed, cases) | {"folder": str(folder.path)}))
        else:
            people.print_herds(results.table(cases), seed, folder.path)


def _counts(text: str) -> list[int]:
    counts = [int(one) if one.strip().isdecimal() else 0 for one in text.split(",")]
    if min(counts) < 1 or len(set(counts)) < len(counts):
        raise InputError(f"--clients {text!r} must be whole numbers from 1, each once, such as {CLIENTS}")
    return counts
