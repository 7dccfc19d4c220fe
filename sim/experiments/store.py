"""Store: the record of replications, in memory or in a run folder from which an interrupted experiment goes on."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
        differing = [name for name in provenance if name not in _MAY_DIFFER and there[name] != _plain(provenance[name])]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder}: holds no sweep or search of this program that could go on") from None
    if differing:
        name = differing[0]
        told = "" if name == "scenario" else f": {_short(there[name])} there, {_short(_plain(provenance[name]))} here"
        raise InputError(f"{folder}: holds another experiment, whose {name} differs{told}")


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
