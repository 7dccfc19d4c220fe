"""World `live`: puts the reference implementation up, lets it perform scripts on real sockets, takes it down."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from sim.contract import wire
from sim.contract.errors import CannotPerform
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.reference import fanout, orchestrator
from sim.reference.embedded import embedded_redis
from sim.reference.limits import check_performable, enough_descriptors
from sim.reference.performance import Performance
from sim.reference.recorder import Clock
from sim.reference.redis import connected
from sim.reference.running import failures, run, short_pauses, tasks
from sim.reference.serving import http_client, serving
from sim.reference.stack import HOST, Stack, base_url, standing
from sim.reference.starvation import starvation

PROGRESS_EVERY_S = 0.1
LAST_INSTANT_S = 0.05
"""How long the consequences of the horizon's own instant may take."""

LEAD_S = 0.02
LEAD_PER_CLIENT_S = 100e-6
"""Zero lies this far ahead, so that everything is scheduled by then."""


def perform(script: Script, *, redis: str | None = None, progress: Progress | None = None) -> Trace:
    """What happens when the reference implementation performs the script, by the wall clock.

    redis: URL of a Redis server to use in place of the embedded one.
    Raises CannotPerform and ServiceError before anything is started.
    """
    return perform_many([script], redis=redis, progress=progress)[0]


def perform_many(
    scripts: Sequence[Script], *, redis: str | None = None, progress: Progress | None = None
) -> list[Trace]:
    """Perform scripts side by side, each with users and runs of its own.

    Those whose servers are as usual and stay up share one system; each of the others has one of its own.
    """
    for script in scripts:
        check_performable(script, "live")
        if redis is not None and (script.redis_outages or script.fanout_outages):
            raise CannotPerform(
                f"{script.scenario.title}: its outages need a Redis of their own, not {shown(redis)}; leave --redis out"
            )
    if not scripts:
        return []
    with enough_descriptors(scripts), ExitStack() as servers:
        systems = [
            _System(positions, _redis(servers, redis), [scripts[n] for n in positions])
            for positions in _shared(scripts)
        ]
        return run(_perform(systems, len(scripts), progress))


class _System(NamedTuple):
    """Scripts, by their positions among all, that one set of servers performs."""

    positions: list[int]
    redis: "EmbeddedRedis | str"
    scripts: list[Script]


def _shared(scripts: Sequence[Script]) -> list[list[int]]:
    shared, own = [], []
    for position, script in enumerate(scripts):
        alone = script.fanout_outages or script.redis_outages or _unusual(script.scenario)
        (own if alone else shared).append(position)
    return [positions for positions in (shared, *([position] for position in own)) if positions]


def _unusual(scenario: Scenario) -> bool:
    usual = Scenario(title="usual", horizon_s=0.0)
    return (scenario.fanout, scenario.orchestrator) != (usual.fanout, usual.orchestrator)


def _redis(servers: ExitStack, url: str | None) -> "EmbeddedRedis | str":
    return url if url is not None else servers.enter_context(embedded_redis())


async def _perform(systems: Sequence[_System], count: int, progress: Progress | None) -> list[Trace]:
    clock = Clock(asyncio.get_running_loop())
    traces: list[Trace | None] = [None] * count
    with failures() as failure, short_pauses():
        async with http_client() as http, AsyncExitStack() as standing_systems, tasks() as group:
            performances: dict[int, Performance] = {}
            for system in systems:
                stack = await standing_systems.enter_async_context(_standing(system, http))
                await _warm_up(stack)
                for position, script in zip(system.positions, system.scripts, strict=True):
                    # on a server that others use too, our users must not be theirs
                    prefix = f"{os.getpid()}:{position}:" if isinstance(system.redis, str) else f"{position}:"
                    performances[position] = Performance(prefix, script, stack=stack, clock=clock, group=group)
            clients = sum(script.clients for system in systems for script in system.scripts)
            clock.start(LEAD_S + LEAD_PER_CLIENT_S * clients)
            for performance in performances.values():
                performance.schedule()
            with starvation() as starved:
                await _until_over(list(performances.values()), clock, failure, progress)
            for position, performance in performances.items():
                traces[position] = performance.trace("live", starved.longest_s)
    return [trace for trace in traces if trace is not None]


@asynccontextmanager
async def _standing(system: _System, http: aiohttp.ClientSession) -> AsyncIterator[Stack]:
    """The servers of one system: the fanout server in a process of its own where it is to be stopped and started."""
    reports, first = Reports(), system.scripts[0]
    own_redis = None if isinstance(system.redis, str) else system.redis
    url = system.redis if isinstance(system.redis, str) else system.redis.url
    async with tasks() as services, connected(url, services, reports.lost) as broker:
        if first.fanout_outages:
            process = FanoutProcess(url, settings_of(first), reports, standbys=len(first.fanout_outages))
            async with process, standing(broker, process, http, reports, first.scenario.orchestrator, own_redis) as stack:
                yield stack
        else:
            fanout = LocalFanout(broker, settings_of(first), reports, services)
            async with standing(broker, fanout, http, reports, first.scenario.orchestrator, own_redis) as stack:
                yield stack


async def _until_over(
    performances: list[Performance],
    clock: Clock,
    failure: "asyncio.Future[None]",
    progress: Progress | None,
) -> None:
    """Wait until nothing more can happen to anyone, at the latest to the longest horizon."""
    loop = asyncio.get_running_loop()
    horizon_us = max(p.horizon_us for p in performances)
    end = clock.when(horizon_us) + LAST_INSTANT_S
    while loop.time() < end and not all(p.over for p in performances):
        await asyncio.wait([failure], timeout=min(PROGRESS_EVERY_S, end - loop.time()))
        if failure.done():
            failure.result()
        if progress is not None:
            progress(min(1.0, max(0, clock.now_us()) / horizon_us) if horizon_us else 1.0)
    if progress is not None:
        progress(1.0)


async def _warm_up(stack: Stack) -> None:
    """Let a stranger use everything once, so that the first client does not pay for it."""
    events = stack.url + wire.EVENTS_PATH.format(run_id="warm-up")
    async with (
        stack.http.ws_connect(f"{stack.url}{wire.WEBSOCKET_PATH}?username=warm-up", compress=0),
        stack.http.get(events) as response,
    ):
        await response.read()


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
