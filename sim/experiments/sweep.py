"""Sweep: a scenario at every point of a grid, each replicated under the same seeds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.experiments.executor import executor
from sim.experiments.grid import Over, points
from sim.experiments.point import world_for
from sim.experiments.provenance import provenance
from sim.experiments.replace import is_base, replaced
from sim.experiments.sample import Sample
from sim.experiments.sampler import Sampler
from sim.experiments.stopping import Stopping
from sim.experiments.store import kept
from sim.measure.statistics import Estimate


@dataclass(frozen=True)
class Sweep:
    """A sample of each point of a grid, in the grid's order.

    base: the number of the point that the others are compared with: the scenario as it is where the grid holds it,
        else the first.
    """

    scenario: Scenario
    over: Over
    world: str
    seed: int
    stopping: Stopping
    samples: tuple[Sample, ...]
    base: int

    def values(self, measure: str) -> list[Estimate | None]:
        """The measure at each point, with its interval."""
        return [sample.estimate(measure) for sample in self.samples]

    def differences(self, measure: str) -> list[Estimate | None]:
        """By how much it is larger at each point than at the base, over the same seeds."""
        return [sample.difference(self.samples[self.base], measure) for sample in self.samples]


def sweep(
    scenario: Scenario,
    over: Over,
    *,
    world: str | None = None,
    seed: int = 0,
    replications: int | None = None,
    half_widths: Mapping[str, float] | None = None,
    workers: int | None = 1,
    dask: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Perform the scenario at every point of a grid; raises InputError.

    over: values, as TOML gives them, for each dotted key of the scenario that is varied.
    world: `fleet`, `model` or `virtual`; by default the fleet where it can perform all points, else the model.
    seed: of the first replication; the others take those after it.
    replications: how many of each point. half_widths: instead, half the width of the interval that is aimed at, by
        measure, in its unit (`Stopping`).
    workers: how many processes; None: one per CPU. Their number changes no result.
    dask: the address of a cluster's scheduler, in place of processes.
    folder: where replications are kept as they are done; a sweep that was interrupted there goes on.
    """
    stopping = Stopping.chosen(replications, half_widths)
    grid = points(over)
    scenarios = [replaced(scenario, point) for point in grid]
    world = world_for(scenarios, world)
    made = provenance(scenario, kind="sweep", over=over, world=world, seed=seed, stopping=asdict(stopping))
    with executor(workers, dask) as run, kept(folder, made) as record:
        samples = Sampler(scenario, world, seed, stopping, run, record).sample(grid, progress)
    base = next((number for number, point in enumerate(grid) if is_base(scenario, point)), 0)
    return Sweep(scenario, over, world, seed, stopping, tuple(samples), base)
