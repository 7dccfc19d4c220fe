"""World `live`: puts the reference implementation up, lets it perform scripts on real sockets, takes it down."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from sim.contract import wire
from sim.contract.errors import CannotPerform
from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.reference.limits import check_performable, enough_descriptors
from sim.reference.performance import Performance
from sim.reference.recorder import Clock
from sim.reference.redis import shown
from sim.reference.running import failures, run, short_pauses, tasks
from sim.reference.serving import http_client
from sim.reference.stack import Stack
from sim.reference.starvation import starvation
from sim.reference.systems import System, systems

PROGRESS_EVERY_S = 0.1
LAST_INSTANT_S = 0.05
"""How long the consequences of the horizon's own instant may take."""

LEAD_S = 0.02
LEAD_PER_CLIENT_S = 100e-6
"""Zero lies this far ahead, so that everything is scheduled by then."""

APART_S = 0.02
APART_PER_CLIENT_S = 2.5e-3
"""Each script's zero lies so far behind the one's before it, or all their instants would fall together."""


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
    with enough_descriptors(scripts), systems(scripts, redis) as together:
        return run(_perform(together, progress))


async def _perform(together: Sequence[System], progress: Progress | None) -> list[Trace]:
    loop = asyncio.get_running_loop()
    with failures() as failure, short_pauses():
        async with http_client() as http, AsyncExitStack() as up, tasks() as group:
            performances: dict[int, Performance] = {}
            for system in together:
                stack = await up.enter_async_context(system.standing(http))
                await _warm_up(stack)
                for position, script in system.scripts.items():
                    prefix = f"{system.namespace}{position}:"
                    performances[position] = Performance(prefix, script, stack=stack, clock=Clock(loop), group=group)
            zero = loop.time() + LEAD_S + LEAD_PER_CLIENT_S * sum(p.clients for p in performances.values())
            for performance in sorted(performances.values(), key=lambda p: -p.horizon_us):
                performance.start(zero)
                zero += APART_S + APART_PER_CLIENT_S * performance.clients
            with starvation() as starved:
                await _until_over(list(performances.values()), failure, progress)
            return [performances[n].trace("live", starved.longest_s) for n in sorted(performances)]


async def _until_over(
    performances: list[Performance],
    failure: "asyncio.Future[None]",
    progress: Progress | None,
) -> None:
    """Wait until nothing more can happen to anyone, at the latest to the last horizon."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    end = max(p.ends for p in performances) + LAST_INSTANT_S
    while loop.time() < end and not all(p.over for p in performances):
        await asyncio.wait([failure], timeout=min(PROGRESS_EVERY_S, end - loop.time()))
        if failure.done():
            failure.result()
        if progress is not None:
            progress(min(1.0, (loop.time() - begin) / (end - begin)))
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
