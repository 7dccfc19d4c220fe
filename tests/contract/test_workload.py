"""Workloads (DESIGN.md section 5; W1, W3, W4)."""

from pathlib import Path

import pytest

from sim.contract.wire import is_terminal
from sim.contract.workload import Event, Workload, generated_types, read_recorded

HEADER = "run_id,at_s,type,node_id\n"


@pytest.mark.parametrize("count", [1, 2, 10])
def test_the_last_generated_event_ends_the_run_and_no_other_does(count: int) -> None:
    types = [event_type for event_type, _ in generated_types(count)]
    assert [is_terminal(event_type) for event_type in types] == [False] * (count - 1) + [True]
    assert types[-1] == "workflow_completed"


def test_no_event_is_generated_where_none_is_asked_for() -> None:
    assert generated_types(0) == ()


def test_generated_nodes_have_names_of_their_own() -> None:
    nodes = [node for _, node in generated_types(10)]
    assert len(set(nodes[:-1])) == 9
    assert nodes[-1] is None


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ({}, 0),
        ({"events": [{"at_s": 1.0, "type": "x"}]}, 1),
        ({"even": {"count": 4, "every_s": 1.0}}, 4),
        ({"poisson": {"count": 5, "mean_gap_s": 1.0}}, 5),
        ({"recorded": {"file": "a.csv"}}, None),
        ({"other_events": [{"at_s": 1.0, "type": "x"}]}, 0),
    ],
)
def test_the_number_of_events_is_known_unless_a_file_decides(table: dict[str, object], count: int | None) -> None:
    assert Workload.model_validate(table).event_count() == count


def test_recorded_runs_come_in_the_order_of_their_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(HEADER + "b,2.0,x,\na,1.0,y,n\nb,2.0,z,\n", encoding="utf-8")
    assert read_recorded(str(path)) == [
        [Event(at_s=2.0, type="x"), Event(at_s=2.0, type="z")],
        [Event(at_s=1.0, type="y", node_id="n")],
    ]


def test_a_recorded_file_may_quote_its_fields_and_end_its_lines_as_windows_does(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes((HEADER + '"a","1.0","x","n, ""1"""\n').replace("\n", "\r\n").encode())
    assert read_recorded(str(path)) == [[Event(at_s=1.0, type="x", node_id='n, "1"')]]
