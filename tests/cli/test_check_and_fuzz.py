import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.verify import fuzz as search
from tests.cli.conftest import Command
from tests.mutants.mutant import planted
from tests.mutants.table import MUTANTS


def test_a_trace_that_keeps_the_rules_holds(fanout_sim: Command, drop: str) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    ended = fanout_sim("check", "a.jsonl", drop)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("holds: 21 rows, ")
    assert ended.out.endswith(" rules\n")


def test_a_trace_that_breaks_rules_gives_one_line_for_each_place(
    fanout_sim: Command, drop: str, tmp_path: Path
) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "b.jsonl").write_text("".join(line for line in lines if "poll_sent" not in line))
    ended = fanout_sim("check", "b.jsonl", drop)
    assert (ended.status, ended.err) == (1, "")
    assert ended.out.splitlines()[0] == (
        "C3: client 0 at 5.000000 s: poll_answered (2) at 5.000000 s, though no poll is in flight"
    )


def test_a_trace_is_checked_against_the_seed_clients_and_policy_that_it_was_run_with(fanout_sim: Command) -> None:
    chosen = ("--seed", "3", "--clients", "2", "--policy", "hybrid-backoff")
    fanout_sim("run", "random-gaps", *chosen, "--trace", "a.jsonl")
    assert fanout_sim("check", "a.jsonl", "random-gaps", *chosen).status == 0
    assert fanout_sim("check", "a.jsonl", "random-gaps", "--seed", "4", *chosen[2:]).status == 1


def test_a_trace_of_real_time_is_checked_within_a_margin(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    text = (tmp_path / "a.jsonl").read_text()
    (tmp_path / "b.jsonl").write_text(text.replace('"time_s": 7.0,', '"time_s": 7.001,'))
    assert fanout_sim("check", "b.jsonl", drop).status == 1
    assert fanout_sim("check", "b.jsonl", drop, "--margin-s", "0.25").status == 0


@pytest.mark.parametrize("arguments", [("none.jsonl", "best-case"), ("bad.jsonl", "best-case"), ("a.jsonl", "none")])
def test_check_refuses_what_it_cannot_read(fanout_sim: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    fanout_sim("run", "best-case", "--trace", "a.jsonl")
    (tmp_path / "bad.jsonl").write_text("{}\n")
    ended = fanout_sim("check", *arguments)
    assert (ended.status, ended.out) == (2, "")


def test_verify_tells_a_broken_rule_and_ends_with_1(fanout_sim: Command, drop: str) -> None:
    (mutant,) = [m for m in MUTANTS if (m.file, m.name) == ("model/client.py", "a message's terminal goes unnoticed")]
    with planted(mutant) as world:
        ended = fanout_sim("verify", drop, "--worlds", world, "--out", "out", "--json")
    verdict = json.loads(ended.out)
    assert (ended.status, verdict["as_expected"]) == (1, False)
    found = verdict["scenarios"][0]["broken_rules"]
    assert [(f["rule"], f["time_s"], f["client"]) for f in found if f["rule"] == "C5, B5"] == [("C5, B5", 7.0, 0)]
    assert "Broken rules:" in Path("out/report.md").read_text()


def test_fuzz_finds_nothing_where_nothing_is_wrong(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("fuzz", "--examples", "40", "--worlds", "model")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("40 examples in ")
    assert "per second, worlds model, seed 0): no disagreement, no broken rule\n" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_fuzz_writes_what_it_finds_and_says_how_to_see_it_again(fanout_sim: Command, tmp_path: Path) -> None:
    (mutant,) = [m for m in MUTANTS if (m.file, m.name) == ("model/client.py", "a failed poll does not re-arm")]
    with planted(mutant) as world:
        ended = fanout_sim("fuzz", "--worlds", f"model,{world}", "--out", "found")
        (file,) = (tmp_path / "found").iterdir()
        assert (ended.status, ended.err) == (1, "")
        assert "model and mutant differ: row " in ended.out
        (replay,) = [line for line in ended.out.splitlines() if line.startswith("replay: fanout-sim ")]
        again = fanout_sim(*replay.split()[2:], "--out", "again")
        assert again.status == 1
        assert "differ: row " in again.out
    assert fanout_sim("run", str(file)).status == 0
    assert fanout_sim("verify", str(file), "--worlds", "model", "--out", "well").status == 0


@pytest.mark.parametrize(
    "arguments",
    [["--examples", "0"], ["--worlds", "live"], ["--worlds", "model,modell"], ["--seconds", "-1"], ["--seed", "-1"]],
)
def test_fuzz_refuses_what_makes_no_search(fanout_sim: Command, arguments: list[str]) -> None:
    ended = fanout_sim("fuzz", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1


def test_an_interrupted_fuzz_says_what_it_did_and_ends_with_130(
    fanout_sim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(search, "judge", interrupted)
    ended = fanout_sim("fuzz", "--worlds", "model")
    assert (ended.status, ended.err) == (130, "fanout-sim: interrupted\n")
    assert "interrupted; until then no disagreement" in ended.out


def test_ctrl_c_ends_fuzz_within_a_moment_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sim", "fuzz", "--seconds", "60", "--worlds", "model"]
    (caches := tmp_path / "caches").mkdir()
    (here := tmp_path / "here").mkdir()
    environment = os.environ | {"TMPDIR": str(caches)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=here, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        while not any(caches.iterdir()):
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "fanout-sim: interrupted\n")
    assert "interrupted; until then no disagreement" in out
    assert [*caches.iterdir(), *here.iterdir()] == []
