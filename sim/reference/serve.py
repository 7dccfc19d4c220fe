"""The reference system for people: fanout server and API on known ports, without any fault."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from sim.reference import orchestrator
from sim.reference.embedded import embedded_redis
from sim.reference.fanout_server import LocalFanout, NoWitness, Settings
from sim.reference.redis import connected, nobody_told
from sim.reference.running import run, tasks
from sim.reference.serving import HOST, base_url, serving


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where `serve` can be reached: base URLs, and the Redis that it listens to."""

    fanout: str
    api: str
    redis: str


def serve(
    *,
    host: str = HOST,
    fanout_port: int = 8085,
    api_port: int = 8081,
    redis: str | None = None,
    on_ready: Callable[[Addresses], None] | None = None,
) -> None:
    """Run the servers without any fault, for people; Ctrl-C or SIGTERM ends it (KeyboardInterrupt, SystemExit).

    on_ready: called once with the addresses when everything accepts requests.
    Raises ServiceError where a port or Redis cannot be had.
    """
    with embedded_redis() if redis is None else nullcontext(redis) as url:
        run(_serve(host, fanout_port, api_port, url, on_ready))


async def _serve(
    host: str, fanout_port: int, api_port: int, redis: str, on_ready: Callable[[Addresses], None] | None
) -> None:
    async with tasks() as group, connected(redis, group, nobody_told) as broker:
        hub = LocalFanout(broker, Settings(), NoWitness(), group, host=host, port=fanout_port, option="--fanout-port")
        await hub.start()
        try:
            history = orchestrator.Orchestrator(broker)
            async with serving(orchestrator.application(history), host, api_port, option="--api-port") as api_at:
                if on_ready is not None:
                    on_ready(Addresses(hub.url, base_url(api_at, host), redis))
                await asyncio.get_running_loop().create_future()
        finally:
            await hub.stop(killed=False)
