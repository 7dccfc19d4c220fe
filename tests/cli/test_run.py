import json
import os
import stat
from pathlib import Path

import pytest

from sim import worlds
from sim.contract.claim import MEASURES
from sim.contract.trace import Trace
from tests.cli.conftest import Command


def test_run_shows_measures_and_the_timeline_of_a_single_client(fanout_sim: Command, drop: str) -> None:
    ended = fanout_sim("run", drop)
    assert (ended.status, ended.err) == (0, "")
    assert all(name in ended.out for name in MEASURES)
    assert "message lost 1 (fault)" in ended.out
    assert "\x1b" not in ended.out


def test_json_is_one_object_of_all_measures_and_nothing_else(fanout_sim: Command, drop: str) -> None:
    ended = fanout_sim("run", drop, "--json")
    measures = json.loads(ended.out)
    assert tuple(measures) == MEASURES
    assert measures["poll_requests"] == 1


def test_a_trace_on_standard_output_is_json_lines_and_nothing_else(fanout_sim: Command, drop: str) -> None:
    lines = fanout_sim("run", drop, "--trace", "-").out.splitlines()
    assert [json.loads(line)["kind"] for line in lines].count("poll_sent") == 1


def test_a_trace_file_holds_what_standard_output_would(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    printed = fanout_sim("run", drop, "--trace", "-").out
    assert json.loads(fanout_sim("run", drop, "--trace", "t.jsonl", "--json").out)["poll_requests"] == 1
    assert (tmp_path / "t.jsonl").read_text() == printed


def test_seed_clients_and_policy_replace_those_of_the_scenario(fanout_sim: Command) -> None:
    first = fanout_sim("run", "random-gaps", "--clients", "3", "--trace", "-").out
    assert {json.loads(line)["client"] for line in first.splitlines()} == {0, 1, 2}
    assert fanout_sim("run", "random-gaps", "--clients", "3", "--trace", "-").out == first
    assert fanout_sim("run", "random-gaps", "--clients", "3", "--seed", "1", "--trace", "-").out != first
    alone = json.loads(fanout_sim("run", "random-gaps", "--policy", "websocket-only", "--json").out)
    assert alone["poll_requests"] == 0


def test_a_policy_keeps_the_choices_that_the_scenario_overrides(fanout_sim: Command, drop: str) -> None:
    path = Path(drop)
    path.write_text(path.read_text() + "\n[client]\npoll_interval_s = 2.0\n")
    rows = fanout_sim("run", drop, "--policy", "hybrid-backoff", "--trace", "-").out.splitlines()
    assert json.loads(rows[0])["detail"] == "2.000000"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_run_leaves_the_old_trace_and_nothing_else(
    fanout_sim: Command, drop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupted(*arguments: object, **options: object) -> Trace:
        assert len(list(tmp_path.iterdir())) == 3  # scenario, old trace and the one that is being written
        raise error

    monkeypatch.setattr(worlds, "perform", interrupted)
    (tmp_path / "t.jsonl").write_text("old")
    if error is SystemExit:
        with pytest.raises(SystemExit):
            fanout_sim("run", drop, "--trace", "t.jsonl")
    else:
        ended = fanout_sim("run", drop, "--trace", "t.jsonl")
        assert ended == (130, "", "fanout-sim: interrupted\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop.toml", "t.jsonl"]
    assert (tmp_path / "t.jsonl").read_text() == "old"


def test_a_trace_replaces_what_a_link_points_to_and_keeps_the_link(
    fanout_sim: Command, drop: str, tmp_path: Path
) -> None:
    (tmp_path / "target.jsonl").write_text("old")
    (tmp_path / "link.jsonl").symlink_to("target.jsonl")
    assert fanout_sim("run", drop, "--trace", "link.jsonl").status == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(Trace.read(tmp_path / "target.jsonl")) > 0


def test_a_pipe_is_written_to_and_not_replaced(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert fanout_sim("run", drop, "--trace", "pipe").status == 0
    assert os.read(reader, 100_000).startswith(b'{"time_s"')
    os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.live
def test_a_live_run_takes_the_time_that_it_shows(fanout_sim: Command, tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(
        'title = "short"\nhorizon_s = 0.5\n[workload]\nevents = [{ at_s = 0.2, type = "workflow_completed" }]\n'
    )
    ended = fanout_sim("run", "short.toml", "--world", "live", "--json")
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["messages_received"] == 1
