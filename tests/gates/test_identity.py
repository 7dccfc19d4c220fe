from pathlib import Path

import pytest

from sim.contract.scenario import Scenario
from sim.gates.identity import changes, described
from tests.gates.small import DROPPED


def test_a_scenario_is_not_changed_by_words_claims_or_gates() -> None:
    words = {
        "title": "other",
        "source": "elsewhere",
        "gate": [{"measure": "poll_requests", "below": 2}],
        "claim": [{"says": "s", "measure": "poll_requests", "below": 2}],
    }
    assert described(Scenario.from_dict(DROPPED | words)) == described(Scenario.from_dict(DROPPED))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"horizon_s": 13.0}, "horizon_s was 12.0 and is 13.0"),
        ({"polling": {"latency_s": 0.1}}, "polling.latency_s was 0.0 and is 0.1"),
        ({"fault": [{"kind": "message-lost", "event": 0}]}, "fault[0].event was 1 and is 0"),
        ({"websocket": {"latency_s": {"uniform": [0, 1]}}}, "websocket.latency_s was 0.0 and is not there"),
    ],
)
def test_every_key_that_decides_is_named_with_what_it_was_and_is(table: dict[str, object], told: str) -> None:
    was, now = (described(Scenario.from_dict(DROPPED | more)) for more in ({}, table))
    assert changes(was, now)[0] == told
    assert changes(now, now) == []


def test_recorded_runs_count_by_what_their_file_holds_not_by_where_it_lies(tmp_path: Path) -> None:
    rows = "run_id,at_s,type,node_id\nr,1.0,workflow_completed,\n"
    found = []
    for name, content in (("a", rows), ("b", rows), ("c", rows.replace("1.0", "2.0"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "runs.csv").write_text(content)
        text = 'title = "t"\nhorizon_s = 3.0\n[workload]\nrecorded = { file = "runs.csv" }\npayload_bytes = 9\n'
        (tmp_path / name / "s.toml").write_text(text)
        found.append(described(Scenario.from_file(tmp_path / name / "s.toml")))
    assert changes(found[0], found[1]) == []
    assert found[0]["workload.payload_bytes"] == 9
    (change,) = changes(found[0], found[2])
    assert change.startswith("workload.recorded.sha256 was ")
