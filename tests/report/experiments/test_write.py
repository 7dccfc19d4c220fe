import importlib.util
import json
from pathlib import Path

import pytest

from sim.contract.errors import ServiceError
from sim.report.experiments import figures, write
from sim.report.experiments.tables import HEADLINES

from .made import sweep, tuning


def test_a_sweep_leaves_its_tables_and_its_figure_twice_alike(tmp_path: Path) -> None:
    write.sweep(sweep(), HEADLINES, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(first) == [
        "differences.csv",
        "differences.parquet",
        "figure.png",
        "figure.svg",
        "table.csv",
        "table.parquet",
    ]
    write.sweep(sweep(), HEADLINES, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_without_pyarrow_there_is_no_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    write.tuning(tuning(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure.png",
        "figure.svg",
        "recommendation.json",
        "table.csv",
    ]


def test_a_recommendation_is_data_for_programs(tmp_path: Path) -> None:
    write.tuning(tuning(), tmp_path)
    found = json.loads((tmp_path / "recommendation.json").read_text())
    assert found["holds"] is True
    assert found["best"]["point"] == {"client.poll_interval_s": 2}
    assert found["best"]["estimates"]["latency_p99_s"]["value"] == pytest.approx(1.6)
    assert (found["cheaper"]["point"], found["dearer"]["point"]) == (
        {"client.poll_interval_s": 4},
        {"client.poll_interval_s": 1},
    )
    assert found["closest"] is None
    assert found["confirmation"][0]["overlap"] is True
    assert found["advice"][0].startswith("Take client.poll_interval_s = 2")
    write.tuning(tuning(bound=0.5), tmp_path)
    found = json.loads((tmp_path / "recommendation.json").read_text())
    assert (found["best"], found["closest"]["point"]) == (None, {"client.poll_interval_s": 1})


def test_what_fails_on_the_way_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(figures, "sweep", full)
    with pytest.raises(ServiceError, match=r"cannot be written \(No space left on device\)$"):
        write.sweep(sweep(), HEADLINES, tmp_path)
    assert list(tmp_path.iterdir()) == []
