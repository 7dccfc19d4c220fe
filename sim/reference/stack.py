"""The system under test, up and ready: orchestrator, fanout server, and the fault proxy before both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from sim.contract import wire
from sim.reference import fanout, orchestrator
from sim.reference.proxy import Proxy
from sim.reference.redis import Broker
from sim.reference.running import tasks
from sim.reference.serving import serving

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Stack:
    """What clients and workflows need of it; `url` is the proxy's."""

    orchestrator: orchestrator.Orchestrator
    proxy: Proxy
    url: str
    http: aiohttp.ClientSession


@asynccontextmanager
async def standing(broker: Broker, http: aiohttp.ClientSession) -> AsyncIterator[Stack]:
    """Servers on free ports, all on one client session."""
    # the hub's hook is asked only once messages flow, when there is a proxy
    hub = fanout.Hub(lambda *message: proxy.unroutable(*message))  # noqa: PLW0108  (bound only later)
    await broker.subscribe(wire.CHANNEL_PATTERN, hub.deliver)
    history = orchestrator.Orchestrator(broker)
    async with (
        serving(fanout.application(hub), HOST) as fanout_port,
        serving(orchestrator.application(history), HOST) as api_port,
        tasks() as passages,
    ):
        proxy = Proxy(base_url(fanout_port), base_url(api_port), http=http, group=passages)
        async with serving(proxy.application(), HOST) as proxy_port:
            yield Stack(history, proxy, base_url(proxy_port), http)


def base_url(port: int, host: str = HOST) -> str:
    """What an address is called."""
    return f"http://{host}:{port}"
