"""The same workload in SimPy's process style, as its documentation teaches it: a process for everything that goes on.

Workflow, Redis, fanout server, network, orchestrator and client are processes and stores, as the system has them. It
performs scripts of policy `hybrid` without faults of polls or servers, and measures as it goes.
"""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.contract.script import ClientScript, Script

CLIENTS_AT_ONCE = 1_000
"""SimPy costs least per client in small environments."""

Process = Generator[simpy.Event, Any, None]


@dataclass
class Measures:
    """What all clients come to; times in microseconds."""

    polls: Counter[int] = field(default_factory=Counter)
    late_us: list[int] = field(default_factory=list)
    area: int = 0


class Fanout:
    """Redis and the fanout server: what is published goes to its client's connection, where there is one."""

    def __init__(self, env: simpy.Environment) -> None:
        self.redis = simpy.Store(env)
        self.connections: dict[int, simpy.Store] = {}
        env.process(self.deliver())

    def deliver(self) -> Process:
        while True:
            client, index = yield self.redis.get()
            if client in self.connections:
                yield self.connections[client].put(index)


class Client:
    """One client, its run, and the network between them."""

    def __init__(
        self, env: simpy.Environment, fanout: Fanout, script: Script, me: ClientScript, measures: Measures
    ) -> None:
        self.env, self.fanout, self.script, self.me, self.measures = env, fanout, script, me, measures
        self.history: list[int] = []
        self.shown: set[int] = set()
        self.inbox = simpy.Store(env)
        self.newest_us = self.since_us = me.start_us
        for process in (self.workflow(), self.websocket(), self.watch()):
            env.process(process)

    def workflow(self) -> Process:
        for index, time_us in enumerate(self.me.event_us):
            yield self.env.timeout(time_us - self.env.now)
            self.history.append(index)
            if not self.me.event_lost[index]:
                yield self.fanout.redis.put((self.me.client, index))

    def websocket(self) -> Process:
        yield self.env.timeout(self.me.start_us + self.me.connect_us[0])
        connection = self.fanout.connections[self.me.client] = simpy.Store(self.env)
        network = self.env.process(self.network(connection))
        for lost_us in self.me.connection_lost_us:
            if lost_us >= self.env.now:
                yield self.env.timeout(lost_us - self.env.now)
                self.fanout.connections.pop(self.me.client, None)
                if network.is_alive:
                    network.interrupt()

    def network(self, connection: simpy.Store) -> Process:
        try:
            while True:
                index = yield connection.get()
                yield self.env.timeout(self.me.event_latency_us[index])
                yield self.inbox.put(index)
        except simpy.Interrupt:
            return

    def watch(self) -> Process:
        yield self.env.timeout(self.me.start_us)
        message = self.inbox.get()
        number = 0
        while True:
            timer = self.env.timeout(self.script.poll_interval_us)
            yield self.env.any_of((message, timer))
            heard: list[int] = []
            if message.triggered:
                heard = [message.value]  # type: ignore[list-item]
                message = self.inbox.get()
            else:
                yield self.env.process(self.poll(number, heard))
                number += 1
            for index in heard:
                self.show(index)
            if any(self.me.events[index].terminal for index in heard):
                self.grow_older()
                return

    def poll(self, number: int, heard: list[int]) -> Process:
        self.measures.polls[int(self.env.now) // 1_000_000] += 1
        latency_us = self.me.poll_latency_us[number]
        yield self.env.timeout(latency_us // 2)
        heard += self.history
        yield self.env.timeout(latency_us - latency_us // 2)

    def show(self, index: int) -> None:
        if index not in self.shown:
            self.shown.add(index)
            self.measures.late_us.append(int(self.env.now) - self.me.event_us[index])
            if self.me.event_us[index] > self.newest_us:
                self.grow_older()
                self.newest_us = self.me.event_us[index]

    def grow_older(self) -> None:
        now = int(self.env.now)
        self.measures.area += (now - self.newest_us) ** 2 - (self.since_us - self.newest_us) ** 2
        self.since_us = now


def perform(script: Script) -> Measures:
    """What all clients come to."""
    measures = Measures()
    for first in range(0, script.clients, CLIENTS_AT_ONCE):
        env = simpy.Environment()
        fanout = Fanout(env)
        for number in range(first, min(first + CLIENTS_AT_ONCE, script.clients)):
            Client(env, fanout, script, script.client(number), measures)
        env.run(until=script.horizon_us + 1)
    return measures
