"""Infrastructure: the rows of client -1, which tell of the servers' outages (B14)."""

from collections.abc import Sequence

from sim.contract.script import Script
from sim.contract.trace import Row
from sim.verify.expected import Broken, Wanted, pairs, pairs_by_kind, told

INFRASTRUCTURE = -1
"""The client that stands for the servers."""

FAULTS = ("redis-outage", "fanout-restart")


def outage_rows(script: Script) -> list[Wanted]:
    """The rows that are due: at one instant what is back before what goes, and Redis before the fanout server."""
    edges = [
        (time_us, turn, rank, f"outage_{'began' if turn else 'ended'}")
        for rank, windows in enumerate((script.redis_outages, script.fanout_outages))
        for from_us, until_us, *_ in windows
        for time_us, turn in ((from_us, 2), (until_us, 0))
        if time_us <= script.horizon_us
    ]
    return [(time_us, kind, -1, FAULTS[rank]) for time_us, _, rank, kind in sorted(edges)]


def outages_broken(rows: Sequence[Row], script: Script | None, margin_us: int) -> Broken:
    """Where these rows are not those of the script; without one, where they are not outages that begin and end."""
    if script is None:
        yield from _unpaired(rows)
        return
    judge = pairs_by_kind if margin_us else pairs  # within a margin the order of close ones is not judged
    yield from judge(outage_rows(script), rows, margin_us)


def _unpaired(rows: Sequence[Row]) -> Broken:
    away: set[str] = set()
    for row in rows:
        time_us, _, kind, event, detail = row
        if kind not in ("outage_began", "outage_ended") or event >= 0 or detail not in FAULTS:
            yield time_us, f"{told(row)} is no outage of a server"
        elif (kind == "outage_began") == (detail in away):
            yield time_us, f"{told(row)}, though it is {'away' if detail in away else 'there'}"
        else:
            away ^= {detail}
