"""World `live`: puts the reference implementation up, lets it perform scripts on real sockets, takes it down."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import aiohttp

from sim.contract import wire
from sim.contract.progress import Progress
from sim.contract.script import ClientScript, Script
from sim.contract.trace import Trace
from sim.reference import fanout, orchestrator
from sim.reference.client import Client, Habits
from sim.reference.embedded import embedded_redis
from sim.reference.limits import check_performable, enough_descriptors
from sim.reference.link import Link
from sim.reference.proxy import Proxy
from sim.reference.recorder import Clock, Recorder
from sim.reference.redis import connected
from sim.reference.running import failures, run, short_pauses, tasks
from sim.reference.serving import http_client, serving
from sim.reference.session import Session
from sim.reference.starvation import starvation
from sim.reference.workflow import Workflow

HOST = "127.0.0.1"
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
        check_performable(script)
    if not scripts:
        return []
    with enough_descriptors(scripts), embedded_redis() if redis is None else nullcontext(redis) as url:
        # on a server that others use too, our users must not be theirs
        namespace = "" if redis is None else f"{os.getpid()}:"
        return run(_perform(scripts, url, namespace, progress))


async def _perform(scripts: Sequence[Script], redis: str, namespace: str, progress: Progress | None) -> list[Trace]:
    clock = Clock(asyncio.get_running_loop())
    with failures() as failure, short_pauses():
        async with _stack(redis) as stack, tasks() as group:
            await _warm_up(stack)
            performances = [
                _Performance(f"{namespace}{index}:", script, stack=stack, clock=clock, group=group)
                for index, script in enumerate(scripts)
            ]
            clock.start(LEAD_S + LEAD_PER_CLIENT_S * sum(script.clients for script in scripts))
            for performance in performances:
                performance.schedule()
            with starvation() as starved:
                await _until_over(performances, clock, failure, progress)
    return [performance.trace(starved.longest_s) for performance in performances]


async def _until_over(
    performances: "list[_Performance]",
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


@dataclass(frozen=True, slots=True)
class _Stack:
    """The servers, up and ready; `url` is the proxy's."""

    orchestrator: orchestrator.Orchestrator
    proxy: Proxy
    url: str
    http: aiohttp.ClientSession


@asynccontextmanager
async def _stack(redis: str) -> AsyncIterator[_Stack]:
    async with tasks() as group, connected(redis, group) as broker, http_client() as http:
        # the hub's hook is asked only once messages flow, when there is a proxy
        hub = fanout.Hub(lambda *message: proxy.unroutable(*message))  # noqa: PLW0108  (bound only later)
        await broker.subscribe(wire.CHANNEL_PATTERN, hub.deliver)
        history = orchestrator.Orchestrator(broker)
        async with (
            serving(fanout.application(hub), HOST) as fanout_port,
            serving(orchestrator.application(history), HOST) as api_port,
            tasks() as passages,
        ):
            proxy = Proxy(_url(fanout_port), _url(api_port), http=http, group=passages)
            async with serving(proxy.application(), HOST) as proxy_port:
                yield _Stack(history, proxy, _url(proxy_port), http)


async def _warm_up(stack: _Stack) -> None:
    """Let a stranger use everything once, so that the first client does not pay for it."""
    events = stack.url + wire.EVENTS_PATH.format(run_id="warm-up")
    async with (
        stack.http.ws_connect(f"{stack.url}{wire.WEBSOCKET_PATH}?username=warm-up", compress=0),
        stack.http.get(events) as response,
    ):
        await response.read()


def _url(port: int, host: str = HOST) -> str:
    return f"http://{host}:{port}"


class _Performance:
    """One script with its clients, their links and workflows; `prefix` keeps its users and runs apart."""

    def __init__(self, prefix: str, script: Script, *, stack: _Stack, clock: Clock, group: asyncio.TaskGroup) -> None:
        self.horizon_us = script.horizon_us
        self._script = script
        self._clock = clock
        self._recorder = Recorder(script.horizon_us)
        self._habits = Habits(
            websocket=script.policy.websocket,
            polling=script.policy.polling,
            poll_at_mount=script.policy.poll_at_mount,
            poll_interval_us=script.poll_interval_us,
            backoff_factor=script.backoff_factor,
            backoff_max_us=script.backoff_max_us,
        )
        self._people = [self._person(prefix, client, stack, group) for client in script.all_clients()]
        stack.proxy.add(link for _, _, link, _ in self._people)

    def _person(self, prefix: str, script: ClientScript, stack: _Stack, group: asyncio.TaskGroup) -> "_Person":
        run_id, username = prefix + script.run_id, prefix + script.username
        clock, recorder = self._clock, self._recorder
        session = Session(
            script.client,
            Client(run_id, self._habits),
            run_id,
            username,
            fanout=stack.url,
            api=stack.url,
            poll_timeout_us=self._script.poll_timeout_us,
            http=stack.http,
            group=group,
            clock=clock,
            recorder=recorder,
        )
        link = Link(script, run_id, username, clock=clock, recorder=recorder)
        workflow = Workflow(
            script,
            run_id,
            username,
            orchestrator=stack.orchestrator,
            clock=clock,
            recorder=recorder,
            horizon_us=self.horizon_us,
        )
        return _Person(script.start_us, session, link, workflow)

    def schedule(self) -> None:
        """Let everything happen at its time, counted from the clock's zero."""
        loop = asyncio.get_running_loop()
        for start_us, session, link, workflow in self._people:
            loop.call_at(self._clock.when(start_us), session.mount)
            workflow.schedule()
            link.schedule()

    @property
    def over(self) -> bool:
        """Whether nothing more can happen within the horizon."""
        if self._clock.now_us() > self.horizon_us:
            return True
        return self._recorder.in_flight == 0 and not any(self._expecting(person) for person in self._people)

    def _expecting(self, person: "_Person") -> bool:
        session, link, workflow = person.session, person.link, person.workflow
        return (
            session.waiting(self.horizon_us)
            or not workflow.done
            or (link.may_lose and session.websocket_state == "open")
        )

    def trace(self, starved_s: float) -> Trace:
        """What has happened."""
        return Trace(self._recorder.rows, world="live", script=self._script, starved_s=starved_s)


class _Person(NamedTuple):
    start_us: int
    session: Session
    link: Link
    workflow: Workflow


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
                on_ready(Addresses(_url(fanout_at, host), _url(api_at, host), redis))
            await asyncio.get_running_loop().create_future()
