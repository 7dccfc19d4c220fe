"""Random scenarios in which nothing but a client's own events and polls happens, so that most messages meet calm."""

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.verify.generate import scenarios
from tests.dense import dense

REFINED = ("gap_poll", "final_poll", "catch_up_poll", "error_backoff_factor", "error_backoff_max_s", "poll_jitter")


def plain() -> st.SearchStrategy[Scenario]:
    """As the random ones, but without other runs, heartbeats, outages of Redis, sequences and jittered polls."""
    return st.builds(_plain, scenarios() | dense(), st.sampled_from(["hybrid", "hybrid-backoff", "websocket-only"]))


def _plain(scenario: Scenario, policy: str) -> Scenario:
    table = scenario.to_dict()
    table["workload"].pop("other_events", None)
    table.get("orchestrator", {}).pop("heartbeat_s", None)
    dropped = {*REFINED, "poll_at_mount", "retry_after"} if policy == "websocket-only" else REFINED
    client = {key: value for key, value in table["client"].items() if key not in dropped}
    table["client"] = client | {"policy": policy}
    table["fault"] = [fault for fault in table.get("fault", []) if fault["kind"] != "redis-outage"]
    return Scenario.from_dict(table)
