"""Together: the kernel's entry for clients that meet in the orchestrator's queue (O5), and nowhere else.

Each client steps on by itself to where its request is at the orchestrator, and waits there for its turn: what the
earliest of all requests meets is certain, since whatever comes later in time cannot change it. What comes of it lets
that client step on, to its next request, which is later. So the queue is exact, and each client's trace is.
"""

import heapq

import numpy as np
from numba import from_dtype, int64, uint8, void

from sim.contract.draws import NEVER
from sim.fleet import codes
from sim.fleet.compiled import entry, inlined
from sim.fleet.kernel import AT_REQUEST, ENDED, advance, begin
from sim.fleet.layout import CLIENT, FLEET
from sim.fleet.memory import at
from sim.fleet.poll import AFTER_SERVICE, finish
from sim.fleet.queue import QUEUE, take


@inlined
def _step_on(x, c, requests):
    """Until the client's request is at the orchestrator, or it ends; one given up on its way is served all the same."""
    while True:
        why = advance(x, c)
        if why == ENDED:
            return
        heapq.heappush(requests, (c.request_us, np.int64(c.rank), np.int64(c.number), np.int64(c.polls - 1)))
        if why == AT_REQUEST:
            return
        c.request_us = NEVER


@entry(
    void(from_dtype(FLEET)[::1], from_dtype(CLIENT)[::1], from_dtype(QUEUE)[::1], int64[::1], int64[:, ::1], uint8[::1])
)
def perform_together(fleet, clients, queue, workers_us, line, recorded):
    """Perform all clients, each recorded or not. workers_us: when each worker is free; line: room for who waits."""
    x, q = fleet[0], queue[0]
    free = [(workers_us[k], np.int64(-1)) for k in range(len(workers_us))]
    requests = [(np.int64(0), np.int64(0), np.int64(0), np.int64(0)) for _ in range(0)]
    begun = np.int64(0)
    while begun < len(clients) or len(requests) > 0:
        if begun < len(clients):
            number = begun
            c = clients[number]
            begin(x, c, number, number, number)
            c.recorded = recorded[number]
            begun += 1
        else:
            now, rank, number, poll = heapq.heappop(requests)
            if now > x.horizon_us:
                return
            services_us = x.poll_service_us
            service_us = at(services_us, number, poll % services_us.columns)
            fate, leaves_us = take(x, q, free, line, now, max(rank - AFTER_SERVICE, -1), service_us)
            c = clients[number]
            if c.request_us == NEVER or c.polls - 1 != poll:
                continue
            c.request_us = NEVER
            if fate == codes.ANSWER and leaves_us >= c.limit_us:  # done in class 8, after the limit's turn (B17)
                fate = codes.EXPIRY
            c.served_us = leaves_us if fate == codes.ANSWER else -1
            c.served = q.served - 1
            finish(x, c, fate, leaves_us)
            if c.finish_us == c.served_us:
                c.late_us, c.finish_us = c.finish_us, NEVER
        _step_on(x, c, requests)
