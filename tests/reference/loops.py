"""Running a test's coroutine under virtual time or on real sockets; what fails out of sight fails the test."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sim.reference.memory import MemoryLoop
from sim.reference.running import failures

T = TypeVar("T")

PATIENCE_S = 60.0
"""A test that waits longer than this on real sockets waits for something that will not happen."""


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run under virtual time."""
    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        return runner.run(_guarded(main))


def lively(main: Coroutine[Any, Any, T]) -> T:
    """Run on the ordinary loop; no task may be left."""

    async def in_time() -> T:
        async with asyncio.timeout(PATIENCE_S):
            result = await _guarded(main)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left: {left}"
        return result

    return asyncio.run(in_time())


async def _guarded(main: Coroutine[Any, Any, T]) -> T:
    with failures() as failure:
        result = await main
        if failure.done():
            failure.result()
        return result


async def settle() -> None:
    """Let everything happen that takes no virtual time: a timer comes after all of it."""
    await asyncio.sleep(0.0000001)


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait on real sockets until it is so."""
    while not condition():  # noqa: ASYNC110  (what is waited for knows nothing of us)
        await asyncio.sleep(0.001)
