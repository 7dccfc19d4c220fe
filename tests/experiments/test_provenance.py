import hashlib
import json
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.contract.scenario import Scenario
from sim.experiments import provenance as module
from sim.experiments.provenance import git_commit, provenance, versions

from .small import SCENARIO


def test_it_holds_what_makes_the_folder_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["fanout-sim", "sweep", "a b"])
    made = provenance(SCENARIO, seed=3)
    assert Scenario.from_toml(made["scenario"]) == SCENARIO
    assert (made["seed"], made["command"]) == (3, "fanout-sim sweep 'a b'")
    assert made["versions"]["numpy"] == np.__version__
    assert made["versions"]["Python"] == platform.python_version()
    assert json.loads(json.dumps(made)) == made


def test_a_recorded_workload_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("run_id,at_s,type,node_id\na,1,workflow_completed,\n")
    (tmp_path / "recorded.toml").write_text(
        'title = "r"\nhorizon_s = 5\n[workload]\nrecorded = { file = "events.csv" }'
    )
    found = Scenario.from_file(tmp_path / "recorded.toml")
    digest = hashlib.sha256((tmp_path / "events.csv").read_bytes()).hexdigest()
    assert provenance(found)["recorded_sha256"] == digest
    assert provenance(SCENARIO)["recorded_sha256"] is None


def test_other_sources_are_another_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = versions()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "client.py").write_text("pass")
    monkeypatch.setattr(module, "_SIM", tmp_path)
    there = versions()
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == ["sources of fanout-sim"]


def test_the_commit_is_that_of_the_sources_where_they_are_under_git(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def git(*arguments: str) -> str:
        user = ("-c", "user.name=n", "-c", "user.email=e")
        done = subprocess.run(["git", "-C", tmp_path, *user, *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    monkeypatch.setattr(module, "_SIM", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit() is None
    git("init", "-q")
    (tmp_path / "theirs.py").write_text("")
    git("add", "theirs.py")
    git("commit", "-q", "-m", "theirs")
    (tmp_path / "__init__.py").write_text("")
    assert git_commit() is None  # in somebody else's repository
    git("add", "__init__.py")
    git("commit", "-q", "-m", "first")
    assert git_commit() == git("rev-parse", "HEAD")
    (tmp_path / "__init__.py").write_text("pass")
    assert git_commit() == git("rev-parse", "HEAD") + "-dirty"
    monkeypatch.setenv("PATH", "")
    assert git_commit() is None
