"""Partitions: when what is held up between a client and the servers passes (L7)."""

from sim.contract.script import ClientScript


def passes_us(me: ClientScript, time_us: int) -> int:
    """When that passes which would pass at this time: at once, or at the end of the partition that holds it up."""
    return next((w.until_us for w in me.partition_windows if w.from_us <= time_us < w.until_us), time_us)
