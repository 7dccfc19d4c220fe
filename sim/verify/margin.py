"""The live margin: how far a time on real sockets may lie from the scripted one."""

from sim.contract.trace import Trace

LIVE_MARGIN_S = 0.25
"""Seconds; `make margin` measures what it rests on, docs/live-margin.md shows the result."""


def margin_of(*traces: Trace) -> float:
    """The margin in seconds within which these traces' times are compared: none without a live one."""
    return LIVE_MARGIN_S if any(trace.world == "live" for trace in traces) else 0.0


LOOP_TURNS = 4
"""A poll waits for the loop at the client, the proxy, the orchestrator and the proxy again: four stalls can add up."""


def starved(margin_s: float, *traces: Trace) -> bool:
    """Whether the machine alone may have moved times beyond the margin, so that a difference decides nothing."""
    return any(trace.starved_s * LOOP_TURNS > margin_s for trace in traces if trace.world == "live")
