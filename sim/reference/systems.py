"""Systems: the sets of servers that the live world needs, and who shares one."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import aiohttp

from sim.contract.scenario import Scenario
from sim.contract.script import Script
from sim.reference.embedded import EmbeddedRedis, embedded_server
from sim.reference.fanout_process import FanoutProcess
from sim.reference.fanout_server import LocalFanout, settings_of
from sim.reference.outages import Fanout
from sim.reference.redis import connected
from sim.reference.running import tasks
from sim.reference.stack import Reports, Stack, standing


@dataclass(frozen=True, slots=True)
class System:
    """One set of servers, and the scripts that are performed on it, by their positions among all.

    redis: an embedded one, or the URL of somebody's. namespace: keeps our users apart from others' on that one.
    """

    scripts: dict[int, Script]
    redis: EmbeddedRedis | str

    @property
    def namespace(self) -> str:
        """What the names of users and runs begin with."""
        return f"{os.getpid()}:" if isinstance(self.redis, str) else ""

    @asynccontextmanager
    async def standing(self, http: aiohttp.ClientSession) -> AsyncIterator[Stack]:
        """The servers, up: the fanout server in a process of its own where it is to be stopped and started."""
        script = next(iter(self.scripts.values()))
        reports = Reports(outages=bool(script.redis_outages))
        url = self.redis if isinstance(self.redis, str) else self.redis.url
        own_redis = None if isinstance(self.redis, str) else self.redis
        settings, outages = settings_of(script), len(script.fanout_outages)
        async with tasks() as services, connected(url, services, reports.lost) as broker, AsyncExitStack() as processes:
            fanout: Fanout = LocalFanout(broker, settings, reports, services)
            if outages:
                fanout = await processes.enter_async_context(FanoutProcess(url, settings, reports, outages))
            async with standing(broker, fanout, http, reports, script.scenario.orchestrator, own_redis) as stack:
                yield stack


@contextmanager
def systems(scripts: Sequence[Script], redis: str | None) -> Iterator[list[System]]:
    """Scripts whose servers are as usual and stay up share one system; each of the others has its own.

    redis: the URL of a server for all, in place of an embedded one for each system.
    """
    shared = {n: script for n, script in enumerate(scripts) if _usual(script)}
    alone = [{n: script} for n, script in enumerate(scripts) if not _usual(script)]
    with ExitStack() as servers:
        yield [
            System(together, servers.enter_context(embedded_server()) if redis is None else redis)
            for together in ([shared] if shared else []) + alone
        ]


def _usual(script: Script) -> bool:
    usual, scenario = Scenario(title="usual", horizon_s=0.0), script.scenario
    settings = (scenario.fanout, scenario.orchestrator) == (usual.fanout, usual.orchestrator)
    return settings and not (script.fanout_outages or script.redis_outages)
