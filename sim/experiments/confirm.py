"""Confirmation: what one world predicts for many clients, performed by the model for fewer, on other draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.totals import QUANTILES, RESOLUTION
from sim.experiments.executor import Run
from sim.experiments.grid import Point
from sim.experiments.sample import Sample
from sim.experiments.sampler import Sampler
from sim.experiments.stopping import Stopping
from sim.experiments.store import Record
from sim.measure.statistics import Estimate

OF_ALL_CLIENTS = (
    "poll_requests",
    "polls_failed",
    "polls_per_s_mean",
    "messages_received",
    "messages_lost",
    "events_lost",
    "events_repeated",
    "events_erased",
    "bytes_websocket",
    "bytes_http",
    "reconnects",
)
"""Measures that are sums over clients, and are compared per client."""

OF_THE_EXTREME = ("latency_max_s", "polls_per_s_peak")
"""Measures that more clients make larger in no known proportion: a sample says nothing of them."""

_ROUNDING = 1e-9
"""The share by which equal numbers may differ once they were divided by numbers of clients."""

REPLICATIONS = 10

TOGETHER = 0.999
"""The confidence of all intervals together, so that one in a thousand true predictions is contradicted by chance."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure in both worlds.

    per_client: whether both are divided by their number of clients.
    """

    measure: str
    per_client: bool
    predicted: Estimate
    sampled: Estimate

    @property
    def overlap(self) -> bool:
        """Whether the intervals have a value in common, but for what the numbers are not exact by."""
        margin = (RESOLUTION if self.measure in QUANTILES else _ROUNDING) * abs(self.predicted.value)
        return self.predicted.low - margin <= self.sampled.high and self.sampled.low <= self.predicted.high + margin


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the model says to a prediction, by measure."""

    sample: Sample
    compared: tuple[Compared, ...]

    @property
    def confirms(self) -> bool:
        """Whether all intervals overlap."""
        return all(one.overlap for one in self.compared)


def why_not(scenario: Scenario, world: str, clients: int) -> str | None:
    """Why a sample of so many clients would say nothing, None where it does."""
    if world == "model":
        return "the model itself performed it"
    if scenario.orchestrator.workers:
        return "all clients share the orchestrator's workers, so that fewer of them are no sample"
    slow = [client for fault in scenario.faults if fault.kind == "slow-reader" for client in fault.clients]
    if max(slow, default=-1) >= clients:
        return f"client {max(slow)}, a slow reader, is not among the first {clients:,}"
    return None


def confirm(
    scenario: Scenario,
    predicted: Sample,
    measures: Sequence[str],
    *,
    clients: int,
    seed: int,
    run: Run,
    record: Record,
    progress: Progress | None = None,
) -> Confirmation:
    """Perform the sample's point in the model with so many clients.

    scenario: that of the search. seed: of the first of REPLICATIONS, beyond all that the search has seen.
    """
    few = scenario.override(count=clients)
    stopping = Stopping(REPLICATIONS, REPLICATIONS)
    point: Point = {key: value for key, value in predicted.point.items() if key != "client.count"}
    (sampled,) = Sampler(few, "model", seed, stopping, run, record).sample([point], progress)
    telling = [name for name in measures if name not in OF_THE_EXTREME]
    each = 1 - (1 - TOGETHER) / max(len(telling), 1)  # Bonferroni's inequality
    compared = [_compared(name, predicted, sampled, each) for name in telling]
    return Confirmation(sampled, tuple(one for one in compared if one is not None))


def _compared(name: str, predicted: Sample, sampled: Sample, confidence: float) -> Compared | None:
    first, second = predicted.estimate(name, confidence), sampled.estimate(name, confidence)
    if first is None or second is None:
        return None
    per_client = name in OF_ALL_CLIENTS
    if per_client:
        first, second = first / predicted.clients, second / sampled.clients
    return Compared(name, per_client, first, second)
