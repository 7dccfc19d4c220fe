"""Passage: what passes between a client and the servers, and what reaches nobody (L5, L7, R4, R5)."""

from sim.fleet.compiled import inlined
from sim.fleet.memory import at, byte


@inlined
def passing_us(x, c, time_us):
    """When that passes which would pass at this time: then, or when no partition holds it up any more (L7)."""
    if c.held_up:
        windows = x.partition_windows
        moved = True
        while moved:
            moved = False
            for k in range(windows.rows):
                if byte(x.partitioned, c.row, k) and at(windows, k, 0) <= time_us < at(windows, k, 1):
                    time_us = at(windows, k, 1)
                    moved = True
    return time_us


@inlined
def refused(x, c, now):
    """Whether an attempt that starts now fails: in a refused window, or without a server (L5, F9)."""
    if c.stops > 0 and now < at(x.stops, c.stops - 1, 1):
        return True
    windows = x.refused_windows
    for k in range(windows.rows):
        if byte(x.refused, c.row, k) and at(windows, k, 0) <= now < at(windows, k, 1):
            return True
    return False


@inlined
def unheard(x, now):
    """Why a message published now reaches nobody, -1 where the fanout server hears it."""
    windows = x.unheard
    for k in range(windows.rows):
        if at(windows, k, 0) <= now < at(windows, k, 1):
            return at(windows, k, 2)
    return -1


@inlined
def window_fate(x, c, now):
    """What a poll sent now meets by a window: the first in the file that holds decides (B8); 0 for none."""
    windows = x.poll_windows
    for k in range(windows.rows):
        if byte(x.poll_window, c.row, k) and at(windows, k, 0) <= now < at(windows, k, 1):
            return at(windows, k, 2)
    return 0
