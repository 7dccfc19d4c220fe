"""The live margin: how far a time on real sockets may lie from the scripted one."""

from sim.contract.trace import Trace

LIVE_MARGIN_S = 0.25
"""Seconds; `make margin` measures what it rests on, docs/live-margin.md shows the result."""


def margin_of(*traces: Trace) -> float:
    """The margin in seconds within which these traces' times are compared: none without a live one."""
    return LIVE_MARGIN_S if any(trace.world == "live" for trace in traces) else 0.0
