"""The orchestrator: histories of runs, and the API that polls read (O1 to O5, W2)."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from sim.contract import wire
from sim.contract.wire import Heartbeat, Message
from sim.reference.digits import whole_number
from sim.reference.queue import WorkQueue
from sim.reference.redis import Broker
from sim.reference.serving import loud

GREATEST_SEQ = 2**31 - 1
"""No event has a greater one."""


def _no_time(run_id: str) -> int:
    return 0


class Orchestrator:
    """Each run's history, and the way of a new event: into the history first, then to Redis (W2).

    queue: where requests wait for a worker (O5), None where each is answered at once. service_us: how long a worker
    takes for the request of this run that arrives, asked once for each. retry_after_s: what those turned away are told.
    """

    def __init__(
        self,
        broker: Broker,
        queue: WorkQueue | None = None,
        *,
        service_us: Callable[[str], int] = _no_time,
        retry_after_s: int = 1,
    ) -> None:
        self.queue = queue
        self.service_us = service_us
        self.retry_after_s = retry_after_s
        self._broker = broker
        self._histories: dict[str, list[Message]] = {}

    def open(self, run_id: str) -> None:
        """Know a run, without events so far; unknown runs are answered 404 (O2)."""
        self._histories.setdefault(run_id, [])

    def history(self, run_id: str) -> list[Message] | None:
        """The run's events so far, None where there is no such run."""
        return self._histories.get(run_id)

    def append(self, message: Message) -> None:
        """Append an event to its run's history, opening the run where it is new (W2, first step)."""
        self._histories.setdefault(message.run_id, []).append(message)

    def publish(self, username: str, message: Message) -> None:
        """Publish an event to its user's channel (W2, second step; R1)."""
        self._broker.publish(wire.channel(username), wire.encode_message(message))

    def beat(self, username: str, run_id: str, number: int) -> None:
        """Publish a heartbeat, which tells of the run's newest event, to its user's channel (P3)."""
        history = self._histories[run_id]
        newest = history[-1].seq if history else -1
        self._broker.publish(wire.channel(username), wire.encode_heartbeat(Heartbeat(run_id, number, newest)))


ORCHESTRATOR = web.AppKey("ORCHESTRATOR", Orchestrator)


def application(orchestrator: Orchestrator) -> web.Application:
    """The API: GET a run's events (O1), with `?after=N` those of a greater seq (P2).

    POST one event with `?username=U`, for people and their scripts.
    """
    app = web.Application(middlewares=[loud])
    app[ORCHESTRATOR] = orchestrator
    app.router.add_get(wire.EVENTS_PATH, _events)
    app.router.add_post(wire.EVENTS_PATH, _emit)
    return app


async def _events(request: web.Request) -> web.StreamResponse:
    run_id = request.match_info["run_id"]
    orchestrator = request.app[ORCHESTRATOR]
    after = _after(request)
    if after is None:
        return _problem(400, f"the query's {wire.AFTER} must be one whole number from 0: the seq after which to begin")
    history = orchestrator.history(run_id)
    if history is None:
        return _problem(404, f"there is no run {run_id!r}")
    answer = wire.encode_answer(run_id, history, after)  # as of the request's arrival (O3)
    if orchestrator.queue is not None:
        served = orchestrator.queue.admit(orchestrator.service_us(run_id))
        if served is None:
            overloaded = _problem(503, "too many requests are waiting; try again later")
            overloaded.headers["Retry-After"] = str(orchestrator.retry_after_s)
            return overloaded
        await served
    return web.Response(text=answer, content_type="application/json")


def _after(request: web.Request) -> int | None:
    """The seq after which the answer is to begin, -1 where it is to hold all (P2); None for what is no such number."""
    match request.query.getall(wire.AFTER, []):
        case []:
            return -1
        case [text]:
            return whole_number(text, GREATEST_SEQ)
    return None


async def _emit(request: web.Request) -> web.StreamResponse:
    orchestrator = request.app[ORCHESTRATOR]
    run_id, username = request.match_info["run_id"], request.query.get("username", "")
    if not username:
        return _problem(400, "the query needs username=U, not empty: whom the event is published to")
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        return _problem(400, f"the body is not JSON ({error})")
    problem = _body_problem(body)
    if problem is not None:
        return _problem(400, problem)
    # read only now, after the last await: two requests at once must not take the same index
    seq = len(orchestrator.history(run_id) or ())
    now_s = asyncio.get_running_loop().time()
    message = Message(run_id, seq, body["type"], body.get("node_id"), round(now_s, 6))
    orchestrator.append(message)
    orchestrator.publish(username, message)
    return web.Response(status=201, text=wire.encode_message(message), content_type="application/json")


def _body_problem(body: Any) -> str | None:
    if not isinstance(body, dict):
        return 'the body must be a JSON object such as {"type": "node_completed", "node_id": "a"}'
    unknown = [key for key in body if key not in ("type", "node_id")]
    if unknown:
        return f"unknown key {unknown[0]!r}; an event has type and node_id"
    if not isinstance(body.get("type"), str) or not body["type"]:
        return "type must be a string, not empty"
    if not isinstance(body.get("node_id", ""), str | None):
        return "node_id must be a string"
    return None


def _problem(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
