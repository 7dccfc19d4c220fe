"""Queue: the orchestrator's workers before all clients at once (O4, O5).

Requests come in the order of time, and first come is first served. So it is known as a request arrives when a worker
takes it and when that ends, whatever comes after it: no event of its own is needed.
"""

import heapq

import numpy as np

from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.layout import SECOND_US
from sim.fleet.memory import add, at, put
from sim.fleet.record import bin_of

QUEUE = np.dtype(
    [(name, np.int64) for name in ("limit", "first", "last", "offered", "turned_away", "served", "served_us")]
)
"""limit: how many may wait. first, last: where in the line of those who wait it begins, and ends.

offered, turned_away, served: requests. served_us: time of workers that those taken need.
"""


@inlined
def _past(time_us, service, now, after):
    """Whether a worker that ends this service then has ended it."""
    return time_us < now or (time_us == now and service <= after)


@inlined
def take(x, q, free, line, now, after, service_us):
    """A request arrives: what comes of it, and when that leaves.

    free: a heap of when each worker has done all that it has been given, and the number of its last service. line: in a
    ring, when those who wait are taken, and after which service. after: the service of this instant after which the
    request comes, -1 for none: workers are done in class 8, requests arrive in class 5.
    """
    second = now // SECOND_US
    q.offered += 1
    add(x.offered, 0, second, 1)
    room = len(line)
    while q.first < q.last and _past(line[q.first % room, 0], line[q.first % room, 1], now, after):
        q.first += 1
    starts_us, before = free[0]
    if _past(starts_us, before, now, after):
        starts_us = now
    else:
        if q.last - q.first >= q.limit:
            q.turned_away += 1
            add(x.turned_away, 0, second, 1)
            return codes.OVERLOAD, now
        line[q.last % room, 0] = starts_us
        line[q.last % room, 1] = before
        q.last += 1
    heapq.heapreplace(free, (starts_us + service_us, q.served))
    q.served += 1
    waited_us = starts_us - now
    q.served_us += service_us
    place = bin_of(waited_us)
    add(x.waits, 0, place, 1)
    add(x.wait_sums_us, 0, place, waited_us)
    put(x.longest_waits_us, 0, second, max(at(x.longest_waits_us, 0, second), waited_us))
    return codes.ANSWER, starts_us + service_us
