"""The commands for experiments: sweep and tune, thin ones over sim.experiments (DESIGN.md section 7)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer

from sim.commands import DIFFERS, SEED, loaded
from sim.commands_schema import app
from sim.contract.errors import InputError, ServiceError

__all__ = ["app"]

SCENARIO = typer.Argument(metavar="SCENARIO", help="A shipped name, or a TOML file.")
OVER = typer.Option(
    "--over",
    metavar="KEY=VALUES",
    help="A key of the scenario and its values: first:last:step, or a list a,b,c; again for another key.",
)
WORLD = typer.Option(help="fleet, model or virtual; by default fleet where it can, else model.")
CLIENTS = typer.Option(min=1, help="How many clients, in place of its own.")
REPLICATIONS = typer.Option(min=2, metavar="N", help="Replications of each point.", show_default="10")
WORKERS = typer.Option(min=1, metavar="N", help="Processes; by default one per CPU.")
DASK = typer.Option(metavar="tcp://HOST:PORT", help="The scheduler of a Dask cluster, in place of processes.")
OUT = typer.Option(metavar="DIR", help="A new or empty folder for the results; by default below runs/.")
JSON = typer.Option("--json", help="Print what was found as one JSON object, and nothing else.")
RESUME = typer.Option(metavar="DIR", help="The folder of the same command, interrupted; it goes on there.")


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim sweep tuning --over client.poll_interval_s=1:15:1 --clients 100000\n"
    "  fanout-sim sweep tuning --over client.poll_interval_s=2,4,8 --over client.policy=hybrid,polling-only --json\n"
    "  fanout-sim sweep tuning --over fault.0.probability=0:0.2:0.05 --half-width latency_p99_s=0.1"
)
def sweep(
    scenario: Annotated[str, SCENARIO],
    over: Annotated[list[str], OVER],
    world: Annotated[str | None, WORLD] = None,
    clients: Annotated[int | None, CLIENTS] = None,
    seed: Annotated[int, SEED] = 0,
    replications: Annotated[int | None, REPLICATIONS] = None,
    half_width: Annotated[
        list[str] | None,
        typer.Option(metavar="MEASURE=VALUE", help="Instead: replicate until the 95 % interval is no wider to a side."),
    ] = None,
    measures: Annotated[
        str | None, typer.Option(metavar="A,B", help="What is printed and drawn; the table holds all measures.")
    ] = None,
    workers: Annotated[int | None, WORKERS] = None,
    dask: Annotated[str | None, DASK] = None,
    out: Annotated[Path | None, OUT] = None,
    resume: Annotated[Path | None, RESUME] = None,
    json: Annotated[bool, JSON] = False,
) -> None:
    """Perform a scenario at every point of a grid: a table and a figure, with intervals."""
    from sim.experiments import grid
    from sim.experiments.names import measure_name
    from sim.experiments.sweep import sweep as perform
    from sim.report import terminal
    from sim.report.experiments import people, plain, tables
    from sim.report.tables import as_json

    shown = [measure_name(name) for name in measures.split(",")] if measures else tables.HEADLINES
    _check_place(workers, dask)
    with _kept("sweep", out, resume) as folder:
        with terminal.progress_bar(f"sweeping {scenario}") as progress:
            found = perform(
                loaded(scenario, clients, None),
                grid.parse(over),
                world=world,
                seed=seed,
                replications=replications,
                half_widths=dict(map(_half_width, half_width or ())),
                workers=workers,
                dask=dask,
                folder=folder,
                progress=progress,
            )
        from sim.report.experiments import write  # what draws is slow to import

        write.sweep(found, shown, folder)
    with terminal.printing():
        if json:
            sys.stdout.write(as_json(plain.of_sweep(found) | {"folder": str(folder)}))
        else:
            people.print_sweep(found, shown, folder)


@app.command(
    epilog="\b\nExamples:\n"
    '  fanout-sim tune tuning --slo "latency_p99_s<=2" --clients 100000\n'
    '  fanout-sim tune tuning --slo "latency_p99_s<=5" --slo "events_lost<=0" --minimise bytes_http \\\n'
    "      --over client.policy=hybrid,hybrid-cursor --over client.poll_interval_s=1:8:1"
)
def tune(
    scenario: Annotated[str, SCENARIO],
    slo: Annotated[
        list[str], typer.Option(metavar="MEASURE<=VALUE", help="What must be kept, also >=; again for another one.")
    ],
    minimise: Annotated[str, typer.Option(metavar="MEASURE", help="What should be least.")] = "polls_per_s",
    over: Annotated[list[str] | None, OVER] = None,
    world: Annotated[str | None, WORLD] = None,
    clients: Annotated[int | None, CLIENTS] = None,
    seed: Annotated[int, SEED] = 0,
    replications: Annotated[int, typer.Option(min=2, metavar="N", help="Replications of each candidate.")] = 5,
    confirm: Annotated[
        int, typer.Option(min=0, metavar="N", help="With how many clients the model confirms it; 0: not at all.")
    ] = 1_000,
    workers: Annotated[int | None, WORKERS] = None,
    dask: Annotated[str | None, DASK] = None,
    out: Annotated[Path | None, OUT] = None,
    resume: Annotated[Path | None, RESUME] = None,
    json: Annotated[bool, JSON] = False,
) -> int:
    """Search for the values (by default the poll interval) that keep every SLO with the least of a measure."""
    from sim.experiments import grid
    from sim.experiments.slo import parse
    from sim.experiments.tune import tune as search
    from sim.report import terminal
    from sim.report.experiments import people, plain
    from sim.report.tables import as_json

    _check_place(workers, dask)
    with _kept("tune", out, resume) as folder:
        with terminal.progress_bar(f"tuning {scenario}") as progress:
            found = search(
                loaded(scenario, clients, None),
                [parse(text) for text in slo],
                minimise,
                grid.parse(over) if over else None,
                world=world,
                seed=seed,
                replications=replications,
                confirm_clients=confirm,
                workers=workers,
                dask=dask,
                folder=folder,
                progress=progress,
            )
        from sim.report.experiments import write  # what draws is slow to import

        write.tuning(found, folder)
    with terminal.printing():
        if json:
            sys.stdout.write(as_json(plain.of_tuning(found) | {"folder": str(folder)}))
        else:
            people.print_tuning(found, folder)
    return 0 if found.holds else DIFFERS


@contextmanager
def _kept(kind: str, out: Path | None, resume: Path | None) -> Iterator[Path]:
    """The folder for the results; where the block is cut short and something is kept there, say how to go on."""
    from sim.experiments.store import RECORD

    folder = _folder(kind, out, resume)
    try:
        yield folder
    except (KeyboardInterrupt, SystemExit, ServiceError):
        if (folder / RECORD).exists():
            sys.stderr.write(f"fanout-sim: what is done is kept; the same command with --resume {folder} goes on\n")
        raise


def _folder(kind: str, out: Path | None, resume: Path | None) -> Path:
    from sim.report import files

    if resume is not None:
        if out is not None:
            raise InputError("--resume names the folder; leave out --out")
        if not resume.is_dir():
            raise InputError(f"{resume}: there is no such folder to go on in")
        return resume
    if out is not None:
        files.check_new(out)
        return out
    path = files.run_folder(kind)
    paths = chain([path], (path.with_name(f"{path.name}-{number}") for number in count(2)))
    return next(path for path in paths if not path.exists())


def _check_place(workers: int | None, dask: str | None) -> None:
    if workers is not None and dask is not None:
        raise InputError("--dask names a cluster, which has its own workers; leave out --workers")


def _half_width(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise InputError(f"--half-width {text!r} must be MEASURE=VALUE, such as latency_p99_s=0.1") from None
