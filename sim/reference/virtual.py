"""World `virtual`: the reference implementation in memory, under a clock that jumps (DESIGN.md section 8)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.reference import turns
from sim.reference.broker import LocalBroker
from sim.reference.clock import STEPS_PER_INSTANT
from sim.reference.fanout_server import LocalFanout, settings_of
from sim.reference.limits import check_performable
from sim.reference.memory import MemoryConnector, MemoryLoop
from sim.reference.outages import Redis
from sim.reference.performance import Performance
from sim.reference.recorder import Clock
from sim.reference.redis import Broker, connected
from sim.reference.resp import resp_server
from sim.reference.running import failures, run, short_pauses, tasks
from sim.reference.serving import HOST, http_client
from sim.reference.stack import Reports, standing

RedisKind = Literal["local", "resp"]

REDIS_PORT = 6379
FIRST_LOOK_US = 1_000_000
PROGRESS_STEPS = 100

STEPS_PER_HAPPENING = 200
"""More passes of the loop than one event or client can cause at one instant."""


def perform(script: Script, *, redis: RedisKind = "local", progress: Progress | None = None) -> Trace:
    """What happens when the reference implementation performs the script by a virtual clock.

    redis: a broker in process, or redis-py against a Redis-protocol server in process.
    Raises CannotPerform before anything is started.
    """
    check_performable(script, "virtual")
    happenings = script.clients * (1 + len(script.other_events) + script.heartbeats + max(map(len, script.runs)))
    steps = STEPS_PER_INSTANT + STEPS_PER_HAPPENING * happenings
    return run(_perform(script, redis, progress), partial(MemoryLoop, steps_per_instant=steps))


async def _perform(script: Script, redis: RedisKind, progress: Progress | None) -> Trace:
    with failures() as failure, short_pauses():
        reports = Reports(outages=bool(script.redis_outages))
        async with (
            _broker(redis, reports) as (broker, server),
            http_client(MemoryConnector()) as http,
            tasks() as serving,
        ):
            fanout = LocalFanout(broker, settings_of(script), reports, serving)
            queue = script.scenario.orchestrator
            async with standing(broker, fanout, http, reports, queue, server) as stack, tasks() as group:
                clock = Clock(asyncio.get_running_loop())
                performance = Performance("", script, stack=stack, clock=clock, group=group)
                performance.start(0.0)
                await _until_over(performance, clock, failure, progress)
                # before the system is taken down, which takes no time and would be seen
                return performance.trace("virtual")


@asynccontextmanager
async def _broker(redis: RedisKind, reports: Reports) -> AsyncIterator[tuple[Broker, Redis]]:
    """The broker, and the server behind it that an outage takes away."""
    if redis == "local":
        broker = LocalBroker(reports.lost)
        yield broker, broker
        return
    async with (
        tasks() as group,
        resp_server(HOST, REDIS_PORT) as server,
        connected(server.url, group, reports.lost) as remote,
    ):
        yield remote, server


async def _until_over(
    performance: Performance, clock: Clock, failure: "asyncio.Future[None]", progress: Progress | None
) -> None:
    """Let the horizon's instant be performed completely, and stop before it where nothing more can happen.

    To look whether it is over costs time, so the looks are ever further apart.
    """
    loop = asyncio.get_running_loop()
    horizon_us, look_us = performance.horizon_us, 0
    while look_us < horizon_us or look_us == 0:
        step_us = max(FIRST_LOOK_US, look_us)
        if progress is not None:
            step_us = min(step_us, max(1, horizon_us // PROGRESS_STEPS))
        look_us = min(horizon_us, look_us + step_us)
        look: asyncio.Future[None] = loop.create_future()
        turns.call_at(clock.when(look_us), turns.END, look.set_result, None)
        await asyncio.wait([look, failure], return_when=asyncio.FIRST_COMPLETED)
        if failure.done():
            failure.result()
        if progress is not None:
            progress(look_us / horizon_us if horizon_us else 1.0)
        if performance.over or not horizon_us:
            break
    if progress is not None:
        progress(1.0)
