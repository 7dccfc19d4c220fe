import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.contract.claim import MEASURES
from sim.contract.errors import ServiceError
from sim.experiments import executor, stopping
from sim.experiments.point import Measures, Task, performed
from tests.cli.conftest import Command, found

pytestmark = pytest.mark.usefixtures("touched_figures")

SMALL = ("tuning", "--over", "client.poll_interval_s=2:6:2", "--clients", "20", "--replications", "3", "--workers", "1")
FILES = [
    "differences.csv",
    "differences.parquet",
    "figure.png",
    "figure.svg",
    "provenance.json",
    "replications.jsonl",
    "table.csv",
    "table.parquet",
]


def test_a_sweep_prints_its_table_and_leaves_a_run_folder(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("sweep", *SMALL)
    assert (ended.status, ended.err) == (0, "")
    heading, *rows = ended.out.splitlines()[:4]
    assert heading.split()[:3] == ["client.poll_interval_s", "replications", "polls_per_s_mean"]
    assert [row.split()[0] for row in rows] == ["2", "4", "6"]
    assert "the base: client.poll_interval_s = 4" in ended.out
    assert fanout_sim("sweep", *SMALL).status == 0  # perhaps in the same second
    folder, _ = sorted((tmp_path / "runs").iterdir())
    assert ended.out.splitlines()[-1] == f"written: runs/{folder.name}/"
    assert found(folder) == FILES
    assert pd.read_csv(folder / "table.csv")["client.poll_interval_s"].tolist() == [2, 4, 6]
    made = json.loads((folder / "provenance.json").read_text())
    assert (made["kind"], made["seed"], made["world"]) == ("sweep", 0, "fleet")
    assert made["over"] == {"client.poll_interval_s": [2, 4, 6]}
    assert "count = 20" in made["scenario"]
    assert made["command"].startswith("fanout-sim sweep tuning --over")


def test_the_same_command_gives_the_same_tables_and_figures_with_any_number_of_workers(
    fanout_sim: Command, tmp_path: Path
) -> None:
    fanout_sim("sweep", *SMALL, "--out", "one")
    fanout_sim("sweep", *SMALL[:-1], "2", "--out", "two")
    for name in set(FILES) - {"provenance.json"}:  # it holds the command
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_measures_that_are_asked_for_are_printed_and_the_table_holds_all(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("sweep", *SMALL, "--measures", "stale_s,polls_per_s", "--out", "a")
    assert ended.out.split()[2:4] == ["stale_s", "polls_per_s_mean"]
    assert "latency_p99_s" in pd.read_csv(tmp_path / "a" / "table.csv").columns


def test_json_is_one_object_of_all_points_and_measures_and_nothing_else(fanout_sim: Command, tmp_path: Path) -> None:
    ended = fanout_sim("sweep", *SMALL, "--out", "a", "--json")
    assert (ended.status, ended.err) == (0, "")
    told = json.loads(ended.out)
    assert (told["world"], told["seed"], told["base"], told["folder"]) == ("fleet", 0, 1, "a")
    assert [one["point"] for one in told["points"]] == [{"client.poll_interval_s": value} for value in (2, 4, 6)]
    for name, key in (("table", "estimates"), ("differences", "differences")):
        table = pd.read_csv(tmp_path / "a" / f"{name}.csv")
        assert told["points"][2]["estimates"].keys() == set(MEASURES)
        for measure in MEASURES:
            shown = [one[key][measure] or dict.fromkeys(("value", "low", "high"), np.nan) for one in told["points"]]
            for end, column in (("value", measure), ("low", f"{measure}_low"), ("high", f"{measure}_high")):
                assert table[column].to_numpy() == pytest.approx([one[end] for one in shown], nan_ok=True)
    assert all(one["narrow_enough"] and one["replications"] == 3 for one in told["points"])


def test_a_half_width_that_is_not_reached_is_told(fanout_sim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "MOST", 12)
    narrow = (*SMALL[:5], "--workers", "1", "--half-width", "age_mean_s=0.001")
    assert "3 of 3 points are not as narrow as asked for after 12 replications" in fanout_sim("sweep", *narrow).out
    told = json.loads(fanout_sim("sweep", *narrow, "--json").out)
    assert [one["narrow_enough"] for one in told["points"]] == [False] * 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--over", "client.poll=1"), "client.poll: unknown key; did you mean polls?"),
        (("--over", "client.count=a"), "client.count: must be a whole number, not 'a'"),
        (("--over", "k=1:2"), "--over k=1:2: a range is first:last:step, such as 1:15:1"),
        (("--measures", "latency"), "there is no measure 'latency'; did you mean latency_p99_s?"),
        (("--half-width", "age_mean_s"), "--half-width 'age_mean_s' must be MEASURE=VALUE, such as latency_p99_s=0.1"),
        (("--half-width", "age_mean_s=1"), "give a number of replications or half-widths, not both"),
        (("--world", "live"), "world live gives other numbers each time; choose fleet, model, virtual"),
        (("--dask", "tcp://127.0.0.1:1"), "--dask names a cluster, which has its own workers; leave out --workers"),
        (("--resume", "nowhere"), "nowhere: there is no such folder to go on in"),
        (("--resume", ".", "--out", "a"), "--resume names the folder; leave out --out"),
        (("--out", "drop.toml"), "drop.toml: exists already; name a new or an empty folder"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    fanout_sim: Command, drop: str, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    before = found(tmp_path)
    ended = fanout_sim("sweep", *SMALL, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.endswith(f"{sentence}\n")
    assert ended.err.count("\n") == 1
    assert found(tmp_path) == before


def test_resume_refuses_another_sweep(fanout_sim: Command) -> None:
    fanout_sim("sweep", *SMALL, "--out", "a")
    ended = fanout_sim("sweep", *SMALL, "--seed", "1", "--resume", "a")
    assert ended == (2, "", "fanout-sim: a: holds another experiment, whose seed differs: 0 there, 1 here\n")


def test_what_fails_on_the_way_says_how_to_go_on(
    fanout_sim: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fanout_sim("sweep", *SMALL, "--out", "a")
    done: list[Task] = []

    def failing(task: Task) -> Measures:
        if len(done) == 4:
            raise ServiceError("the cluster is gone")
        done.append(task)
        return performed(task)

    with monkeypatch.context() as patch:
        patch.setattr(executor, "performed", failing)
        ended = fanout_sim("sweep", *SMALL, "--out", "b")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "fanout-sim: what is done is kept; the same command with --resume b goes on\nfanout-sim: the cluster is gone\n"
    )
    assert found(tmp_path / "b") == ["provenance.json", "replications.jsonl"]
    resumed = fanout_sim("sweep", *SMALL, "--resume", "b")
    assert resumed.out == expected.out.replace("written: a/", "written: b/")
    for name in ("table.csv", "differences.csv", "figure.svg", "replications.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def running(group: int) -> list[str]:
    """The command lines of the processes of a group, but for dead ones that nobody has waited for."""
    lines = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, of_group = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:3]
            if int(of_group) == group and state != "Z":
                lines.append((folder / "cmdline").read_text())
    return lines


def test_ctrl_c_ends_with_130_keeps_the_folder_and_leaves_no_worker(tmp_path: Path) -> None:
    many = (
        "tuning",
        "--over",
        "client.poll_interval_s=1:9:1",
        "--clients",
        "200",
        "--world",
        "model",
        "--workers",
        "2",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", "sweep", *many, "--out", "a"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group of its own, which a terminal would interrupt as a whole
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    record = tmp_path / "a" / "replications.jsonl"
    deadline = time.monotonic() + 60
    while not (record.exists() and record.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == (
        "fanout-sim: what is done is kept; the same command with --resume a goes on\nfanout-sim: interrupted\n"
    )
    deadline = time.monotonic() + 10  # Python's own helper for shared memory ends a moment after it
    while running(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running(process.pid) == []
    assert 0 < len(record.read_text().splitlines()) < 90
