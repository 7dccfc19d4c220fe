import csv
import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command, found

SMALL = ("herd", "--clients", "200,300")


@pytest.fixture(autouse=True)
def touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures have tests of their own, and take their time."""
    from sim.report.experiments import herd

    monkeypatch.setattr(herd, "figure", lambda _: None)
    monkeypatch.setattr(herd, "save", lambda _, path: path.touch())


def test_herds_are_a_table_with_what_theory_expects_and_leave_a_run_folder(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim(*SMALL, "--out", "a")
    assert (ended.status, ended.err) == (0, "")
    heading, *rows = (re.split(r"\s{2,}", line.strip()) for line in ended.out.splitlines()[:7])
    assert heading[:5] == ["clients", "jitter", "level/s", "peak/s", "in theory"]
    assert [row[:2] for row in rows] == [[n, jitter] for n in ("200", "300") for jitter in ("none", "equal", "full")]
    assert rows[0][3:5] == ["200", "200"]
    assert "150/s: impossible, without jitter all come at once" in ended.out
    assert ended.out.endswith("seconds after the restart; seed 0\nwritten: a/\n")
    assert found(tmp_path / "a") == ["figure.png", "figure.svg", "provenance.json", "requests.csv", "table.csv"]


def test_json_is_one_object_of_all_columns_and_nothing_else(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim(*SMALL, "--out", "a", "--json")
    assert (ended.status, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert (told["seed"], told["folder"]) == (0, str(tmp_path / "a"))
    assert [(case["clients"], case["jitter"]) for case in told["cases"]] == [
        (clients, jitter) for clients in (200, 300) for jitter in ("none", "equal", "full")
    ]
    with (tmp_path / "a" / "table.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for case, row in zip(told["cases"], rows, strict=True):
        assert {name: "" if case[name] is None else str(case[name]) for name in row} == row
    case = told["cases"][0]
    assert max(case["requests_per_s"][case["restart_s"] :]) == case["peak_per_s"] == 200
    assert max(case["expected_per_s"]) == case["expected_peak_per_s"] == pytest.approx(200)


def test_numbers_of_clients_that_are_none_are_one_sentence(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("herd", "--clients", "10,x")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("fanout-sim: --clients '10,x' must be whole numbers from 1")
    assert list(tmp_path.iterdir()) == []
