"""The system under test, up and ready: orchestrator, fanout server, and the fault proxy before both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from sim.contract import wire
from sim.contract.errors import ServiceError
from sim.contract.system import Orchestrator as QueueSettings
from sim.reference import orchestrator
from sim.reference.outages import Fanout, Redis
from sim.reference.proxy import Proxy
from sim.reference.queue import WorkQueue
from sim.reference.redis import Broker
from sim.reference.running import tasks
from sim.reference.serving import HOST, base_url, serving


@dataclass(frozen=True, slots=True)
class Stack:
    """What a performance needs of it; `url` is the proxy's."""

    orchestrator: orchestrator.Orchestrator
    fanout: Fanout
    redis: Redis | None
    proxy: Proxy
    url: str
    http: aiohttp.ClientSession


class Reports:
    """What servers tell the harness, and ask it; there is a proxy once messages and polls flow.

    outages: whether Redis is to be away at times.
    """

    def __init__(self, *, outages: bool) -> None:
        self.proxy: Proxy | None = None
        self._outages = outages

    def unroutable(self, username: str, payload: bytes) -> None:
        """The hub found no connection for this message (L2)."""
        if self.proxy is not None:
            self.proxy.undelivered(username, payload, "no-connection")

    def aborted(self, username: str, reason: str) -> None:
        """The hub has given a connection up (F3, F4)."""
        if self.proxy is not None:
            self.proxy.aborted(username, reason)

    def lost(self, channel: str, payload: str, reason: str) -> None:
        """Redis could not be told, or told nobody (R4, R5); an outage that is in no script ends the performance."""
        if reason == "redis-outage" and not self._outages:
            error = ServiceError("the connection to Redis broke off; it must stay up for the whole run")
            asyncio.get_running_loop().call_exception_handler({"message": str(error), "exception": error})
        if self.proxy is not None:
            self.proxy.undelivered(wire.username_of(channel), payload, reason)

    def service_us(self, run_id: str) -> int:
        """How long a worker takes for the request of this run that arrives (O5)."""
        return 0 if self.proxy is None else self.proxy.service_us(run_id)


@asynccontextmanager
async def standing(
    broker: Broker,
    fanout: Fanout,
    http: aiohttp.ClientSession,
    reports: Reports,
    settings: QueueSettings,
    redis: Redis | None,
) -> AsyncIterator[Stack]:
    """Servers on free ports, all on one client session."""
    queue = WorkQueue(settings.workers, settings.queue_limit) if settings.workers else None
    history = orchestrator.Orchestrator(
        broker, queue, service_us=reports.service_us, retry_after_s=settings.retry_after_s
    )
    await fanout.start()
    try:
        async with serving(orchestrator.application(history), HOST) as api_port, tasks() as passages:
            proxy = Proxy(fanout.url, base_url(api_port), queued=queue is not None, http=http, group=passages)
            reports.proxy = proxy
            async with serving(proxy.application(), HOST) as proxy_port:
                yield Stack(history, fanout, redis, proxy, base_url(proxy_port), http)
    finally:
        await fanout.stop(killed=True)
