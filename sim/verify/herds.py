"""Herds: instants at which so much befalls so many that one process cannot keep up live (docs/live-margin.md)."""

from collections import Counter
from functools import lru_cache

import numpy as np

from sim.contract.draws import BLOCK, NEVER
from sim.contract.script import Script

HERD_US_PER_CLIENT = 1_000
"""Microseconds that the one process of all live clients takes at least for a close or a handshake."""


@lru_cache(maxsize=16)
def herds_us(script: Script, margin_us: int) -> tuple[int, ...]:
    """When more clients start, lose their connection or leave a partition than can be served within the margin."""
    most = margin_us // HERD_US_PER_CLIENT
    if script.clients <= most:
        return ()
    befallen: Counter[int] = Counter({outage.from_us: script.clients for outage in script.fanout_outages})
    for number in range((script.clients + BLOCK - 1) // BLOCK):
        block = script.block(number)
        for times_us in (block.start_us, *block.connection_lost_us.T):
            befallen.update(dict(zip(*(a.tolist() for a in np.unique(times_us, return_counts=True)), strict=True)))
        for window, hit in zip(script.partition_windows, block.partitioned.T, strict=True):
            befallen[window.until_us] += int(hit.sum())
    return tuple(sorted(time_us for time_us, clients in befallen.items() if clients > most and time_us != NEVER))
