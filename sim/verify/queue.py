"""Queue: the orchestrator's workers as the requests of all clients find them (O4, O5)."""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from sim.contract.script import ANSWERED, Script
from sim.verify.happenings import FINISH, REQUEST
from sim.verify.requests import Request


class Served(NamedTuple):
    """How a request fared: when its answer or rejection starts its way back, and whether it found all workers busy."""

    poll: Request
    leaves_us: int
    waited: bool
    overloaded: bool


def served(script: Script, polls: Iterable[Request]) -> list[Served]:
    """The requests that reach the orchestrator, in the order in which they do; what a fault takes never does.

    Arrivals (class 5) of an instant come before the ends of services (class 8) at it, but for a poll that is sent at
    once when such an end is its client's answer (P8).
    """
    orchestrator = script.scenario.orchestrator
    free, waiting, done = orchestrator.workers, deque[Request](), list[Served]()
    busy: list[tuple[int, int, Request]] = []
    inside: set[tuple[int, int]] = set()  # waiting or being served
    arrivals = sorted((poll for poll in polls if poll.fate == ANSWERED), key=_arrival)
    at_answers = {(poll.me.client, poll.number): poll for poll in arrivals if poll.turn == FINISH}

    def arrive(poll: Request) -> None:
        nonlocal free
        if free:
            free -= 1
            take(poll, poll.reached_us, waited=False)
        elif len(waiting) < orchestrator.queue_limit:
            waiting.append(poll)
        else:
            done.append(Served(poll, poll.reached_us, waited=True, overloaded=True))
            return
        inside.add((poll.me.client, poll.number))

    def take(poll: Request, now_us: int, *, waited: bool) -> None:
        ends_us = now_us + poll.service_us
        heappush(busy, (ends_us, len(done), poll))
        done.append(Served(poll, ends_us, waited, overloaded=False))

    def work_until(now_us: float) -> None:
        nonlocal free
        while busy and busy[0][0] < now_us:
            ended_us, _, poll = heappop(busy)
            inside.remove((poll.me.client, poll.number))
            if waiting:
                take(waiting.popleft(), ended_us, waited=True)
            else:
                free += 1
            following = at_answers.get((poll.me.client, poll.number + 1))
            if following is not None and following.reached_us == ended_us:
                arrive(following)

    for poll in arrivals:
        work_until(poll.reached_us)
        if poll.turn != FINISH or poll.reached_us > poll.sent_us or (poll.me.client, poll.number - 1) not in inside:
            arrive(poll)
    work_until(float("inf"))
    return sorted(done, key=lambda request: _arrival(request.poll))


def _arrival(poll: Request) -> tuple[int, int, int, int]:
    """The order of arrivals at one instant: what was sent in a later turn of this very instant comes after others."""
    late = poll.turn if poll.sent_us == poll.reached_us and poll.turn > REQUEST else 0
    return poll.reached_us, late, poll.me.client, poll.number
