"""Queue: the orchestrator's workers as the requests of all clients find them (O4, O5)."""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from sim.contract.script import ANSWERED, Script
from sim.verify.requests import Request


class Served(NamedTuple):
    """How a request fared: when its answer or rejection starts its way back, and whether it found all workers busy."""

    poll: Request
    leaves_us: int
    waited: bool
    overloaded: bool


def served(script: Script, polls: Iterable[Request]) -> list[Served]:
    """The requests that reach the orchestrator, in the order in which they do; what a fault takes never does.

    Arrivals (class 5) of an instant come before the ends of services (class 8) at it.
    """
    orchestrator = script.scenario.orchestrator
    free, busy_us, waiting, done = orchestrator.workers, list[int](), deque[Request](), list[Served]()

    def work_until(now_us: float) -> None:
        nonlocal free
        while busy_us and busy_us[0] < now_us:
            ended_us = heappop(busy_us)
            if waiting:
                take(waiting.popleft(), ended_us, waited=True)
            else:
                free += 1

    def take(poll: Request, now_us: int, *, waited: bool) -> None:
        ends_us = now_us + poll.me.poll_service_us[poll.number]
        heappush(busy_us, ends_us)
        done.append(Served(poll, ends_us, waited, overloaded=False))

    for poll in sorted((poll for poll in polls if poll.fate == ANSWERED), key=_arrival):
        work_until(poll.reached_us)
        if free:
            free -= 1
            take(poll, poll.reached_us, waited=False)
        elif len(waiting) < orchestrator.queue_limit:
            waiting.append(poll)
        else:
            done.append(Served(poll, poll.reached_us, waited=True, overloaded=True))
    work_until(float("inf"))
    return sorted(done, key=lambda request: _arrival(request.poll))


def _arrival(poll: Request) -> tuple[int, bool, int, int]:
    """The order of arrivals at one instant: what was sent in class 7 of this very instant comes after all others."""
    return poll.reached_us, poll.sent_us == poll.reached_us != poll.me.start_us, poll.me.client, poll.number
