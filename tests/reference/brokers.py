"""Both brokers of the virtual world, for the tests that both must pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sim.reference.broker import LocalBroker
from sim.reference.redis import Broker, OnLost, connecting
from sim.reference.resp import RespServer, resp_server
from sim.reference.running import tasks
from sim.reference.serving import HOST


@asynccontextmanager
async def broker_and_server(kind: str, on_lost: OnLost) -> AsyncIterator[tuple[Broker, LocalBroker | RespServer]]:
    """A broker, and what stands for Redis behind it."""
    if kind == "local":
        local = LocalBroker(on_lost)
        yield local, local
        return
    async with tasks() as group, resp_server(HOST, 6379) as server, connecting(server.url, group, on_lost) as broker:
        yield broker, server
