"""A fanout server with what is before and behind it, for its tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from sim.reference.broker import LocalBroker
from sim.reference.fanout_server import LocalFanout, Settings
from sim.reference.memory import MemoryConnector, MemoryLoop
from sim.reference.redis import Broker
from sim.reference.resp import RespServer
from sim.reference.running import tasks
from sim.reference.serving import http_client
from tests.reference.brokers import broker_and_server
from tests.reference.loops import settle
from tests.reference.witness import Noting

Socket = aiohttp.ClientWebSocketResponse[bool]


@dataclass(frozen=True, slots=True)
class Standing:
    """A fanout server, what its messages come from, and a client; `lost` is what the broker has told."""

    fanout: LocalFanout
    broker: Broker
    redis: LocalBroker | RespServer
    http: aiohttp.ClientSession
    witness: Noting
    lost: list[tuple[str, str, str]]

    async def socket(self, username: str = "u", **options: Any) -> Socket:
        """A client, whose messages wait until they are asked for."""
        url, params = f"{self.fanout.url}/ws", {"username": username}
        socket: Socket = await self.http.ws_connect(url, params=params, max_msg_size=0, **options)
        return socket

    async def reader(self) -> "asyncio.Task[Any]":
        """The next thing that a client of its own hears."""
        socket = await self.socket()
        reading = asyncio.create_task(socket.receive())
        await settle()
        return reading

    def publish(self, number: int, username: str = "u", size: int = 0) -> None:
        """A message, of at least that size in bytes."""
        self.broker.publish(f"workflow:events:{username}", message(number, size))

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        async with self.http.get(self.fanout.url + path) as response:
            return response.status, await response.text()

    async def stats(self) -> dict[str, int]:
        """What the server counts."""
        found: dict[str, int] = json.loads((await self.get("/stats"))[1])
        return found


def message(number: int, size: int = 0) -> str:
    """The JSON text of a message."""
    return json.dumps({"seq": number} if not size else {"seq": number, "data": "x" * size})


@asynccontextmanager
async def standing(kind: str = "local", **settings: float) -> AsyncIterator[Standing]:
    """A server on the running loop, which may be virtual."""
    lost: list[tuple[str, str, str]] = []
    connector = MemoryConnector() if isinstance(asyncio.get_running_loop(), MemoryLoop) else None
    async with (
        broker_and_server(kind, lambda *what: lost.append(what)) as (broker, redis),
        tasks() as group,
        http_client(connector) as http,
    ):
        witness = Noting()
        fanout = LocalFanout(broker, Settings(**settings), witness, group)  # type: ignore[arg-type]
        await fanout.start()
        try:
            yield Standing(fanout, broker, redis, http, witness, lost)
        finally:
            await fanout.stop(killed=True)
