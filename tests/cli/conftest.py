import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.cli import main

DROP = """
title = "The WebSocket drops a message"
source = "REALTIME_UPDATES.md, Scenario 2"
horizon_s = 15.0
[workload]
events = [
  { at_s = 1.0, type = "node_completed", node_id = "a" },
  { at_s = 2.0, type = "node_completed", node_id = "b" },
  { at_s = 7.0, type = "workflow_completed" },
]
[[fault]]
kind = "message-lost"
event = 1
[[claim]]
says = "Result: 1 polling request"
measure = "poll_requests"
equals = 1
"""

WRONG_CLAIM = """
[[claim]]
says = "Result: | 2 polling requests"
measure = "poll_requests"
equals = 2
"""

EXPECTED_CONTRADICTION = WRONG_CLAIM + 'expected = "contradicted"\nbecause = "1 + 0 = 1"\n'


class Ended(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def fanout_sim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """The command line, in this process and in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["fanout-sim", *arguments])
        capsys.readouterr()
        return Ended(main(), *capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def drop(tmp_path: Path) -> str:
    """The path of a scenario file with one claim, which holds."""
    path = tmp_path / "drop.toml"
    path.write_text(DROP)
    return str(path)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """The path of a scenario file with a claim that does not hold, unexpectedly."""
    path = tmp_path / "wrong.toml"
    path.write_text(DROP + WRONG_CLAIM)
    return str(path)


@pytest.fixture
def contradicted(tmp_path: Path) -> str:
    """The path of a scenario file with a claim that does not hold, as expected."""
    path = tmp_path / "contradicted.toml"
    path.write_text(DROP + EXPECTED_CONTRADICTION)
    return str(path)


@pytest.fixture
def touched_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures have tests of their own, and take their time."""
    from sim.report.experiments import write

    def touch(_: object, path: Path) -> None:
        for suffix in (".svg", ".png"):
            path.with_suffix(suffix).touch()

    monkeypatch.setattr(write, "_figure", touch)


def found(folder: Path) -> list[str]:
    """What a folder holds, by name."""
    return sorted(path.name for path in folder.iterdir())
