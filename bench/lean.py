"""A lean SimPy program for one workload: what one would write by hand, one class, without parts or layers.

It knows hybrid clients with zero delays, messages lost by a fault and connections that are lost; nothing else. It
records the same rows as the model world.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import simpy
from simpy.events import Event, EventPriority

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, seconds

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, TIMER = range(8)


def perform(script: Script) -> list[Row]:
    """The rows of the script, ordered as a trace is."""
    rows: list[Row] = []
    for first in range(0, script.clients, 1_000):
        env = simpy.Environment()
        for number in range(first, min(first + 1_000, script.clients)):
            Hybrid(env, script, script.client(number), rows.append)
        env.run()
    rows.sort(key=itemgetter(0, 1))
    return rows


class Hybrid:
    __slots__ = (
        "client", "displayed", "due", "env", "history", "horizon", "interval", "me", "opened", "record", "shown",
        "terminal", "wake",
    )  # fmt: skip

    def __init__(self, env: simpy.Environment, script: Script, me: ClientScript, record: Callable[[Row], None]) -> None:
        self.env, self.me, self.client, self.record = env, me, me.client, record
        self.horizon, self.interval = script.horizon_us, script.poll_interval_us
        self.history: list[int] = []
        self.shown: set[int] = set()
        self.displayed: set[int] = set()
        self.opened = self.terminal = False
        self.due = self.wake = -1
        self.at(me.start_us, MOUNT, self.mount)
        for lost_us in me.connection_lost_us:
            self.at(lost_us, CLOSE, self.close)
        if me.event_us:
            self.at(me.event_us[0], EMIT, self.emit, 0)

    def at(self, time: int, turn: int, callback: Callable[[Any], None], value: Any = None) -> None:
        if time <= self.horizon:
            event = Event(self.env)
            event._ok = True
            event._value = value
            event.callbacks.append(callback)
            self.env.schedule(event, EventPriority(turn << 40 | self.client), time - self.env.now)

    def arm(self, now: Any) -> None:
        self.due = now + self.interval
        self.record((now, self.client, "timer_armed", -1, seconds(self.due)))
        if self.wake < 0:
            self.wake = self.due
            self.at(self.due, TIMER, self.timer)

    def end(self, now: Any, event: int | None) -> None:
        if self.terminal:
            return
        if event is None:
            self.arm(now)
            return
        self.terminal = True
        self.record((now, self.client, "terminal_reached", event, ""))
        if self.due >= 0:
            self.due = -1
            self.record((now, self.client, "timer_cleared", -1, ""))

    def mount(self, _: Any) -> None:
        now: Any = self.env.now
        self.arm(now)
        self.at(now, OPEN, self.open)

    def open(self, _: Any) -> None:
        now: Any = self.env.now
        self.opened = True
        self.record((now, self.client, "websocket_opened", -1, ""))
        self.arm(now)

    def close(self, _: Any) -> None:
        now: Any = self.env.now
        if self.opened:
            self.opened = False
            self.record((now, self.client, "websocket_closed", -1, "connection-lost"))

    def emit(self, event: Any) -> None:
        me, now, index, record = self.me, event.env.now, event._value, self.record
        record((now, self.client, "event_emitted", index, ""))
        self.history.append(index)
        record((now, self.client, "message_published", index, ""))
        if not self.opened:
            record((now, self.client, "message_lost", index, "no-connection"))
        elif me.event_lost[index]:
            record((now, self.client, "message_lost", index, "fault"))
        else:
            self.at(now, ARRIVE, self.arrive, index)
        if index + 1 < len(me.event_us):
            self.at(me.event_us[index + 1], EMIT, self.emit, index + 1)

    def arrive(self, event: Any) -> None:
        now, index = event.env.now, event._value
        self.record((now, self.client, "message_received", index, ""))
        self.record((now, self.client, "event_repeated" if index in self.shown else "event_shown", index, ""))
        self.shown.add(index)
        self.displayed.add(index)
        self.end(now, index if self.me.events[index].terminal else None)

    def timer(self, _: Any) -> None:
        now: Any = self.env.now
        self.wake = -1
        if self.due == now:
            self.due = -1
            self.record((now, self.client, "poll_sent", -1, ""))
            self.at(now, REQUEST, self.request)
        elif self.due >= 0:
            self.wake = self.due
            self.at(self.due, TIMER, self.timer)

    def request(self, event: Any) -> None:
        self.at(event.env.now, ANSWER, self.answer, self.history.copy())

    def answer(self, event: Any) -> None:
        now, events, shown, displayed = event.env.now, event._value, self.shown, self.displayed
        self.record((now, self.client, "poll_answered", -1, str(len(events))))
        for index in events:
            if index not in shown:
                self.record((now, self.client, "event_shown", index, ""))
        for index in events:
            if index in shown and index not in displayed:
                self.record((now, self.client, "event_repeated", index, ""))
        self.displayed = set(events)
        shown.update(events)
        self.end(now, next((index for index in events if self.me.events[index].terminal), None))
