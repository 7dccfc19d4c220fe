"""Totals of a trace, as the fleet gives them for performances without one."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from sim.contract.totals import Totals
from sim.contract.trace import Trace
from sim.measure.metrics import latencies_us, measure


def totals(trace: Trace) -> Totals:
    """What a trace comes to; its script must be known."""
    script = trace.script
    assert script is not None, "a performed trace knows its script"
    late = Counter(latencies_us(trace.rows, trace.rows))
    seconds = script.horizon_us // 1_000_000 + 1

    def per_s(kind: str) -> npt.NDArray[np.int64]:
        times_s = [row[0] // 1_000_000 for row in trace.rows if row[2] == kind]
        return np.bincount(np.array(times_s, np.int64), minlength=seconds)

    return Totals(
        world=trace.world or "",
        clients=script.clients,
        named=measure(trace),
        latencies_s=np.array(sorted(late)) / 1e6,
        shown=np.array([late[us] for us in sorted(late)], np.int64),
        polls_per_s=per_s("poll_sent"),
        openings_per_s=per_s("websocket_opened"),
        messages_per_s=per_s("message_received"),
    )
