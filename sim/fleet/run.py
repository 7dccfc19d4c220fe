"""Performs a script in the fleet: the traces of chosen clients, or the totals of any number of them."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from sim.contract.draws import BLOCK
from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.contract.totals import Totals
from sim.contract.trace import Row, Trace
from sim.fleet.arrays import Arrays
from sim.fleet.layout import CLIENT, Array
from sim.fleet.limits import check_clients, check_performable
from sim.fleet.outages import outage_rows
from sim.fleet.sums import totals_of


def perform(script: Script, *, clients: Iterable[int] | None = None, progress: Progress | None = None) -> Trace:
    """The trace of a script, or of these of its clients; each client's rows are those that the model gives for it.

    Raises CannotPerform for the document's listings and for slow readers.
    """
    check_performable(script)
    chosen = range(script.clients) if clients is None else sorted(set(clients))
    check_clients(script, chosen)
    rows: list[Row] = outage_rows(script)
    rows += _rows_together(script, chosen) if _meet(script) else _rows_alone(script, chosen, progress)
    return Trace(rows, world="fleet", script=script)


def total(script: Script, *, progress: Progress | None = None) -> Totals:
    """What all clients of a script come to together.

    Memory does not grow with their number, unless they meet in the orchestrator's queue.
    Raises CannotPerform as `perform` does.
    """
    check_performable(script)
    if _meet(script):
        arrays = Arrays(script, script.clients)
        return totals_of(script, arrays, _perform_together(script, arrays, ()))
    from sim.fleet.alone import perform_alone

    arrays = Arrays(script)
    for block in arrays.each_block(script, progress):
        perform_alone(arrays.memory, block.first, 0, len(block.start_us), False)
    return totals_of(script, arrays)


def _meet(script: Script) -> bool:
    """Whether clients meet: in the orchestrator's queue, and nowhere else (B11)."""
    return script.scenario.orchestrator.workers > 0


def _rows_alone(script: Script, chosen: Sequence[int], progress: Progress | None) -> Iterator[Row]:
    from sim.fleet.alone import perform_alone

    arrays = Arrays(script)
    for done, number in enumerate(chosen, start=1):
        block = script.block(number // BLOCK)
        arrays.draw(block)
        perform_alone(arrays.memory, number, number - block.first, 1, True)
        if arrays.made_room():
            perform_alone(arrays.memory, number, number - block.first, 1, True)
        yield from arrays.take_rows()
        if progress:
            progress(done / len(chosen))


def _rows_together(script: Script, chosen: Sequence[int]) -> Iterable[Row]:
    arrays = Arrays(script, script.clients)
    _perform_together(script, arrays, chosen)
    if arrays.made_room():
        _perform_together(script, arrays, chosen)
    return arrays.take_rows()


def _perform_together(script: Script, arrays: Arrays, recorded: Sequence[int]) -> Array:
    """Perform all clients, these recorded; what the queue has counted."""
    from sim.fleet.queue import QUEUE
    from sim.fleet.together import perform_together

    queue, chosen = np.zeros(1, QUEUE), np.zeros(script.clients, np.uint8)
    queue["limit"] = limit = script.scenario.orchestrator.queue_limit
    chosen[list(recorded)] = 1
    free_us = np.full(script.scenario.orchestrator.workers, -1, np.int64)
    arrays.draw_all(script)
    perform_together(
        arrays.memory, np.zeros(script.clients, CLIENT), queue, free_us, np.empty((limit, 2), np.int64), chosen
    )
    return queue
