"""Arrivals: the fanout hub's work over all clients.

Connections and messages do not depend on what comes of polls (C5: the WebSocket stays open), so that the
orchestrator's queue can be left out here, and each client performed alone.
"""

import numpy as np

from sim.contract.arrivals import Arrivals
from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.fleet.arrays import Arrays
from sim.fleet.limits import check_performable


def hub_arrivals(script: Script, *, progress: Progress | None = None) -> Arrivals:
    """Each opening of a WebSocket, and each message published to a connection that the server has, to the microsecond.

    At one instant handshakes come first, as in section 3. Eight bytes are kept for each.
    Raises CannotPerform as `run.perform` does.
    """
    check_performable(script)
    from sim.fleet.alone import perform_alone

    arrays, found = Arrays(script), []
    arrays.memory["queued"] = 0
    for block in arrays.each_block(script, progress):
        keys = None
        while keys is None:
            perform_alone(arrays.memory, block.first, 0, len(block.start_us), False)
            keys = arrays.take_arrivals()
        found.append(keys)
    keys = np.concatenate(found)
    keys.sort()
    return Arrivals(keys >> 1, (keys & 1).astype(np.bool_), script.horizon_us)
