"""What a performance on real sockets may leave behind: processes, sockets, threads, tasks."""

import asyncio
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.contract.progress import Progress
from sim.contract.trace import Trace
from sim.reference import run
from sim.reference.systems import System


def children() -> list[str]:
    """The command lines of this process's children, dead ones that nobody has waited for included."""
    found = []
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        found.append(Path(f"/proc/{pid}/cmdline").read_text())
    return sorted(found)


def _held() -> tuple[list[str], int, int]:
    return children(), len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@contextmanager
def nothing_left(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail where what the block performs in world live leaves anything behind."""
    perform = run._perform
    tasks: list[asyncio.Task[object] | None] = []

    async def watched(together: Sequence[System], progress: Progress | None) -> list[Trace]:
        traces = await perform(together, progress)
        tasks.extend(asyncio.all_tasks() - {asyncio.current_task()})
        return traces

    patch.setattr(run, "_perform", watched)
    before = _held()
    yield
    assert _held() == before
    assert tasks == []
