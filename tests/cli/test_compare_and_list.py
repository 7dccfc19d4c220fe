import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenarios import catalog
from tests.cli.conftest import Command

SLOW = ("simpy", "aiohttp", "pandas", "matplotlib", "redis", "hypothesis")


def test_a_trace_agrees_with_itself(fanout_sim: Command, drop: str) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    ended = fanout_sim("compare", "a.jsonl", "a.jsonl")
    assert ended.status == 0
    assert ended.out.startswith("agree: ")
    assert ended.out.count("\n") == 1


def test_traces_that_differ_end_with_1_and_the_first_row_that_differs(
    fanout_sim: Command, drop: str, tmp_path: Path
) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    lines = (tmp_path / "a.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "b.jsonl").write_text("".join(line for line in lines if "poll_sent" not in line))
    ended = fanout_sim("compare", "a.jsonl", "b.jsonl")
    assert ended.status == 1
    assert ended.out.startswith("differ: ")
    assert "poll_sent" in ended.out


def test_within_a_margin_traces_agree_that_differ_exactly(fanout_sim: Command, drop: str, tmp_path: Path) -> None:
    fanout_sim("run", drop, "--trace", "a.jsonl")
    text = (tmp_path / "a.jsonl").read_text()
    (tmp_path / "b.jsonl").write_text(text.replace('"time_s": 7.0,', '"time_s": 7.001,'))
    assert fanout_sim("compare", "a.jsonl", "b.jsonl").status == 1
    assert fanout_sim("compare", "a.jsonl", "b.jsonl", "--margin-s", "0.01").status == 0


def test_list_prints_one_line_per_scenario_into_a_pipe(fanout_sim: Command) -> None:
    lines = fanout_sim("list").out.splitlines()
    assert [line.split()[0] for line in lines] == catalog.names()
    for name, line in zip(catalog.names(), lines, strict=True):
        assert catalog.load(name).title in line
        assert line.endswith(catalog.load(name).source)


@pytest.mark.parametrize("command", [[], ["list"], ["run"], ["verify"], ["compare"], ["check"], ["fuzz"], ["serve"]])
def test_help_shows_an_example(fanout_sim: Command, command: list[str]) -> None:
    ended = fanout_sim(*command, "--help")
    assert (ended.status, ended.err) == (0, "")
    assert f"  fanout-sim {' '.join(command)}" in ended.out.partition("Example")[2]


def test_list_imports_nothing_slow() -> None:
    program = (
        "import sys; sys.argv = ['fanout-sim', 'list']; from sim.cli import main; assert main() == 0; "
        f"assert not set(sys.modules) & set({SLOW!r}), set(sys.modules) & set({SLOW!r})"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_leaves_ends_the_output_quietly() -> None:
    command = [sys.executable, "-m", "sim", "run", "scale-mixed", "--clients", "50", "--trace", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"time_s"')
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.live
def test_serve_says_where_it_listens_and_ends_cleanly_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "sim", "serve", "--fanout-port", "0", "--api-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("WebSocket  ws://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
    assert process.returncode == 0
