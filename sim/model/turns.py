"""Turns: happenings at one microsecond take place by class, then client, own events first (DESIGN.md section 3)."""

from collections.abc import Callable
from typing import Any

from simpy import Environment, Event

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, TIMER = range(8)


class Happening(Event):
    """Something that happens at a time, in its turn; `value` is what the callback needs to know.

    A zero delay is still a step: the happening waits for its turn in SimPy's queue, whose priority is the turn.
    """

    def __init__(
        self,
        env: Environment,
        time_us: int,
        turn: int,
        client: int,
        callback: Callable[["Happening"], None],
        value: Any = None,
        other: bool = False,
    ) -> None:
        self.env = env
        self.callbacks = [callback]
        self._ok = True
        self._value = value
        env.schedule(self, turn << 40 | client << 1 | other, time_us - env.now)
