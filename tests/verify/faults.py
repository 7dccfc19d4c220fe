"""Short words for scenarios in which much is lost or delayed."""

from typing import Any

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from tests.model.telling import scenario

Table = dict[str, Any]


def script(*args: Any, fanout: Table | None = None, orchestrator: Table | None = None, **kwargs: Any) -> Script:
    """The script of `telling.scenario(...)` with these tables of the servers."""
    table = scenario(*args, **kwargs).to_dict()
    return realize(Scenario.from_dict(table | {"fanout": fanout or {}, "orchestrator": orchestrator or {}}))


def half_open(at_s: float) -> Table:
    """The connection goes silent (L6)."""
    return {"kind": "connection-lost", "manner": "half-open", "at_s": float(at_s)}


def restart(at_s: float, for_s: float, manner: str = "graceful") -> Table:
    """The fanout server is away (F8)."""
    return {"kind": "fanout-restart", "manner": manner, "at_s": float(at_s), "for_s": float(for_s)}


def redis_outage(at_s: float, for_s: float) -> Table:
    """Redis is away (R4)."""
    return {"kind": "redis-outage", "at_s": float(at_s), "for_s": float(for_s)}


def partition(at_s: float, for_s: float) -> Table:
    """Nothing passes between clients and servers (L7)."""
    return {"kind": "partition", "at_s": float(at_s), "for_s": float(for_s)}


def slow_reader(bytes_per_s: float) -> Table:
    """Client 0 reads slowly (L9)."""
    return {"kind": "slow-reader", "clients": [0], "bytes_per_s": float(bytes_per_s)}
