"""What the report tells: the orchestrator's queue by workers, the hub by clients, and herds by jitter."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.contract.progress import Progress, part
from sim.contract.script import realize
from sim.contract.totals import Totals
from sim.experiments.herd import HANDSHAKE_US, Case, herd
from sim.experiments.replace import replaced
from sim.measure.hub import Hub, hub
from sim.measure.statistics import Estimate, mean
from sim.scenarios import catalog
from sim.theory import queue as theory
from sim.worlds import hub_arrivals, totals

QUEUE, HUB, HERD = "slow-orchestrator", "random-gaps", "deploy-herd"
"""The shipped scenarios that are varied."""

WORKERS = (2, 3, 4, 5, 6, 8)
SERVICE_S = 0.05
"""The mean time of a worker in QUEUE."""

REPLICATIONS = 20

HUB_CLIENTS = (25_000, 50_000, 100_000, 150_000, 200_000)
OPENING_S = 60
"""The hub's clients open within so long, and have ten events each from then on."""

HERDS = (10_000, 100_000)
OF_JITTER = {"none": HERD, "equal": f"{HERD}-equal-jitter", "full": f"{HERD}-full-jitter"}


@dataclass(frozen=True, slots=True)
class Workers:
    """The queue with so many workers, over REPLICATIONS performances.

    asked_per_s: requests per second if nobody had to wait, of which theory speaks. utilisation: asked for, by theory.
    turned_away, wait_p99_s: as performed. turned_away_expected, wait_p99_expected_s: by theory, which knows no wait in
        an overload (None).
    """

    workers: int
    asked_per_s: float
    utilisation: float
    turned_away: Estimate
    wait_p99_s: Estimate
    turned_away_expected: float
    wait_p99_expected_s: float | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """The same seed gives the same.

    queues: by number of workers. hubs: one process, by number of clients. herds: by clients and jitter.
    polls: totals of the largest herd, by jitter.
    """

    seed: int
    queues: tuple[Workers, ...]
    hubs: dict[int, Hub]
    herds: tuple[Case, ...]
    polls: dict[str, Totals]


def gather(seed: int = 0, progress: Progress | None = None) -> Capacity:
    """Perform all of it, in some twenty seconds."""
    queues = tuple(_queues(seed, part(progress, 0.0, 0.2)))
    hubs = dict(_hubs(seed, part(progress, 0.2, 0.5)))
    herds = tuple(herd(catalog.load(HERD), HERDS, seed=seed, progress=part(progress, 0.5, 1.0)))
    polls = {
        f"jitter {jitter}": totals(realize(catalog.load(name).override(count=HERDS[-1]), seed))
        for jitter, name in OF_JITTER.items()
    }
    if progress:
        progress(1.0)
    return Capacity(seed, queues, hubs, herds, polls)


def _queues(seed: int, progress: Progress | None) -> Iterator[Workers]:
    scenario = catalog.load(QUEUE)
    asked_per_s = scenario.client.count / scenario.policy.poll_interval_s
    for number, workers in enumerate(WORKERS, start=1):
        changed = replaced(scenario, {"orchestrator.workers": workers})
        away, waits_s = [], []
        for replication in range(REPLICATIONS):
            found = totals(realize(changed, seed + replication)).queue
            assert found is not None, "its requests wait for workers"
            away.append(found.turned_away_share)
            waits_s.append(found.wait_s(0.99) or 0.0)
        busy = theory.utilisation(asked_per_s, SERVICE_S, workers)
        yield Workers(
            workers,
            asked_per_s,
            busy,
            mean(away),
            mean(waits_s),
            theory.turned_away_share(asked_per_s, SERVICE_S, workers),
            theory.wait_quantile_s(asked_per_s, SERVICE_S, workers, 0.99) if busy < 1 else None,
        )
        if progress:
            progress(number / len(WORKERS))


def _hubs(seed: int, progress: Progress | None) -> Iterator[tuple[int, Hub]]:
    point = {"client.start_s": {"uniform": [0, OPENING_S]}, "horizon_s": OPENING_S + 90.0}
    scenario = replaced(catalog.load(HUB), point)
    for number, clients in enumerate(HUB_CLIENTS, start=1):
        arrivals = hub_arrivals(realize(scenario.override(count=clients), seed))
        yield clients, hub(arrivals, handshake_us=HANDSHAKE_US)
        if progress:
            progress(number / len(HUB_CLIENTS))
