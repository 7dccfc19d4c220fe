"""Totals: what a performance comes to, all clients together, where a trace of each would be too much."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Value = int | float | None
"""A count, a number, or None where there is no such thing, such as a latency where nothing was shown."""

QUANTILES = {"latency_p50_s": 0.5, "latency_p95_s": 0.95, "latency_p99_s": 0.99}
"""Measures that are quantiles, and of which share."""

RESOLUTION = 1 / 256
"""Latencies and waits that differ by less than this share of them may be kept as one, their mean."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What the orchestrator's queue came to (O5).

    offered, turned_away: requests that arrived, and those of them that were answered with 503.
    utilisation: share of the workers' time until the horizon that what they have taken needs; more than 1 where they
        end later.
    waits_s, waited: waits for a worker, ascending, and how many requests had each, as `Totals.latencies_s`.
    offered_per_s, turned_away_per_s: (seconds,) requests that arrived in [k, k + 1) s.
    longest_wait_s: (seconds,) the longest wait of those that arrived in [k, k + 1) s.
    """

    offered: int
    turned_away: int
    utilisation: float
    waits_s: npt.NDArray[np.float64]
    waited: npt.NDArray[np.int64]
    offered_per_s: npt.NDArray[np.int64]
    turned_away_per_s: npt.NDArray[np.int64]
    longest_wait_s: npt.NDArray[np.float64]

    @property
    def turned_away_share(self) -> float:
        """Of the requests that arrived, those answered with 503; 0 where none arrived."""
        return self.turned_away / self.offered if self.offered else 0.0

    @property
    def last_wait_at_s(self) -> int | None:
        """The last second in which a request arrived that had to wait or was turned away; None where none did."""
        busy = np.flatnonzero((self.longest_wait_s > 0) | (self.turned_away_per_s > 0))
        return int(busy[-1]) if len(busy) else None

    def wait_s(self, share: float) -> float | None:
        """The wait within which this share of the requests that were served had a worker; None where none were."""
        return weighted_quantile(self.waits_s, self.waited, share)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all clients of one performance.

    world: which performed it. clients: how many.
    named: the measures by the names of section 7.
    latencies_s, shown: latencies from emission to first shown, ascending, and how many events had each; the fleet keeps
        them to within RESOLUTION.
    polls_per_s, openings_per_s, messages_per_s: (seconds,) polls sent, WebSockets opened, messages received in
        [k, k + 1) s.
    queue: what the orchestrator's queue came to, None where requests do not wait (O5).
    """

    world: str
    clients: int
    named: Mapping[str, Value]
    latencies_s: npt.NDArray[np.float64]
    shown: npt.NDArray[np.int64]
    polls_per_s: npt.NDArray[np.int64]
    openings_per_s: npt.NDArray[np.int64]
    messages_per_s: npt.NDArray[np.int64]
    queue: Queue | None = None

    def latency_s(self, share: float) -> float | None:
        """The latency that this share of the events shown did not exceed; None where none were."""
        return weighted_quantile(self.latencies_s, self.shown, share)

    def measures(self) -> dict[str, Value]:
        """The measures by name, as `sim.measure` gives them for a trace."""
        return dict(self.named)


def weighted_quantile(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], share: float) -> float | None:
    """The quantile of ascending values, each as often as counted, interpolated as numpy.quantile does."""
    count = int(counts.sum())
    if not count:
        return None
    rank = share * (count - 1)
    upto = np.cumsum(counts)
    low, high = values[np.searchsorted(upto, [int(rank), int(np.ceil(rank))], side="right")].tolist()
    return float(low + (high - low) * (rank - int(rank)))
