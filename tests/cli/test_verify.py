import json
from pathlib import Path

import pytest

from sim.report import render
from sim.verify import suite
from tests.cli.conftest import Command


def test_verify_ends_with_0_where_all_is_as_expected(fanout_sim: Command, drop: str, contradicted: str) -> None:
    ended = fanout_sim("verify", drop, contradicted, "--worlds", "model")
    assert (ended.status, ended.err) == (0, "")
    assert "2 scenarios: 3 of 3 claims as expected" in ended.out
    assert "contradicted (as expected)" in ended.out
    assert 'contradicted: "Result: | 2 polling requests": 1 + 0 = 1' in ended.out


def test_verify_ends_with_1_where_a_verdict_is_unexpected(fanout_sim: Command, wrong: str) -> None:
    ended = fanout_sim("verify", wrong, "--worlds", "model")
    assert ended.status == 1
    assert "contradicted (UNEXPECTED)" in ended.out
    assert "1 of 2 claims as expected" in ended.out


def test_the_run_folder_is_named_by_the_time_and_complete(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    ended = fanout_sim("verify", drop, "--worlds", "model")
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("verify-20")
    assert f"report: runs/{folder.name}/report.md" in ended.out
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == [
        "drop",
        "drop/model.jsonl",
        "drop/script.jsonl",
        "drop/timeline.png",
        "drop/timeline.svg",
        "report.md",
        "verdict.json",
    ]


def test_json_prints_what_verdict_json_holds(fanout_sim: Command, wrong: str, tmp_path: Path) -> None:
    ended = fanout_sim("verify", wrong, "--worlds", "model", "--out", "deep/er", "--json")
    assert ended.status == 1
    assert ended.out == (tmp_path / "deep/er/verdict.json").read_text()
    verdict = json.loads(ended.out)
    assert (verdict["seed"], verdict["worlds"], verdict["as_expected"]) == (0, ["model"], False)
    (scenario,) = verdict["scenarios"]
    assert (scenario["name"], scenario["as_expected"], scenario["agreements"]) == ("wrong", False, [])
    assert scenario["claims"][1] == {
        "says": "Result: | 2 polling requests",
        "documented": "poll_requests 2",
        "expected": "holds",
        "because": None,
        "ours": False,
        "judgements": {"model": {"measured": "1", "verdict": "contradicted"}},
    }


def test_an_empty_folder_is_filled_and_stays_the_same_folder(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    before = out.stat().st_ino
    assert fanout_sim("verify", drop, "--worlds", "model", "--out", "out").status == 0
    assert out.stat().st_ino == before
    assert sorted(path.name for path in out.iterdir()) == ["drop", "report.md", "verdict.json"]


@pytest.mark.parametrize("module", [suite, render])
@pytest.mark.parametrize("out", [[], ["--out", "new/run"], ["--out", "empty"]])
def test_an_interrupted_verify_leaves_nothing_behind(
    fanout_sim: Command, drop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, out: list[str]
) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "verify" if module is suite else "report", interrupted)
    (tmp_path / "empty").mkdir()
    assert fanout_sim("verify", drop, "--worlds", "model", *out) == (130, "", "fanout-sim: interrupted\n")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == ["drop.toml", "empty"]


def test_a_run_that_cannot_be_written_is_said_in_one_sentence_that_names_its_folder(
    fanout_sim: Command, drop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(render, "report", full)
    ended = fanout_sim("verify", drop, "--worlds", "model", "--out", "out")
    sentence = f"fanout-sim: {tmp_path / 'out'}: cannot be written (No space left on device)\n"
    assert ended == (2, "", sentence)
    assert not (tmp_path / "out").exists()


@pytest.mark.live
def test_verify_holds_two_worlds_against_each_other(fanout_sim: Command, tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(
        'title = "short"\nhorizon_s = 2.0\n'
        '[workload]\nevents = [{ at_s = 1.0, type = "workflow_completed" }]\n'
        '[[claim]]\nsays = "one"\nmeasure = "messages_received"\nequals = 1\n'
    )
    ended = fanout_sim("verify", "short.toml", "--out", "out", "--json")
    (scenario,) = json.loads(ended.out)["scenarios"]
    assert scenario["claims"][0]["judgements"].keys() == {"model", "live"}
    assert (scenario["agreements"][0]["first"], scenario["agreements"][0]["second"]) == ("model", "live")
    assert (tmp_path / "out/short/live.jsonl").exists()
