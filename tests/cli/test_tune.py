import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, found

pytestmark = pytest.mark.usefixtures("touched_figures")

SMALL = ("tuning", "--clients", "50", "--replications", "3", "--workers", "1", "--confirm", "20")
OVER = ("--over", "client.poll_interval_s=1,2,4,8")


def test_a_search_prints_its_candidates_and_its_advice_and_leaves_a_run_folder(
    fanout_sim: Command, tmp_path: Path
) -> None:
    ended = fanout_sim("tune", *SMALL, *OVER, "--slo", "latency_mean_s<=5", "--out", "a")
    assert (ended.status, ended.err) == (0, "")
    assert "Take client.poll_interval_s = 8: polls_per_s_mean " in ended.out
    assert "Confirmed by the model on 10 x 20 clients" in ended.out
    assert found(tmp_path / "a") == [
        "figure.png",
        "figure.svg",
        "provenance.json",
        "recommendation.json",
        "replications.jsonl",
        "table.csv",
        "table.parquet",
    ]
    assert json.loads((tmp_path / "a" / "recommendation.json").read_text())["holds"] is True


def test_where_no_candidate_keeps_the_slos_the_closest_is_named_and_the_status_is_1(
    fanout_sim: Command, tmp_path: Path
) -> None:
    ended = fanout_sim("tune", *SMALL, *OVER, "--slo", "latency_p99_s<=0.01", "--out", "a")
    assert (ended.status, ended.err) == (1, "")
    assert "None of 4 candidates keeps latency_p99_s <= 0.01; the closest is client.poll_interval_s = 1 " in ended.out
    assert json.loads((tmp_path / "a" / "recommendation.json").read_text())["holds"] is False


def test_json_is_the_recommendation_and_nothing_else_and_the_status_stays(fanout_sim: Command, tmp_path: Path) -> None:
    for folder, bound, status in (("a", 5, 0), ("b", 0.01, 1)):
        slo = f"latency_mean_s<={bound}"
        ended = fanout_sim("tune", *SMALL, *OVER, "--slo", slo, "--out", folder, "--json")
        assert (ended.status, ended.err) == (status, "")
        written = json.loads((tmp_path / folder / "recommendation.json").read_text())
        assert json.loads(ended.out) == written | {"folder": folder}


def test_by_default_it_searches_the_poll_interval_below_runs(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("tune", *SMALL, "--slo", "latency_p99_s<=2", "--minimise", "polls_per_s")
    assert ended.status == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("tune-")
    assert "Why: latency_p99_s <= 2 binds." in ended.out


def test_a_search_goes_on_in_its_folder_to_the_same_answer(fanout_sim: Command, tmp_path: Path) -> None:
    command = ("tune", *SMALL, *OVER, "--slo", "latency_p99_s<=3")
    first = fanout_sim(*command, "--out", "a")
    record = tmp_path / "a" / "replications.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole[: len(whole) // 2])
    assert fanout_sim(*command, "--resume", "a") == first
    assert record.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--slo", "p99<2"), "there is no measure 'p99'; they are poll_requests, polls_failed,"),
        (("--slo", "2"), "--slo '2' must be MEASURE<=NUMBER or MEASURE>=NUMBER, such as latency_p99_s<=2"),
        (("--slo", "age_mean_s<=2", "--minimise", "cost"), "there is no measure 'cost'; "),
        ((), "missing option '--slo'"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    fanout_sim: Command, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = fanout_sim("tune", *SMALL, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"fanout-sim: {sentence}")
    assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
