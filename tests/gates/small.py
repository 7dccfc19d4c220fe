"""Small scenarios and gates for these tests."""

from typing import Any

from sim.contract.gate import Gate
from sim.contract.scenario import Scenario
from sim.gates.load import Placed

DROPPED: dict[str, Any] = {
    "title": "dropped",
    "horizon_s": 12.0,
    "workload": {
        "events": [
            {"at_s": 1.0, "type": "node_completed"},
            {"at_s": 2.0, "type": "node_completed"},
            {"at_s": 8.0, "type": "workflow_completed"},
        ]
    },
    "fault": [{"kind": "message-lost", "event": 1}],
}
"""One client; its poll, an interval after the first event, shows the second."""

DRAWN: dict[str, Any] = {
    "title": "drawn",
    "horizon_s": 30.0,
    "client": {"count": 5},
    "workload": {"poisson": {"count": 5, "mean_gap_s": 3.0}},
    "fault": [{"kind": "message-lost", "probability": 0.3}],
}
"""Another outcome under each seed."""

EMPTY: dict[str, Any] = {"title": "empty", "horizon_s": 1.0}
"""Nothing is emitted and nobody polls within a second."""


def placed(table: dict[str, Any], measure: str, *, interval_s: float = 4.0, **keys: Any) -> Placed:
    """A gate on this scenario, whose clients poll that often."""
    scenario = Scenario.from_dict(table).override(poll_interval_s=interval_s)
    return Placed("gates.toml", 0, scenario.title, scenario, Gate(measure=measure, **keys))
