from pathlib import Path

import pytest

import sim
from sim.contract.errors import InputError
from sim.experiments.grid import Over
from sim.experiments.sweep import sweep

from .small import INTERVAL, SCENARIO

OVER: Over = {"client.policy": ["polling-only", "hybrid"], INTERVAL: [2, 4]}


def test_a_sweep_has_a_sample_of_every_point_in_the_grids_order() -> None:
    found = sim.sweep(SCENARIO, OVER, replications=3)
    assert [tuple(sample.point.values()) for sample in found.samples] == [
        ("polling-only", 2),
        ("polling-only", 4),
        ("hybrid", 2),
        ("hybrid", 4),
    ]
    assert [sample.count for sample in found.samples] == [3] * 4
    assert found.values("age_mean_s") == [sample.estimate("age_mean_s") for sample in found.samples]


def test_points_are_compared_with_the_scenario_as_it_is_else_with_the_first() -> None:
    found = sweep(SCENARIO, OVER, replications=2)
    assert found.base == 3
    (*others, own) = found.differences("poll_requests")
    assert own is not None
    assert (own.value, own.low, own.high) == (0, 0, 0)
    assert all(other is not None and other.value > 0 for other in others)
    assert sweep(SCENARIO, {INTERVAL: [2, 8]}, replications=2).base == 0


def test_half_widths_are_reached_where_the_cap_allows_it() -> None:
    found = sweep(SCENARIO, {INTERVAL: [2, 8]}, half_widths={"age_mean_s": 0.1})
    for estimate in found.values("age_mean_s"):
        assert estimate is not None
        assert (estimate.high - estimate.low) / 2 <= 0.1
    assert max(sample.count for sample in found.samples) > 10


def test_a_shorter_half_width_needs_more_replications() -> None:
    counts = [
        sweep(SCENARIO, {}, half_widths={"age_mean_s": half_width}).samples[0].count for half_width in (0.5, 0.1, 0.05)
    ]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_a_folder_makes_a_sweep_go_on_and_changes_no_number(tmp_path: Path) -> None:
    expected = sweep(SCENARIO, OVER, replications=3)
    assert sweep(SCENARIO, OVER, replications=3, folder=tmp_path / "a") == expected
    record = tmp_path / "a" / "replications.jsonl"
    lines = record.read_text().splitlines(keepends=True)
    assert len(lines) == 12
    record.write_text("".join(lines[:5]) + lines[5][:20])
    assert sweep(SCENARIO, OVER, replications=3, folder=tmp_path / "a") == expected
    assert record.read_text() == "".join(lines)


def test_bad_input_leaves_no_folder(tmp_path: Path) -> None:
    bad: list[Over] = [{INTERVAL: [2, -1]}, {"client.x": [1]}, {INTERVAL: []}]
    for over in bad:
        with pytest.raises(InputError):
            sweep(SCENARIO, over, folder=tmp_path / "a")
    with pytest.raises(InputError):
        sweep(SCENARIO, {}, world="live", folder=tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
