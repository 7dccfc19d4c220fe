import json
from pathlib import Path
from typing import Any

import pytest

from sim.contract.errors import InputError
from sim.gates import baseline
from sim.gates.check import check
from tests.gates.small import DRAWN, DROPPED, EMPTY, placed


def written(tmp_path: Path, data: Any) -> Path:
    path = tmp_path / "baseline.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def one_recorded() -> dict[str, Any]:
    return baseline.recorded(check([placed(DROPPED, "poll_requests", below=2)]))


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    checked = check(
        [
            placed(DRAWN, "messages_lost", replications=3, above=-1),
            placed(DRAWN, "latency_max_s", within_s=[0, 20], below=99),
        ],
        seed=5,
    )
    read = baseline.read(written(tmp_path, baseline.recorded(checked)))
    assert read.series == tuple(one.series for one in baseline.watched(checked))
    assert [(one.seed, len(one.values)) for one in read.series] == [(5, 3), (5, 1)]


def test_gates_on_one_measure_are_recorded_once_with_the_most_runs() -> None:
    gates = [placed(DRAWN, "messages_lost", replications=n, above=-1) for n in (1, 3, 2)]
    (one,) = baseline.watched(check(gates))
    assert len(one.series.values) == 3


def test_gates_on_one_measure_are_compared_with_the_smallest_margin() -> None:
    margins: list[dict[str, Any]] = [{"margin_s": 0.5}, {}, {"margin_s": 1.0}]
    gates = [placed(DRAWN, "latency_p50_s", world="fleet", predicted="model", **keys) for keys in margins]
    (one,) = baseline.watched(check(gates))
    assert one.margin == 0


def test_a_run_that_shows_nothing_is_not_recorded() -> None:
    gates = [placed(DROPPED, "poll_requests", below=9), placed(EMPTY, "poll_requests", below=9)]
    with pytest.raises(InputError, match=r"^poll_requests of empty in model shows nothing: .*; nothing is recorded$"):
        baseline.recorded(check(gates))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("no JSON", "no baseline, which is JSON; fanout-sim gate --record writes one"),
        ("[" * 100_000, "no baseline, which is JSON"),
        ("[]", "no baseline of this version of fanout-sim; record it again"),
        ("{}", "no baseline of this version of fanout-sim; record it again"),
        ({"format": 2}, "no baseline of this version of fanout-sim; record it again"),
        ({"format": 1}, "version: is required"),
        ({"format": 1, "version": "1", "scenarios": {}, "series": []}, "series: "),
        ({"format": 1, "version": "1", "scenarios": {}, "series": [], "more": 1}, "more: unknown key"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_one_sentence(tmp_path: Path, data: Any, part: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(InputError) as refused:
        baseline.read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("values", [], "series[0].values: "),
        ("values", ["1"], "series[0].values[0]"),
        ("values", [float("nan")], "series[0].values[0]"),
        ("seed", -1, "series[0].seed: must not be negative, but is -1"),
        ("world", "moon", "series[0].world: must be one of"),
        ("scenario", "other", "series[0].scenario: 'other' is not among its scenarios"),
        ("within_s", [2, 1], "series[0].within_s: "),
    ],
)
def test_a_baseline_with_a_wrong_value_is_refused(tmp_path: Path, key: str, value: Any, part: str) -> None:
    data = one_recorded()
    data["series"][0][key] = value
    with pytest.raises(InputError) as refused:
        baseline.read(written(tmp_path, data))
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_baseline_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json: cannot be read \(No such file or directory\)"):
        baseline.read(tmp_path / "gone.json")
