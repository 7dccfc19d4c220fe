"""A small scenario, and places to perform it that count or pretend."""

from collections.abc import Callable, Iterator, Sequence

from sim.contract.claim import MEASURES
from sim.contract.scenario import Scenario
from sim.experiments.point import Measures, Task, performed
from sim.experiments.sample import Sample

INTERVAL = "client.poll_interval_s"

SCENARIO = Scenario.from_dict(
    {
        "title": "Some messages are lost",
        "horizon_s": 40.0,
        "client": {"count": 30},
        "workload": {"poisson": {"count": 6, "mean_gap_s": 3.0}},
        "fault": [{"kind": "message-lost", "probability": 0.2}],
    }
)


class Counting:
    """Performs tasks here and remembers them; stops short after so many, as Ctrl-C does."""

    def __init__(self, most: int | None = None, perform: Callable[[Task], Measures] = performed) -> None:
        self.tasks: list[Task] = []
        self.most = most
        self.perform = perform

    def __call__(self, tasks: Sequence[Task]) -> Iterator[Measures]:
        for task in tasks:
            if self.most is not None and len(self.tasks) >= self.most:
                raise KeyboardInterrupt
            self.tasks.append(task)
            yield self.perform(task)


def measures(**given: float | None) -> Measures:
    """All measures, 0 where nothing is given."""
    return dict.fromkeys(MEASURES, 0.0) | given


def sample(point: dict[str, object] | None = None, clients: int = 10, **numbers: Sequence[float | None]) -> Sample:
    """A sample with these numbers, one per replication, of these measures."""
    replications = [measures(**dict(zip(numbers, some, strict=True))) for some in zip(*numbers.values(), strict=True)]
    return Sample(point or {}, clients, replications)
