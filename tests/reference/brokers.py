"""Both brokers of the virtual world, and a loop for them: shared by their tests."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sim.reference.broker import LocalBroker
from sim.reference.memory import MemoryLoop
from sim.reference.redis import Broker, OnLost, connecting
from sim.reference.resp import RespServer, resp_server
from sim.reference.running import failures, tasks

T = TypeVar("T")

HOST = "127.0.0.1"


def virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run under virtual time; what fails in a callback or a handler fails the test."""

    async def guarded() -> T:
        with failures() as failure:
            result = await main
            if failure.done():
                failure.result()
            return result

    with asyncio.Runner(loop_factory=MemoryLoop) as runner:
        return runner.run(guarded())


@asynccontextmanager
async def broker_and_server(kind: str, on_lost: OnLost) -> AsyncIterator[tuple[Broker, LocalBroker | RespServer]]:
    """A broker, and what stands for Redis behind it."""
    if kind == "local":
        local = LocalBroker(on_lost)
        yield local, local
        return
    async with tasks() as group, resp_server(HOST, 6379) as server, connecting(server.url, group, on_lost) as broker:
        yield broker, server


async def settle() -> None:
    """Let everything happen that takes no time: a timer comes after all of it."""
    await asyncio.sleep(0.0000001)
