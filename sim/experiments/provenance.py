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

_SIM = Path(__file__).parents[1]
_PERFORMING = ("contract", "model", "reference", "fleet", "measure")
"""The packages whose sources decide the numbers."""


def versions() -> dict[str, str]:
    """What the numbers hang on besides scenario and seed: versions, and a digest of the sources that perform."""
    return {
        "fanout-sim": _version("fanout-sim"),
        "sources of fanout-sim": _digest(),
        "Python": platform.python_version(),
        "numpy": _version("numpy"),
        "numba": _version("numba"),
    }


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
    if _git(_SIM, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    return _git(_SIM, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _digest() -> str:
    digest = hashlib.sha256()
    for package in _PERFORMING:
        for path in sorted((_SIM / package).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


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
