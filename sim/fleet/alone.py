"""Alone: the kernel's entry for clients that meet nowhere, one after the other in the same memory."""

from numba import boolean, from_dtype, int64, void

from sim.fleet.compiled import entry
from sim.fleet.kernel import advance, begin
from sim.fleet.layout import CLIENT, FLEET
from sim.fleet.memory import local

_client = local(CLIENT)


@entry(void(from_dtype(FLEET)[::1], int64, int64, int64, boolean))
def perform_alone(fleet, number, row, rows, recorded):
    """Perform so many clients from this number on, whose draws begin at this row."""
    x = fleet[0]
    c = _client()
    for k in range(rows):
        begin(x, c, number + k, row + k, 0)
        c.recorded = recorded
        advance(x, c)
