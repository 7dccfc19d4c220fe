"""Turns: happenings at one microsecond take place by class, then client, own events first (DESIGN.md section 3)."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from simpy import Environment, Event

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, ANSWER, TIMER, SERVER = range(9)

SERVERS = -1
"""In the place of a client: what befalls servers, first in its turn; their own timers go as they were set."""


class Clock(Environment):
    """SimPy's environment, its time in whole microseconds; nothing happens after the horizon."""

    def __init__(self, horizon_us: int) -> None:
        super().__init__()
        self.horizon_us = horizon_us

    now_us: int = property(attrgetter("_now"))  # type: ignore[assignment]  # in C: it is read at every turn
    """The current time in microseconds; only Happening schedules, at whole ones."""


class Happening(Event):
    """Something that happens at a time, in its turn; `subject` is what the callback needs to know.

    A zero delay is still a step: the happening waits for its turn in SimPy's queue, whose priority is the turn.
    What lies beyond the horizon is not scheduled, so that the simulation ends by itself.
    """

    _ok = True  # as soon as it is made, it is sure to happen
    _value = None

    def __init__(
        self,
        clock: Clock,
        time_us: int,
        turn: int,
        client: int,
        callback: Callable[[Any], None],
        subject: Any = None,
        *,
        order: int = 0,
    ) -> None:
        """Schedule the callback; it is given this happening. `order`, from 0 to 3, goes within a client's turn."""
        self.env = clock
        self.callbacks = [callback]
        self.subject = subject
        if time_us <= clock.horizon_us:
            priority = turn << 40 | client + 1 << 2 | order
            clock.schedule(self, priority, time_us - clock.now_us)  # type: ignore[arg-type]  # its type costs a call
