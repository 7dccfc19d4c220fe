"""What a client of the fleet does where random scenarios seldom show it."""

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.scenarios import catalog
from tests.fleet.test_run import agree


def test_a_heartbeat_that_tells_of_less_than_is_held_back_asks_again() -> None:
    """P5, P7: a partition lets an event pass before an older heartbeat, while the poll that it asked for is sent."""
    table = catalog.load("cursor-heartbeat").to_dict() | {"title": "an older heartbeat", "horizon_s": 39.0, "claim": []}
    table["client"] = {"policy": "hybrid-cursor", "poll_interval_s": 30.0, "poll_jitter": 0.0}
    table["workload"] = {"events": [{"at_s": at_s, "type": "node_completed"} for at_s in (20.5, 21.0)]}
    table["orchestrator"] = {"heartbeat_s": 20.0}
    table["polling"] = {"latency_s": 3.0}
    table["fault"] = [{"kind": "message-lost", "event": 0}, {"kind": "partition", "at_s": 19.5, "for_s": 2.5}]
    agree(realize(Scenario.from_dict(table)))
