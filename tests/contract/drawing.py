"""Small scenarios that draw one thing each, or everything, for the tests of scripts."""

from pathlib import Path

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import ClientScript, Script

RECORDED = Path(__file__).parent.parent / "corpus" / "valid" / "recorded.csv"
SEEDS = st.integers(0, 2**64)

DRAWN: dict[str, dict[str, object]] = {
    "start": {"client": {"start_s": {"uniform": [0, 4]}}},
    "poisson": {"workload": {"poisson": {"count": 3, "mean_gap_s": 2.0}}},
    "connect": {"websocket": {"connect_s": {"exponential": {"mean": 1.0}}}},
    "message latency": {"websocket": {"latency_s": {"lognormal": {"median": 0.1, "p99": 1.0}}}},
    "reconnect": {"client": {"reconnect": "fixed", "jitter": "full"}},
    "poll latency": {"polling": {"latency_s": {"uniform": [0, 1]}}},
    "poll jitter": {"client": {"poll_jitter": 0.5}},
    "poll service": {"orchestrator": {"workers": 1, "service_s": {"uniform": [0, 1]}}},
    "message-lost": {"fault": [{"kind": "message-lost", "probability": 0.5}]},
    "burst": {"fault": [{"kind": "message-lost", "burst": {"enter": 0.3, "leave": 0.3}}]},
    "half-open": {"fault": [{"kind": "connection-lost", "between_s": [0, 10], "manner": "half-open"}]},
    "connection-lost": {"fault": [{"kind": "connection-lost", "between_s": [0, 10]}]},
    "poll-failed": {"fault": [{"kind": "poll-failed", "probability": 0.5}]},
}
"""Scenarios that draw one thing each, on top of `NOTHING_DRAWN`."""

NOTHING_DRAWN: dict[str, object] = {
    "title": "t",
    "horizon_s": 20.0,
    "client": {"count": 20},
    "workload": {"even": {"count": 3, "every_s": 1.0}, "other_events": [{"at_s": 1.0, "type": "x"}]},
}


def scenario(**tables: object) -> Scenario:
    """`NOTHING_DRAWN` with these tables in place of its own; a client keeps the count."""
    if isinstance(tables.get("client"), dict):
        tables["client"] = {"count": 20} | tables["client"]  # type: ignore[operator]
    return Scenario.from_dict(NOTHING_DRAWN | tables)


def every_draw(count: int = 20) -> Scenario:
    """A scenario that draws everything there is to draw."""
    tables: dict[str, object] = {"fault": []}
    for table in DRAWN.values():
        for key, value in table.items():
            known = tables.get(key)
            tables[key] = known + value if isinstance(known, list) else (known or {}) | value  # type: ignore[operator]
    tables["workload"] |= {"other_events": [{"at_s": 1.0, "type": "x"}]}  # type: ignore[operator]
    tables["client"] |= {"count": count}  # type: ignore[operator]
    return scenario(**tables)


def text(script: Script) -> str:
    return "".join(script.json_lines())


def clients(script: Script) -> list[ClientScript]:
    return list(script.all_clients())
