"""A script's cast on a running stack: its clients, their links and workflows, and what befalls its servers."""

import asyncio
from typing import NamedTuple

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Trace
from sim.reference import turns
from sim.reference.client import Client
from sim.reference.habits import Habits
from sim.reference.link import Link
from sim.reference.outages import Outages
from sim.reference.reconnection import Reconnection
from sim.reference.recorder import Clock, Recorder
from sim.reference.session import Session
from sim.reference.stack import Stack
from sim.reference.workflow import Workflow


class _Person(NamedTuple):
    start_us: int
    session: Session
    link: Link
    workflow: Workflow


class Performance:
    """One script with its clients, their links and workflows; `prefix` keeps its users and runs apart."""

    def __init__(self, prefix: str, script: Script, *, stack: Stack, clock: Clock, group: asyncio.TaskGroup) -> None:
        self.horizon_us = script.horizon_us
        self.clients = script.clients
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
            gap_poll=script.policy.gap_poll,
            final_poll=script.policy.final_poll,
            catch_up_poll=script.policy.catch_up_poll,
            poll_jitter=script.poll_jitter,
            error_backoff_factor=script.error_backoff_factor,
            error_backoff_max_us=script.error_backoff_max_us,
            retry_after=script.policy.retry_after,
        )
        self._outages = Outages(
            script,
            fanout=stack.fanout,
            redis=stack.redis,
            clock=clock,
            recorder=self._recorder,
            group=group,
            on_stop=stack.proxy.server_stops,
        )
        self._people = [self._person(prefix, client, stack, group) for client in script.all_clients()]
        stack.proxy.add(link for _, _, link, _ in self._people)

    def _person(self, prefix: str, script: ClientScript, stack: Stack, group: asyncio.TaskGroup) -> _Person:
        run_id, username = prefix + script.run_id, prefix + script.username
        clock, recorder = self._clock, self._recorder
        policy = self._script.policy
        reconnection = Reconnection(
            policy.reconnect,
            policy.jitter,
            self._script.reconnect_delay_us,
            self._script.reconnect_max_us,
            script.reconnect_draw,
        )
        session = Session(
            script.client,
            Client(run_id, self._habits, reconnection, script.poll_jitter_draw),
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
        link = Link(script, run_id, username, horizon_us=self.horizon_us, clock=clock, recorder=recorder)
        workflow = Workflow(
            script,
            run_id,
            username,
            data="." * self._script.scenario.workload.payload_bytes,
            link=link,
            orchestrator=stack.orchestrator,
            clock=clock,
            recorder=recorder,
            horizon_us=self.horizon_us,
        )
        return _Person(script.start_us, session, link, workflow)

    @property
    def ends(self) -> float:
        """The horizon, by the loop's time."""
        return self._clock.when(self.horizon_us)

    def start(self, zero: float) -> None:
        """Let everything happen at its time, counted from this time of the loop."""
        self._clock.start(zero)
        self._outages.schedule()
        for number, (start_us, session, link, workflow) in enumerate(self._people):
            turns.call_at(self._clock.when(start_us), (turns.MOUNT, number, 0), session.mount)
            workflow.schedule()
            link.schedule()

    @property
    def over(self) -> bool:
        """Whether nothing more can happen within the horizon."""
        if self._clock.now_us() > self.horizon_us:
            return True
        if self._outages.pending or self._recorder.in_flight:
            return False
        return not any(self._expecting(person) for person in self._people)

    def _expecting(self, person: _Person) -> bool:
        session, link, workflow = person.session, person.link, person.workflow
        return (
            session.waiting(self.horizon_us)
            or not workflow.done
            or (session.websocket_state == "open" and self._clock.now_us() <= link.steady_from_us)
        )

    def trace(self, world: str, starved_s: float = 0.0) -> Trace:
        """What has happened so far."""
        return Trace(self._recorder.rows, world=world, script=self._script, starved_s=starved_s)
