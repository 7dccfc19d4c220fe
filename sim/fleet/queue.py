"""Queue: the orchestrator's workers before all clients at once (O4, O5).

Requests come in the order of time, and first come is first served. So it is known as a request arrives when a worker
takes it and when that ends, whatever comes after it: no event of its own is needed.
"""

import heapq

import numpy as np

from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.memory import add, at, put
from sim.fleet.record import SECOND_US, bin_of

QUEUE = np.dtype(
    [(name, np.int64) for name in ("limit", "first", "last", "offered", "turned_away", "served_us", "longest_us")]
)
"""limit: how many may wait. first, last: where in the line of those who wait it begins, and ends.

offered, turned_away: requests. served_us: time of workers that those taken need. longest_us: the longest wait.
"""


@inlined
def take(x, q, free_us, line_us, now, service_us):
    """A request arrives: what comes of it, and when that leaves.

    free_us: a heap of when each worker has done all that it has been given. line_us: when those who wait, and those
    before them, are taken, in a ring.
    A worker that is done in this instant (class 8) is not free for a request that arrives in it (class 5).
    """
    second = now // SECOND_US
    q.offered += 1
    add(x.offered, 0, second, 1)
    room = len(line_us)
    while q.first < q.last and line_us[q.first % room] < now:
        q.first += 1
    starts_us = now
    if free_us[0] >= now:
        if q.last - q.first >= q.limit:
            q.turned_away += 1
            add(x.turned_away, 0, second, 1)
            return codes.OVERLOAD, now
        starts_us = free_us[0]
        line_us[q.last % room] = starts_us
        q.last += 1
    heapq.heapreplace(free_us, starts_us + service_us)
    waited_us = starts_us - now
    q.served_us += service_us
    q.longest_us = max(q.longest_us, waited_us)
    add(x.waits, 0, bin_of(waited_us), 1)
    add(x.wait_sums_us, 0, bin_of(waited_us), waited_us)
    put(x.longest_waits_us, 0, second, max(at(x.longest_waits_us, 0, second), waited_us))
    return codes.ANSWER, starts_us + service_us
