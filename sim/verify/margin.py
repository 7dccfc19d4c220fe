"""The live margin: how far a time on real sockets may lie from the scripted one."""

from sim.contract.trace import Trace

LIVE_MARGIN_S = 0.25
"""Seconds; `make margin` measures what it rests on, docs/live-margin.md shows the result."""


def margin_of(*traces: Trace) -> float:
    """The margin in seconds within which these traces' times are compared: none without a live one."""
    return LIVE_MARGIN_S if any(trace.world == "live" for trace in traces) else 0.0


def starved(margin_s: float, *traces: Trace) -> bool:
    """Whether the machine alone may have moved times beyond the margin, so that a difference decides nothing.

    That is where a live world waited for a processor for more than half the margin within one second: what a poll
    waits for passes through four turns of one loop, and each poll hands its delay to the next.
    """
    return any(trace.starved_s > margin_s / 2 for trace in traces if trace.world == "live")
