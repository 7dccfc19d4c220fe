"""Totals: what a performance comes to, all clients together, where a trace of each would be too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Value = int | float | None
"""A count, a number, or None where there is no such thing, such as a latency where nothing was shown."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all clients of one performance.

    world: which performed it. clients: how many.
    named: the measures by the names of section 7.
    latencies_s, shown: latencies from emission to first shown, ascending, and how many events had each; the fleet keeps
        those that differ by less than 1/256 as one, their mean.
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
    queue: Any = None

    def measures(self) -> dict[str, Value]:
        """The measures by name, as `sim.measure` gives them for a trace."""
        return dict(self.named)
