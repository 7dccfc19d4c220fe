"""World `live`: puts the reference implementation up, lets it perform scripts on real sockets, takes it down."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from sim.contract import wire
from sim.contract.progress import Progress
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
    """Perform scripts side by side on one set of servers, each with users and runs of its own."""
    for script in scripts:
        check_performable(script, "live")
    if not scripts:
        return []
    with enough_descriptors(scripts), embedded_redis() if redis is None else nullcontext(redis) as url:
        # on a server that others use too, our users must not be theirs
        namespace = "" if redis is None else f"{os.getpid()}:"
        return run(_perform(scripts, url, namespace, progress))


async def _perform(scripts: Sequence[Script], redis: str, namespace: str, progress: Progress | None) -> list[Trace]:
    clock = Clock(asyncio.get_running_loop())
    with failures() as failure, short_pauses():
        async with (
            tasks() as services,
            connected(redis, services) as broker,
            http_client() as http,
            standing(broker, http) as stack,
            tasks() as group,
        ):
            await _warm_up(stack)
            performances = [
                Performance(f"{namespace}{index}:", script, stack=stack, clock=clock, group=group)
                for index, script in enumerate(scripts)
            ]
            clock.start(LEAD_S + LEAD_PER_CLIENT_S * sum(script.clients for script in scripts))
            for performance in performances:
                performance.schedule()
            with starvation() as starved:
                await _until_over(performances, clock, failure, progress)
    return [performance.trace("live", starved.longest_s) for performance in performances]


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
    async with tasks() as group, connected(redis, group) as broker:
        hub = fanout.Hub(lambda username, payload: None)
        await broker.subscribe(wire.CHANNEL_PATTERN, hub.deliver)
        history = orchestrator.Orchestrator(broker)
        async with (
            serving(fanout.application(hub), host, fanout_port, option="--fanout-port") as fanout_at,
            serving(orchestrator.application(history), host, api_port, option="--api-port") as api_at,
        ):
            if on_ready is not None:
                on_ready(Addresses(base_url(fanout_at, host), base_url(api_at, host), redis))
            await asyncio.get_running_loop().create_future()
