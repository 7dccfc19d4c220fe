"""Provenance: what a run folder was made of and by, so that it can be made again."""

import hashlib
import platform
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.contract.scenario import Scenario

_NUMERIC = ("numpy", "numba")


def versions() -> dict[str, str]:
    """What the numbers hang on besides script and seed: this program's version, Python's, and those of libraries."""
    found = {"fanout-sim": _version("fanout-sim"), "Python": platform.python_version()}
    return found | {name: _version(name) for name in _NUMERIC}


def provenance(scenario: Scenario, **settings: Any) -> dict[str, Any]:
    """All that says what a folder holds, as plain data: the content of provenance.json.

    settings: what else the numbers hang on, by name.
    """
    recorded = scenario.workload.recorded
    return {
        "scenario": scenario.to_toml(),
        "recorded_sha256": hashlib.sha256(Path(recorded.file).read_bytes()).hexdigest() if recorded else None,
        **settings,
        "versions": versions(),
        "git_commit": git_commit(),
        "command": shlex.join(sys.argv),
    }


def git_commit() -> str | None:
    """The commit of these sources, with `-dirty` where they were changed since; None where they are not under git."""
    here = Path(__file__)
    if _git(here.parent, "ls-files", "--error-unmatch", here.name) is None:
        return None
    return _git(here.parent, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
