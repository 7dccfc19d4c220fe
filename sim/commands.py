"""The commands: thin ones over the packages that do the work (DESIGN.md section 7).

What is slow to import is imported inside the command that needs it.
"""

import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.contract.errors import InputError

if TYPE_CHECKING:
    from sim.contract.scenario import Scenario

DIFFERS, INTERRUPTED = 1, 130

app = typer.Typer(
    name="fanout-sim",
    help="Predict, prove and tune hybrid WebSocket + polling delivery before users feel it.",
    epilog="\b\nExamples:\n"
    "  fanout-sim list\n"
    "  fanout-sim run websocket-drops-messages\n"
    "  fanout-sim verify --worlds model\n"
    "\b\nExit status: 0 holds, 1 differs from what is expected, 2 bad input.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SEED = typer.Option(min=0, help="Seed of all random draws.")
REDIS = typer.Option(metavar="URL", help="Redis server for the live world, in place of the embedded one.")


def loaded(scenario: str, clients: int | None, policy: str | None) -> "Scenario":
    """The scenario with what the command line puts in place of its own."""
    from sim.scenarios import catalog

    chosen = {key: value for key, value in (("count", clients), ("policy", policy)) if value is not None}
    own = catalog.load(scenario)
    return own.override(**chosen) if chosen else own


@app.command(name="list", epilog="\b\nExample:\n  fanout-sim list | grep scale")
def list_() -> None:
    """List the shipped scenarios, one line each."""
    from sim.report import people, tables, terminal
    from sim.scenarios import catalog

    table = tables.listing((name, catalog.load(name)) for name in catalog.names())
    with terminal.printing():
        people.print_listing(table)


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim run websocket-drops-messages\n"
    "  fanout-sim run worst-case --policy polling-only --clients 100 --json\n"
    "  fanout-sim run my-scenario.toml --world live --trace live.jsonl\n"
    "  fanout-sim run random-gaps --seed 7 --trace - | head\n"
    "  fanout-sim run random-gaps --world fleet --clients 1000000"
)
def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name, or a TOML file.")],
    world: Annotated[str, typer.Option(help="model, virtual, live or fleet.")] = "model",
    seed: Annotated[int, SEED] = 0,
    clients: Annotated[int | None, typer.Option(min=1, help="How many clients, in place of its own.")] = None,
    policy: Annotated[str | None, typer.Option(help="A preset, in place of its own.")] = None,
    redis: Annotated[str | None, REDIS] = None,
    trace: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Write the trace as JSON Lines; -: to standard output, and nothing else."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="In world fleet: trace N clients, evenly spread; by default 1,000."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the measures as one JSON object.")] = False,
) -> None:
    """Perform a scenario in one world and print its measures."""
    from sim.contract.script import realize
    from sim.report import files, people, tables, terminal
    from sim.worlds import check_world, perform_measured

    if json and trace == "-":
        raise InputError("--json and --trace - both want standard output; name a file for the trace")
    check_world(world)
    if sample is not None and world != "fleet":
        raise InputError("--sample is for world fleet; the others trace all clients")
    options = live_options(redis, [world])
    script = realize(loaded(scenario, clients, policy), seed)
    sampled = sample or 1_000 if trace is not None or script.clients == 1 else 0
    with nullcontext() if trace in (None, "-") else files.whole_file(Path(trace)) as stream:
        with terminal.progress_bar(f"{scenario} in world {world}") as progress:
            performed, counted = perform_measured(script, world, sample=sampled, progress=progress, **options)
        if stream is not None:
            with files.writing(Path(trace or "")):
                performed.write(stream)
    with terminal.printing():
        if trace == "-":
            performed.write(sys.stdout)
        elif json:
            sys.stdout.write(tables.as_json(counted.measures()))
        else:
            people.print_run(script, performed, counted)


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim verify\n"
    "  fanout-sim verify websocket-dies worst-case --worlds model\n"
    "  fanout-sim verify my-scenario.toml --out results --json > verdict.json"
)
def verify(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENARIO", help="Shipped names or TOML files; none: all shipped."),
    ] = None,
    worlds: Annotated[str, typer.Option(metavar="A,B", help="The worlds to hold against each other.")] = "model,live",
    seed: Annotated[int, SEED] = 0,
    out: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="A new or empty folder for the run; by default below runs/."),
    ] = None,
    redis: Annotated[str | None, REDIS] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON, and nothing else.")] = False,
) -> int:
    """Judge the claims of scenarios in each world, and hold the worlds against each other."""
    from sim.report import files, people, render, tables, terminal
    from sim.verify import suite

    chosen = [world.strip() for world in worlds.split(",")]
    options = live_options(redis, chosen)
    path = Path(out) if out is not None else files.run_folder("verify")
    with files.whole_folder(path, numbered=out is None) as folder:
        with terminal.progress_bar("verifying") as progress:
            results = suite.verify(scenarios or [], chosen, seed, progress=progress, **options)
        with terminal.progress_bar("drawing") as progress, files.writing(folder.path):
            render.write_run(folder.part, results, chosen, seed, progress)
    verdict = render.verdict(results, chosen, seed)
    with terminal.printing():
        if json:
            sys.stdout.write(tables.as_json(verdict))
        else:
            people.print_verdict(results, folder.path)
    return 0 if verdict["as_expected"] else DIFFERS


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim compare mine.jsonl yours.jsonl\n"
    "  fanout-sim compare model.jsonl live.jsonl --margin-s 0.25"
)
def compare(
    first: Annotated[Path, typer.Argument(metavar="TRACE", help="A trace as JSON Lines.")],
    second: Annotated[Path, typer.Argument(metavar="TRACE", help="The trace to hold against it.")],
    margin_s: Annotated[
        float | None,
        typer.Option(min=0, metavar="S", help="Seconds that times may differ by; by default none."),
    ] = None,
) -> int:
    """Hold two traces against each other, also of somebody's own making; 0 only where they agree."""
    from sim.contract.trace import Trace
    from sim.report import terminal
    from sim.verify import agreement

    one, other = Trace.read(first), Trace.read(second)
    if not (len(one) or len(other)):
        raise InputError(f"{first} and {second} hold no row, so there is nothing to compare")
    found = agreement.compare(one, other, margin_s)
    with terminal.printing():
        sys.stdout.write(f"{found.verdict}: {found.sentence}\n")
    return 0 if found.verdict == "agree" else DIFFERS


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim check trace.jsonl websocket-drops-messages\n"
    "  fanout-sim check mine.jsonl my-scenario.toml --margin-s 0.25"
)
def check(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="A trace as JSON Lines, also of your own making.")],
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="What it performs: a shipped name or a file.")],
    seed: Annotated[int, SEED] = 0,
    clients: Annotated[int | None, typer.Option(min=1, help="As given to run.")] = None,
    policy: Annotated[str | None, typer.Option(help="As given to run.")] = None,
    margin_s: Annotated[
        float | None,
        typer.Option(min=0, metavar="S", help="Seconds that times may be off, for a trace of real time; by default 0."),
    ] = None,
) -> int:
    """Hold a trace against the rules of the system: one line for each place where it breaks one."""
    from sim.contract.script import realize
    from sim.contract.trace import Trace
    from sim.report import people, terminal
    from sim.verify import invariants

    script = realize(loaded(scenario, clients, policy), seed)
    read = Trace.read(trace)
    found = invariants.check(read, script, margin_s)
    with terminal.printing():
        people.print_findings(found, len(read), invariants.judged(script))
    return DIFFERS if found else 0


