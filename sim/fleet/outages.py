"""Outages: the rows of what befalls the servers (B14)."""

from sim.contract.script import Script
from sim.contract.trace import Row


def outage_rows(script: Script) -> list[Row]:
    """In order: at one instant what ends comes before what begins, and Redis before the fanout server."""
    servers = (("redis-outage", script.redis_outages), ("fanout-restart", script.fanout_outages))
    rows = []
    for fault, outages in servers:
        for outage in outages:
            rows += [(outage.until_us, -1, "outage_ended", -1, fault), (outage.from_us, -1, "outage_began", -1, fault)]
    within = [row for row in rows if row[0] <= script.horizon_us]
    return sorted(within, key=lambda row: (row[0], row[2] == "outage_began"))
