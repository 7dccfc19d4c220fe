"""Files and folders that appear complete or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import IO

from sim.contract.errors import InputError, ServiceError

_NUMBERS = count(1)
"""Of the files of this process that are on their way; two may be in one folder."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in one sentence that this path cannot be written, and why."""
    try:
        yield
    except OSError as error:
        raise ServiceError(f"{path}: cannot be written ({error.strerror or error})") from None


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A text stream whose content becomes the file when the block ends well; until then the old one stays."""
    with writing(path):
        target = path.resolve()
        special = target.exists() and not target.is_file()  # a device or pipe must not be replaced by a file
        part = target if special else target.with_name(f".fanout-sim-{os.getpid()}-{next(_NUMBERS)}.part")
        stream = part.open("w", encoding="utf-8", newline="\n")
    try:
        try:
            yield stream
        except BaseException:
            with suppress(OSError):  # the block's own error says what went wrong
                stream.close()
            raise
        with writing(path):
            stream.close()
        if not special:
            with writing(path):
                part.replace(target)
    except BaseException:
        if not special:
            part.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Pending:
    """A folder on its way: write into `part`; `path` is what it becomes."""

    part: Path
    path: Path


@contextmanager
def whole_folder(path: Path, *, numbered: bool = False) -> Iterator[Pending]:
    """A folder that appears under its name when the block ends well, and leaves nothing where it fails.

    numbered: where the name is taken, take the next of path-2, path-3, ...; otherwise only a new or empty
    folder will do, and InputError says so of any other.
    """
    path = path.resolve()
    made = [folder for folder in path.parents if not folder.exists()]
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        pending = _numbered(path) if numbered else _named(path)
    try:
        yield pending
        with writing(pending.path):
            _publish(pending)
    except BaseException:
        shutil.rmtree(pending.part, ignore_errors=True)
        for folder in made:
            with suppress(OSError):  # somebody else has put something there
                folder.rmdir()
        raise


def check_new(path: Path) -> None:
    """Raise InputError where something is there that is no empty folder."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path}: exists already; name a new or an empty folder")


def _numbered(path: Path) -> Pending:
    for number in count(1):
        candidate = path if number == 1 else path.with_name(f"{path.name}-{number}")
        part = path.with_name(f".{candidate.name}.part")
        with suppress(FileExistsError):  # another program is about to take this name
            if not candidate.exists():
                part.mkdir()
                return Pending(part, candidate)
    raise AssertionError


def _named(path: Path) -> Pending:
    check_new(path)
    place = path if path.exists() else path.parent  # a mounted folder can be filled, but not replaced
    part = place / f".fanout-sim-{os.getpid()}.part"
    part.mkdir()
    return Pending(part, path)


def _publish(pending: Pending) -> None:
    if pending.part.parent != pending.path:
        pending.part.rename(pending.path)
        return
    for child in sorted(pending.part.iterdir(), key=Path.is_file):
        child.rename(pending.path / child.name)
    pending.part.rmdir()


def run_folder(kind: str) -> Path:
    """Where a run of this kind goes that is given no folder: below runs/, named by the time."""
    return Path("runs") / f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