@app.command(
    epilog="\b\nExamples:\n"
    "  fanout-sim fuzz --examples 5000\n"
    "  fanout-sim fuzz --seconds 600 --seed 7\n"
    "  fanout-sim fuzz --worlds model --out failures"
)
def fuzz(
    examples: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="How many; without --seconds 1,000 by default.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, metavar="S", help="How long.")] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="K", help="The same seed gives the same examples.")] = 0,
    worlds: Annotated[
        str, typer.Option(metavar="A,B", help="The worlds to hold against each other.")
    ] = "model,virtual",
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where a failing scenario is written.")] = Path("runs"),
) -> int:
    """Search random scenarios for a disagreement of worlds or a broken rule; what is found is shrunk and written."""
    from sim.report import files, people, terminal
    from sim.verify import fuzz as search

    chosen = [world.strip() for world in worlds.split(",")]
    search.check_worlds(chosen)
    with terminal.progress_bar(f"fuzzing {', '.join(chosen)}") as progress:
        outcome = search.fuzz(chosen, examples=examples, seconds=seconds, seed=seed, progress=progress)
    failure = outcome.failure
    if failure is not None:
        with files.writing(out):
            out.mkdir(parents=True, exist_ok=True)
        with files.whole_file(out / failure.name) as stream:
            stream.write(failure.to_toml())
    with terminal.printing():
        people.print_search(outcome, out)
    if failure is None and outcome.interrupted:
        return INTERRUPTED
    return 0 if failure is None else DIFFERS


@app.command(epilog="\b\nExample:\n  fanout-sim serve --redis redis://localhost:6379")
def serve(
    redis: Annotated[str | None, REDIS] = None,
    fanout_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the WebSocket server; 0: any.")] = 8085,
    api_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the polling endpoint; 0: any.")] = 8081,
) -> None:
    """Run the reference system without faults, for people and their own clients, until Ctrl-C."""
    import logging

    from sim.contract import wire
    from sim.reference import serve as reference
    from sim.report import terminal

    def ready(at: reference.Addresses) -> None:
        with terminal.printing():
            sys.stdout.write(f"WebSocket  {at.fanout.replace('http', 'ws', 1)}{wire.WEBSOCKET_PATH}?username=USER\n")
            sys.stdout.write(f"polling    {at.api}{wire.EVENTS_PATH}\n")
            sys.stdout.write(f"health     {at.fanout}/health, {at.fanout}/stats, {at.fanout}/metrics\n")
            sys.stdout.write(f"Redis      {at.redis}  (channel {wire.channel('USER')})\n")

    logging.basicConfig(format="%(asctime)s %(message)s")
    with suppress(KeyboardInterrupt):
        reference.serve(fanout_port=fanout_port, api_port=api_port, redis=redis, on_ready=ready)


def live_options(redis: str | None, worlds: list[str]) -> dict[str, str]:
    """What only the live world takes."""
    if redis is None:
        return {}
    if "live" not in worlds:
        raise InputError("--redis is for world live, which is not asked for")
    return {"redis": redis}
