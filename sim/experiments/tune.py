"""Tune: the search for the point with the least of a measure among those that keep all SLOs."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from sim.contract.errors import InputError
from sim.contract.progress import Progress, part
from sim.contract.scenario import Scenario
from sim.experiments import closed_form
from sim.experiments.confirm import confirm, why_not
from sim.experiments.executor import executor
from sim.experiments.grid import Over, points
from sim.experiments.names import measure_name
from sim.experiments.point import world_for
from sim.experiments.provenance import provenance
from sim.experiments.replace import replaced
from sim.experiments.sampler import Sampler
from sim.experiments.slo import Slo
from sim.experiments.stopping import Stopping
from sim.experiments.store import kept
from sim.experiments.tuning import REQUESTS, Tuning

INTERVAL = "client.poll_interval_s"
INTERVALS_S = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0)
"""Where the search for an interval begins."""

PER_S = 20
"""An interval is found to one part in so many of a second."""

CONFIRM_CLIENTS = 1_000

REPLICATIONS = 5
"""Enough for an interval, since each is a mean over many clients already; a search has many points."""


def tune(
    scenario: Scenario,
    slos: Sequence[Slo],
    minimise: str = REQUESTS,
    over: Over | None = None,
    *,
    world: str | None = None,
    seed: int = 0,
    replications: int = REPLICATIONS,
    confirm_clients: int = CONFIRM_CLIENTS,
    workers: int | None = 1,
    dask: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Tuning:
    """Search for the point with the least of a measure among those that keep all SLOs; raises InputError.

    over: the candidates, as `sweep` takes them; by default the poll interval from 0.25 s to 15 s, and then closer and
        closer between the best and its neighbour that would be cheaper and breaks an SLO.
    confirm_clients: with how many clients the model performs the answer, on other draws; 0 for not at all.
    The rest is as `sweep` has it.
    """
    if not slos:
        raise InputError("a search needs an SLO, such as latency_p99_s<=2; without one the least is not to ask at all")
    minimised = measure_name(minimise)
    stopping = Stopping(replications, replications)
    grid = points({INTERVAL: INTERVALS_S} if over is None else over)
    world = world_for([replaced(scenario, point) for point in grid], world)
    made = provenance(
        scenario,
        kind="tune",
        over=over,
        slos=[str(slo) for slo in slos],
        minimise=minimised,
        world=world,
        seed=seed,
        stopping=asdict(stopping),
        confirm_clients=confirm_clients,
    )
    with executor(workers, dask) as run, kept(folder, made) as record:
        sampler = Sampler(scenario, world, seed, stopping, run, record)
        samples = tuple(sampler.sample(grid, part(progress, 0.0, 0.7)))
        found = Tuning(scenario, world, seed, tuple(slos), minimised, samples)
        if over is None:
            found = _refined(found, sampler, part(progress, 0.7, 0.9))
        return _confirmed(found, sampler, confirm_clients, part(progress, 0.9, 1.0))


def _refined(found: Tuning, sampler: Sampler, progress: Progress | None) -> Tuning:
    """With the gap halved, again and again, between the best and its neighbour that is cheaper and breaks an SLO."""
    left = 1.0
    while (middle := _middle(found)) is not None:
        more = sampler.sample([{INTERVAL: middle}])
        found = replace(found, samples=tuple(sorted((*found.samples, *more), key=lambda one: one.point[INTERVAL])))
        left /= 2
        if progress:
            progress(1 - left)
    return found


def _middle(found: Tuning) -> float | None:
    """The interval between the best and that neighbour; None where there is none, or nothing lies between."""
    if found.best is None or found.cheaper is None or abs(found.best - found.cheaper) != 1:
        return None
    low, high = sorted(round(found.samples[number].point[INTERVAL] * PER_S) for number in (found.best, found.cheaper))
    return (low + high) // 2 / PER_S if high - low > 1 else None


def _confirmed(found: Tuning, sampler: Sampler, clients: int, progress: Progress | None) -> Tuning:
    """With what theory and the model say to the best, where they have something to say."""
    if found.best is None:
        return found
    best = found.samples[found.best]
    scenario = replaced(found.scenario, best.point)
    expected = ((name, closed_form.expected(scenario, name)) for name in found.measures)
    found = replace(found, expected={name: value for name, value in expected if value is not None})
    clients = min(clients, best.clients)
    if not clients:
        return replace(found, unconfirmed="it was not asked to")
    reason = why_not(scenario, found.world, clients)
    if reason is not None:
        return replace(found, unconfirmed=reason)
    confirmation = confirm(
        found.scenario,
        best,
        found.measures,
        clients=clients,
        seed=found.seed + sampler.stopping.most,
        run=sampler.run,
        record=sampler.record,
        progress=progress,
    )
    return replace(found, confirmation=confirmation)
