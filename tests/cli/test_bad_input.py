import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command

BAD = {
    "an unknown command": (["rnu"], "did you mean 'run'"),
    "no command": ([], "missing command"),
    "an unknown option": (["run", "best-case", "--wrold", "x"], "--wrold"),
    "a missing argument": (["run"], "SCENARIO"),
    "an argument too many": (["run", "best-case", "more"], "more"),
    "an unknown scenario": (["run", "best-cas"], "did you mean best-case?"),
    "a folder as scenario": (["run", "."], "cannot be read"),
    "an unknown world": (["run", "best-case", "--world", "moon"], "the worlds are model, live"),
    "an unknown policy": (["run", "best-case", "--policy", "hope"], "must be one of"),
    "no clients": (["run", "best-case", "--clients", "0"], "--clients"),
    "too many clients": (["run", "best-case", "--clients", "1000000000"], "client.count"),
    "a negative seed": (["run", "best-case", "--seed", "-1"], "--seed"),
    "a seed that is no number": (["run", "best-case", "--seed", "one"], "--seed"),
    "two uses of standard output": (["run", "best-case", "--trace", "-", "--json"], "standard output"),
    "a trace into a missing folder": (["run", "best-case", "--trace", "no/where"], "no/where: cannot be written"),
    "a trace onto a folder": (["run", "best-case", "--trace", "."], "cannot be written (Is a directory)"),
    "a Redis for the model": (["run", "best-case", "--redis", "redis://localhost"], "--redis"),
    "an unknown world to verify": (["verify", "best-case", "--worlds", "model,moon"], "'moon'"),
    "an empty world to verify": (["verify", "best-case", "--worlds", "model,"], "''"),
    "a world twice": (["verify", "best-case", "--worlds", "model,model"], "once"),
    "a scenario twice": (["verify", "best-case", "best-case", "--worlds", "model"], "once"),
    "a missing trace": (["compare", "a.jsonl", "b.jsonl"], "a.jsonl: cannot be read"),
    "one trace": (["compare", "a.jsonl"], "missing argument"),
    "a negative margin": (["compare", "a.jsonl", "b.jsonl", "--margin-s", "-1"], "--margin-s"),
    "a port beyond all ports": (["serve", "--api-port", "65536"], "--api-port"),
}


@pytest.mark.parametrize(("arguments", "part"), BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_status_2_and_one_sentence(
    fanout_sim: Command, tmp_path: Path, arguments: list[str], part: str
) -> None:
    ended = fanout_sim(*arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("fanout-sim: ")
    assert ended.err.endswith("\n")
    assert ended.err.count("\n") == 1
    assert part in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_usage_error_names_the_help_that_tells_more(fanout_sim: Command) -> None:
    assert fanout_sim("run", "--wrold").err.endswith("; see fanout-sim run --help\n")


def test_a_malformed_trace_is_named_with_its_line(fanout_sim: Command, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    ended = fanout_sim("compare", "a.jsonl", "a.jsonl")
    assert ended.status == 2
    assert "a.jsonl: line 1" in ended.err


def test_a_run_folder_that_holds_something_is_refused_and_stays_as_it_is(fanout_sim: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("precious")
    ended = fanout_sim("verify", "best-case", "--worlds", "model", "--out", "out")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]


def test_standard_output_that_is_full_is_said_in_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "sim", "run", "best-case", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stderr == b"fanout-sim: standard output cannot be written (No space left on device)\n"
