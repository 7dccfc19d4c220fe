"""The client's input and output against servers that misbehave."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from sim.contract.trace import Row
from sim.reference.client import Client, Habits
from sim.reference.recorder import Clock, Recorder
from sim.reference.running import tasks
from sim.reference.serving import http_client, serving
from sim.reference.session import Session

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

GOOD = '{"type": "x", "run_id": "r:/?", "seq": 0, "timestamp": 0}'
BAD = (
    "no json",
    "[]",
    '{"type": "x"}',
    '{"type": "x", "run_id": "r:/?", "seq": -1, "timestamp": 0}',
    '{"type": "x", "run_id": "r:/?", "seq": 99999999999, "timestamp": 0}',
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Awaiting(Recorder):
    """A recorder that tells when a row of this kind has come."""

    def __init__(self, kind: str) -> None:
        super().__init__(horizon_us=60_000_000)
        self.come = asyncio.Event()
        self._kind = kind

    def record(self, time_us: int, client: int, kind: str, event: int = -1, detail: str = "") -> None:
        super().record(time_us, client, kind, event, detail)
        if kind == self._kind:
            self.come.set()


async def lived(websocket: Handler, events: Handler, habits: Habits, last_kind: str) -> list[Row]:
    """The rows of one client with these two servers until it writes a row of this kind."""
    app = web.Application()
    app.router.add_get("/ws", websocket)
    app.router.add_get("/api/v1/runs/{run_id}/events", events)
    recorder, clock = Awaiting(last_kind), Clock(asyncio.get_running_loop())
    async with serving(app, "127.0.0.1") as port, http_client() as http, tasks() as group:
        session = Session(
            0,
            Client("r:/?", habits),
            "r:/?",
            "u:/?&=%",
            fanout=f"http://127.0.0.1:{port}",
            api=f"http://127.0.0.1:{port}",
            poll_timeout_us=5_000_000,
            http=http,
            group=group,
            clock=clock,
            recorder=recorder,
        )
        session.mount()
        async with asyncio.timeout(10):
            await recorder.come.wait()
    return recorder.rows


async def never(request: web.Request) -> web.StreamResponse:
    raise web.HTTPServiceUnavailable


def test_bad_messages_are_ignored_and_logged_and_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def websocket(request: web.Request) -> web.StreamResponse:
        assert request.query["username"] == "u:/?&=%"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for text in BAD:
            await socket.send_str(text)
        await socket.send_bytes(GOOD.encode())
        await socket.send_str(GOOD)
        await socket.close()
        return socket

    with caplog.at_level(logging.WARNING):
        rows = asyncio.run(lived(websocket, never, Habits(), "websocket_closed"))
    assert [row[2:] for row in rows if row[2] != "timer_armed"] == [
        ("websocket_opened", -1, ""),
        ("message_received", 0, ""),
        ("event_shown", 0, ""),
        ("websocket_closed", -1, "connection-lost"),
    ]
    assert caplog.text.count("message ignored") == len(BAD)


@pytest.mark.parametrize(
    "answer",
    [
        (404, "{}"),
        (500, ""),
        (200, "no json"),
        (200, '{"run_id": "r:/?", "events": 1, "status": "running"}'),
        (200, '{"run_id": "another", "events": [{"type": "x", "seq": 0, "timestamp": 0}], "status": "running"}'),
        (200, '{"run_id": "r:/?", "events": [{"type": "x", "seq": -1, "timestamp": 0}], "status": "running"}'),
    ],
)
def test_a_bad_answer_fails_the_poll_with_error(answer: tuple[int, str]) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        assert request.match_info["run_id"] == "r:/?"
        return web.Response(status=answer[0], text=answer[1])

    habits = Habits(websocket=False, poll_interval_us=10_000)
    rows = asyncio.run(lived(never, events, habits, "poll_failed"))
    assert [row[2:] for row in rows][:3] == [
        ("timer_armed", -1, rows[0][4]),
        ("poll_sent", -1, ""),
        ("poll_failed", -1, "error"),
    ]


def test_a_poll_whose_connection_breaks_fails_once_and_is_not_sent_again() -> None:
    asked = []

    async def events(request: web.Request) -> web.StreamResponse:
        asked.append(1)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def main() -> list[Row]:
        habits = Habits(websocket=False, poll_at_mount=True, poll_interval_us=60_000_000)
        return await lived(never, events, habits, "poll_failed")

    assert [row[2] for row in asyncio.run(main())][:3] == ["timer_armed", "poll_sent", "poll_failed"]
    assert asked == [1]
