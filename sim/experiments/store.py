"""Store: the record of replications, in memory or in a run folder from which an interrupted experiment goes on."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from sim.contract.errors import InputError, ServiceError
from sim.experiments.grid import Point
from sim.experiments.point import Measures, Task

PROVENANCE, RECORD = "provenance.json", "replications.jsonl"

_MAY_DIFFER = ("command", "git_commit")
"""What of its provenance does not make an experiment another one."""


Address = tuple[str, int, str, int]
"""Of a replication: its world, its number of clients, its point and its seed."""


@dataclass
class Record:
    """What each replication measured, as far as it is done.

    stream: where each goes as it is done, if anywhere.
    """

    stream: IO[str] | None = None
    done: dict[Address, Measures] = field(default_factory=dict)

    def get(self, point: Point, task: Task) -> Measures | None:
        """The measures of a replication that is done, else None."""
        return self.done.get(_address(task.world, task.scenario.client.count, point, task.seed))

    def add(self, point: Point, task: Task, measures: Measures) -> None:
        """Keep the measures of a replication."""
        clients = task.scenario.client.count
        self.done[_address(task.world, clients, point, task.seed)] = measures
        if self.stream is not None:
            line = {"world": task.world, "clients": clients, "point": point, "seed": task.seed, "measures": measures}
            try:
                self.stream.write(json.dumps(line) + "\n")
                self.stream.flush()
            except OSError as error:
                raise ServiceError(f"{self.stream.name}: cannot be written ({error.strerror})") from None


@contextmanager
def kept(folder: Path | None, provenance: Mapping[str, Any]) -> Iterator[Record]:
    """The record of a folder, begun where there is none or an empty one, else gone on with; without one in memory.

    A line that was cut off is dropped: its replication is performed again. Raises InputError where the folder holds
    another experiment or none, or another process is at work in it; ServiceError where it cannot be read or written.
    """
    if folder is None:
        yield Record()
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            text = json.dumps(provenance, indent=2, ensure_ascii=False) + "\n"
            (folder / PROVENANCE).write_text(text, encoding="utf-8")
        _check_same(folder, provenance)
        stream = (folder / RECORD).open("a+", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ServiceError(f"{folder}: cannot be used ({error.strerror})") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"{folder}: another process is at work there") from None
        try:
            done = _read(stream)
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{folder / RECORD}: holds something else than replications") from None
        yield Record(stream, done)


def _check_same(folder: Path, provenance: Mapping[str, Any]) -> None:
    try:
        there = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        differs = _difference(there, _plain(provenance))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{folder}: holds no sweep or search of this program that could go on") from None
    if differs is not None:
        raise InputError(f"{folder}: {differs}")


def _difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str | None:
    """What makes one experiment another than the other, in words; None where they are the same."""
    name = next((name for name in here if name not in _MAY_DIFFER and there[name] != here[name]), None)
    if name is None:
        return None
    if name == "versions":
        return _other_version(there, here)
    before, now = map(_short, _first_difference(there[name], here[name]))
    return f"holds another experiment, whose {name} differs: {before} there, {now} here"


def _other_version(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    before, now = there["versions"], here["versions"]
    name = next(name for name in {**now, **before} if before.get(name) != now.get(name))
    commit = there.get("git_commit")
    return (
        f"was begun with other {name} ({before.get(name)} there, {now.get(name)} here), which may give other numbers; "
        f"go on with what began it{f', commit {commit}' if commit else ''}, or begin a new folder"
    )


def _first_difference(there: Any, here: Any) -> tuple[Any, Any]:
    """Of texts of several lines, such as a scenario, the first lines that differ."""
    if not (isinstance(there, str) and isinstance(here, str)):
        return there, here
    lines = zip_longest(there.splitlines(), here.splitlines(), fillvalue="")
    return next(((before, now) for before, now in lines if before != now), (there, here))


def _read(stream: IO[str]) -> dict[Address, Measures]:
    stream.seek(0)
    text = stream.read()
    whole = text[: text.rfind("\n") + 1]
    stream.truncate(len(whole.encode()))
    lines = map(json.loads, whole.splitlines())
    return {_address(one["world"], one["clients"], one["point"], one["seed"]): one["measures"] for one in lines}


def _address(world: str, clients: int, point: Point, seed: int) -> Address:
    return world, clients, json.dumps(point), seed


def _plain(value: Any) -> Any:
    """The value as it comes back from JSON."""
    return json.loads(json.dumps(value))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
