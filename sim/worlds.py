"""The worlds by name, imported when first used: each performs scripts and gives traces."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sim.contract.arrivals import Arrivals
from sim.contract.errors import CannotPerform, InputError
from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.contract.totals import Totals
from sim.contract.trace import Trace
from sim.measure.totals import totals as of_trace

WORLDS = {
    "model": "sim.model.run",
    "live": "sim.reference.run",
    "virtual": "sim.reference.virtual",
    "fleet": "sim.fleet.run",
}

LIMITS = {"live": "sim.reference.limits", "virtual": "sim.reference.limits", "fleet": "sim.fleet.limits"}
"""Where a world that cannot perform every script says so."""


def check_world(name: str) -> None:
    """Raise InputError where there is no world of this name."""
    if name not in WORLDS:
        raise InputError(f"there is no world {name!r}; the worlds are {', '.join(WORLDS)}")


def unable(script: Script, world: str) -> str | None:
    """Why this world cannot perform the script, None where it can; nothing is performed."""
    check_world(world)
    if world in LIMITS:
        try:
            import_module(LIMITS[world]).check_performable(script, world)
        except CannotPerform as reason:
            return str(reason)
    return None


def perform(script: Script, world: str = "model", **options: Any) -> Trace:
    """What happens when this world performs the script.

    options: `progress`, called with the share done; for `fleet` also `clients`, the numbers of those to trace; for
    `live` `redis`, the URL of a Redis server to use in place of the embedded one; for `virtual` `redis="resp"` puts
    redis-py and a server in memory in place of a broker in process.
    Raises CannotPerform for what the world does not do, ServiceError for what it needs and cannot have.
    """
    check_world(world)
    trace: Trace = import_module(WORLDS[world]).perform(script, **options)
    return trace


def totals(script: Script, world: str = "fleet", *, progress: Progress | None = None) -> Totals:
    """What all clients come to together; in world `fleet` there may be millions, since no trace is kept.

    Raises as `perform` does.
    """
    check_world(world)
    if world == "fleet":
        counted: Totals = import_module(WORLDS[world]).total(script, progress=progress)
        return counted
    return of_trace(perform(script, world, progress=progress))


def hub_arrivals(script: Script, *, progress: Progress | None = None) -> Arrivals:
    """What the fanout hub has to do over all clients, and when; raises CannotPerform as world `fleet` does."""
    found: Arrivals = import_module("sim.fleet.arrivals").hub_arrivals(script, progress=progress)
    return found


def perform_measured(script: Script, world: str, *, sample: int, **options: Any) -> tuple[Trace, Totals]:
    """A trace, and what all clients come to; world `fleet` traces only so many of them, evenly spread."""
    if world != "fleet":
        trace = perform(script, world, **options)
        return trace, of_trace(trace)
    count = min(sample, script.clients)
    chosen = [number * script.clients // count for number in range(count)]
    return perform(script, world, clients=chosen), totals(script, world, **options)


def perform_together(scripts: Sequence[Script], **options: Any) -> list[Trace]:
    """The live world with several scripts at the same time, side by side in one system."""
    traces: list[Trace] = import_module(WORLDS["live"]).perform_many(scripts, **options)
    return traces
