"""Hub: the fanout hub as a queue, first come first served, beside a performance and without feedback.

In the rules the hub takes no time (L1). Here it takes a given time per message and per handshake, and what comes of
that is solved exactly, in whole nanoseconds: by Lindley's recursion (1952) for one server, by that of Kiefer and
Wolfowitz (1955) for several.
"""

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.contract.arrivals import Arrivals

MESSAGE_US = 11.6
"""CPU per message of the reference's hub, measured (DESIGN.md section 11)."""

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hub:
    """What the hub's queue came to.

    messages, handshakes: how many there were.
    utilisation: share of the servers' time until the horizon that the work needs; more than 1 where it ends later.
    waits_ns: (n,) of each until a server takes it, in the order of arrival. message: (n,) whether it is a message.
    largest_backlog: most that were in the hub at once, waiting or in service; at backlog_at_s.
    worked_off_s: from then until the hub had nothing to do.
    """

    messages: int
    handshakes: int
    utilisation: float
    waits_ns: Times
    message: npt.NDArray[np.bool_]
    largest_backlog: int
    backlog_at_s: float
    worked_off_s: float

    def wait_s(self, share: float) -> float | None:
        """The wait that this share of the messages did not exceed; None without messages."""
        return _quantile_s(self.waits_ns[self.message], share)

    def handshake_wait_s(self, share: float) -> float | None:
        """The same of handshakes."""
        return _quantile_s(self.waits_ns[~self.message], share)


def hub(arrivals: Arrivals, *, message_us: float = MESSAGE_US, handshake_us: float, servers: int = 1) -> Hub:
    """Solve the queue of so many servers, each taking these times, to the nanosecond.

    The servers share one line: where each process has connections of its own, waits are longer.
    """
    arrive_ns = arrivals.time_us * 1000
    service_ns = np.where(arrivals.message, round(message_us * 1000), round(handshake_us * 1000))
    leave_ns = _one(arrive_ns, service_ns) if servers == 1 else _several(arrive_ns, service_ns, servers)
    backlog, at_ns, until_ns = _backlog(arrive_ns, leave_ns)
    messages = int(arrivals.message.sum())
    time_ns = servers * arrivals.horizon_us * 1000
    return Hub(
        messages=messages,
        handshakes=len(arrive_ns) - messages,
        utilisation=int(service_ns.sum()) / time_ns if time_ns else 0.0,
        waits_ns=leave_ns - service_ns - arrive_ns,
        message=arrivals.message,
        largest_backlog=backlog,
        backlog_at_s=at_ns / 1e9,
        worked_off_s=(until_ns - at_ns) / 1e9,
    )


def _one(arrive_ns: Times, service_ns: Times) -> Times:
    """Departures: leave_n = max(arrive_n, leave_{n-1}) + service_n, unrolled to a running maximum."""
    done_ns = np.cumsum(service_ns)
    return np.maximum.accumulate(arrive_ns - done_ns + service_ns) + done_ns


def _several(arrive_ns: Times, service_ns: Times, servers: int) -> Times:
    """Departures where each takes the server that is free first."""
    free = [0] * servers
    leave_ns = np.empty_like(arrive_ns)
    for n, (arrive, service) in enumerate(zip(arrive_ns.tolist(), service_ns.tolist(), strict=True)):
        leave = max(arrive, free[0]) + service
        heapq.heapreplace(free, leave)
        leave_ns[n] = leave
    return leave_ns


def _backlog(arrive_ns: Times, leave_ns: Times) -> tuple[int, int, int]:
    """The most in the hub, when that first was, and until when the hub then had something to do."""
    if not len(arrive_ns):
        return 0, 0, 0
    found = np.arange(len(arrive_ns)) - np.searchsorted(np.sort(leave_ns), arrive_ns, side="right")
    found = np.maximum(found, 0)  # what takes no time has left before those that come with it
    peak = int(found.argmax())
    empty = np.flatnonzero(found[peak + 1 :] == 0)
    end = peak + 1 + int(empty[0]) if len(empty) else len(arrive_ns)
    return int(found[peak]) + 1, int(arrive_ns[peak]), int(leave_ns[:end].max())


def _quantile_s(waits_ns: Times, share: float) -> float | None:
    return float(np.quantile(waits_ns, share)) / 1e9 if len(waits_ns) else None
