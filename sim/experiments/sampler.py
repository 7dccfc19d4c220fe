"""Sampler: performs points under shared seeds until each has enough replications."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.contract.progress import Progress, part
from sim.contract.scenario import Scenario
from sim.experiments.executor import Run
from sim.experiments.grid import Point
from sim.experiments.point import Measures, Task
from sim.experiments.replace import replaced
from sim.experiments.sample import Sample
from sim.experiments.stopping import Stopping
from sim.experiments.store import Record


@dataclass
class Sampler:
    """How points of a scenario are sampled.

    seed: of the first replication of every point; those after it take seed + 1, seed + 2, ...: the streams of a
        script are addressed by name, so that points under one seed share every draw that both make.
    record: what is done already, which is not performed again.
    """

    scenario: Scenario
    world: str
    seed: int
    stopping: Stopping
    run: Run
    record: Record = field(default_factory=Record)

    def sample(self, points: Sequence[Point], progress: Progress | None = None) -> list[Sample]:
        """A sample of each point, in their order; what it holds hangs neither on the executor nor on interruptions."""
        scenarios = [replaced(self.scenario, point) for point in points]
        counts = [self.stopping.fewest] * len(points)
        begin = 0.0
        while True:
            end = begin + (1 - begin) / 2 if self.stopping.half_widths else 1.0
            samples = self._performed(points, scenarios, counts, part(progress, begin, end))
            wanted = [self.stopping.wanted(sample) for sample in samples]
            if wanted == counts:
                return samples
            counts, begin = wanted, end

    def _performed(
        self, points: Sequence[Point], scenarios: Sequence[Scenario], counts: Sequence[int], progress: Progress | None
    ) -> list[Sample]:
        """A sample of so many replications of each point."""
        tasks = [
            [Task(scenario, self.seed + number, self.world) for number in range(count)]
            for scenario, count in zip(scenarios, counts, strict=True)
        ]
        of_points = list(zip(points, tasks, strict=True))
        missing = [(point, task) for point, some in of_points for task in some if self.record.get(point, task) is None]
        performed = self.run([task for _, task in missing])
        for number, ((point, task), measures) in enumerate(zip(missing, performed, strict=True), start=1):
            self.record.add(point, task, measures)
            if progress:
                progress(number / len(missing))
        return [Sample(point, some[0].scenario.client.count, self._measures(point, some)) for point, some in of_points]

    def _measures(self, point: Point, tasks: Sequence[Task]) -> list[Measures]:
        return [measures for task in tasks if (measures := self.record.get(point, task)) is not None]
