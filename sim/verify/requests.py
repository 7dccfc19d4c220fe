"""Requests: what the script makes of a poll that was sent at a time, on its way there and back (C9, C11, L7, B8)."""

from typing import NamedTuple

from sim.contract.script import ERROR, TIMEOUT, ClientScript, Script
from sim.verify.expected import Wanted
from sim.verify.partition import passes_us


class Request(NamedTuple):
    """A poll: whose and its number, when and in whose turn it was sent, and when its request reaches the orchestrator.

    due_us: the same, but for a partition.
    """

    me: ClientScript
    number: int
    sent_us: int
    turn: int
    due_us: int
    reached_us: int

    @property
    def draw(self) -> int:
        """Where its draws stand (B20)."""
        return self.number % len(self.me.poll_latency_us)

    @property
    def returns_us(self) -> int:
        """How long the way back takes."""
        latency_us = self.me.poll_latency_us[self.draw]
        return latency_us - latency_us // 2

    @property
    def service_us(self) -> int:
        """How long a worker takes for it (O5)."""
        return self.me.poll_service_us[self.draw]

    @property
    def fate(self) -> int:
        """What faults make of it: its number's fate outranks the window it was sent in."""
        windows = (w.fate for w in self.me.poll_windows if w.from_us <= self.sent_us < w.until_us)
        return self.me.poll_fate[self.draw] or next(windows, 0)


def request(me: ClientScript, number: int, sent_us: int, turn: int) -> Request:
    """The poll of this number, sent at this time in this turn of it."""
    due_us = sent_us + me.poll_latency_us[number % len(me.poll_latency_us)] // 2
    return Request(me, number, sent_us, turn, due_us, passes_us(me, due_us))


def finish(script: Script, poll: Request, leaves_us: int, *, served: bool = False, overloaded: bool = False) -> Wanted:
    """The row that ends a poll whose answer, error or rejection starts its way back at this time.

    served: whether a worker's service ends then, in class 8: too late for a limit at that very instant.
    """
    limit_us = poll.sent_us + script.poll_timeout_us
    back_us = passes_us(poll.me, leaves_us + poll.returns_us)
    too_late = back_us > limit_us or (served and leaves_us == limit_us)
    if poll.fate == TIMEOUT or too_late:
        return limit_us, "poll_failed", -1, "timeout"
    if poll.fate == ERROR:
        return back_us, "poll_failed", -1, "error"
    return back_us, *(("poll_failed", -1, "overloaded") if overloaded else ("poll_answered", -1, "*"))
