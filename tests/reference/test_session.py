"""The client's input and output against servers that misbehave, on real sockets and under virtual time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from sim.contract.trace import Row
from sim.reference import turns
from sim.reference.client import Client
from sim.reference.frames import GOING_AWAY, text_frame
from sim.reference.habits import Habits
from sim.reference.memory import MemoryConnector, MemoryLoop
from sim.reference.reconnection import Reconnection
from sim.reference.recorder import Clock, Recorder
from sim.reference.running import tasks
from sim.reference.serving import http_client, serving
from sim.reference.session import Session
from tests.reference.loops import lively, virtually

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

BEAT = '{"type": "heartbeat", "run_id": "r:/?", "number": 0, "newest": -1}'
BAD_BEATS = (
    '{"type": "heartbeat", "run_id": "r:/?", "number": 0}',
    '{"type": "heartbeat", "run_id": "r:/?", "number": -1, "newest": 0}',
    '{"type": "heartbeat", "run_id": "r:/?", "number": 0, "newest": -2}',
    '{"type": "heartbeat", "run_id": "r:/?", "number": 0, "newest": 1.0}',
    '{"type": "heartbeat", "run_id": "r:/?", "number": 0, "newest": 2147483648}',
    '{"type": "heartbeat", "number": 0, "newest": 1}',
)
GOOD = '{"type": "x", "run_id": "r:/?", "seq": 0, "timestamp": 0}'
BAD = (
    "no json",
    "[]",
    '{"type": "x"}',
    '{"type": "x", "run_id": "r:/?", "seq": -1, "timestamp": 0}',
    '{"type": "x", "run_id": "r:/?", "seq": 99999999999, "timestamp": 0}',
)
ONCE = Reconnection()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

both_loops = pytest.mark.parametrize("run", [lively, virtually])


class Awaiting(Recorder):
    """A recorder that tells when so many rows of this kind have come."""

    def __init__(self, kind: str, count: int) -> None:
        super().__init__(horizon_us=60_000_000)
        self.come = asyncio.Event()
        self._kind = kind
        self._count = count

    def record(self, time_us: int, client: int, kind: str, event: int = -1, detail: str = "") -> None:
        super().record(time_us, client, kind, event, detail)
        if [row[2] for row in self.rows].count(self._kind) == self._count:
            self.come.set()


async def lived(
    websocket: Handler,
    events: Handler,
    habits: Habits,
    last_kind: str,
    *,
    reconnection: Reconnection = ONCE,
    times: int = 1,
    and_then: Callable[[Session], None] = lambda session: None,
) -> list[Row]:
    """The rows of one client with these two servers until it has written so many rows of this kind."""
    app = web.Application()
    app.router.add_get("/ws", websocket)
    app.router.add_get("/api/v1/runs/{run_id}/events", events)
    recorder, clock = Awaiting(last_kind, times), Clock(asyncio.get_running_loop())
    connector = MemoryConnector() if isinstance(asyncio.get_running_loop(), MemoryLoop) else None
    async with serving(app, "127.0.0.1") as port, http_client(connector) as http, tasks() as group:
        session = Session(
            0,
            Client("r:/?", habits, reconnection),
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
        async with asyncio.timeout(60):
            await recorder.come.wait()
        and_then(session)
    return recorder.rows


async def refuses(request: web.Request) -> web.StreamResponse:
    raise web.HTTPServiceUnavailable


def test_bad_messages_are_ignored_and_logged_and_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def websocket(request: web.Request) -> web.StreamResponse:
        assert request.query["username"] == "u:/?&=%"
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for text in (*BAD, *BAD_BEATS):
            await socket.send_str(text)
        await socket.send_bytes(GOOD.encode())
        await socket.send_str(GOOD)
        await socket.send_str(BEAT)
        await socket.close()
        return socket

    with caplog.at_level(logging.WARNING):
        rows = lively(lived(websocket, refuses, Habits(gap_poll=True), "websocket_closed"))
    assert [row[2:] for row in rows if row[2] != "timer_armed"] == [
        ("websocket_opened", -1, ""),
        ("message_received", 0, ""),
        ("event_shown", 0, ""),
        ("message_received", -1, "heartbeat"),
        ("websocket_closed", -1, "connection-lost"),
    ]
    assert caplog.text.count("message ignored") == len(BAD + BAD_BEATS)


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
    rows = lively(lived(refuses, events, habits, "poll_failed"))
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
        return await lived(refuses, events, habits, "poll_failed")

    assert [row[2] for row in lively(main())][:3] == ["timer_armed", "poll_sent", "poll_failed"]
    assert asked == [1]


async def opened(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    return socket


async def fails(request: web.Request) -> web.StreamResponse:
    raise web.HTTPBadGateway


async def aborts_the_handshake(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def says_goodbye(request: web.Request) -> web.StreamResponse:
    socket = await opened(request)
    await socket.close(code=1001)
    return socket


async def says_goodbye_and_hears_no_answer(request: web.Request) -> web.StreamResponse:
    socket = await opened(request)
    assert request.transport is not None
    request.transport.write(text_frame(GOOD.encode()) + GOING_AWAY)
    request.transport.close()
    return socket


async def closes_without_a_goodbye(request: web.Request) -> web.StreamResponse:
    socket = await opened(request)
    await socket.close(code=1000)
    return socket


async def breaks(request: web.Request) -> web.StreamResponse:
    socket = await opened(request)
    await asyncio.sleep(0.01)  # an abort would take back what has not been read
    assert request.transport is not None
    request.transport.abort()
    return socket


async def talks_nonsense(request: web.Request) -> web.StreamResponse:
    socket = await opened(request)
    assert request.transport is not None
    request.transport.write(b"\xff\xff\xff\xff")
    await socket.receive()
    return socket


@both_loops
@pytest.mark.parametrize(
    ("websocket", "reason"),
    [
        (refuses, "refused"),
        (fails, "connection-lost"),
        (aborts_the_handshake, "connection-lost"),
        (says_goodbye, "going-away"),
        (says_goodbye_and_hears_no_answer, "going-away"),
        (closes_without_a_goodbye, "connection-lost"),
        (breaks, "connection-lost"),
        (talks_nonsense, "connection-lost"),
    ],
)
def test_b4_the_reason_of_a_close_is_a_refusal_a_goodbye_or_else_a_loss(
    run: Callable[..., list[Row]], websocket: Handler, reason: str
) -> None:
    rows = run(lived(websocket, refuses, Habits(polling=False), "websocket_closed"))
    assert rows[-1][2:] == ("websocket_closed", -1, reason)
    assert (rows[0][2] == "websocket_opened") == (websocket not in (refuses, fails, aborts_the_handshake))


@both_loops
def test_l1_what_was_sent_before_a_goodbye_is_received(run: Callable[..., list[Row]]) -> None:
    rows = run(lived(says_goodbye_and_hears_no_answer, refuses, Habits(polling=False), "websocket_closed"))
    assert [row[2] for row in rows] == ["websocket_opened", "message_received", "event_shown", "websocket_closed"]


@both_loops
def test_o5_a_poll_that_is_turned_away_fails_as_overloaded(run: Callable[..., list[Row]]) -> None:
    habits = Habits(websocket=False, poll_at_mount=True)
    rows = run(lived(refuses, refuses, habits, "poll_failed"))
    assert [row[2:] for row in rows if row[2] == "poll_failed"] == [("poll_failed", -1, "overloaded")]


RETRY_AFTER = [
    ("9", 9),
    ("00007", 7),
    ("0", 4),
    ("3", 4),
    ("86400", 86_400),
    ("9" * 40, 86_400),
    ("9" * 5000, 86_400),
    ("", 4),
    ("-9", 4),
    ("9.5", 4),
    ("9s", 4),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 4),
    (None, 4),
]


@pytest.mark.parametrize(("header", "wait_s"), RETRY_AFTER)
def test_p10_retry_after_is_whole_seconds_or_nothing_and_a_day_at_most(header: str | None, wait_s: int) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={} if header is None else {"Retry-After": header})

    habits = Habits(websocket=False, retry_after=True)
    rows = virtually(lived(refuses, events, habits, "timer_armed", times=2))
    assert rows[-2:] == [
        (4_000_000, 0, "poll_failed", -1, "overloaded"),
        (4_000_000, 0, "timer_armed", -1, f"{4 + wait_s}.000000"),
    ]


@pytest.mark.parametrize("status", [404, 429, 500, 502])
def test_p10_retry_after_counts_with_503_only(status: int) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Retry-After": "60"})

    rows = virtually(lived(refuses, events, Habits(websocket=False, retry_after=True), "timer_armed", times=2))
    assert rows[-1] == (4_000_000, 0, "timer_armed", -1, "8.000000")


@both_loops
def test_p2_a_client_by_sequence_asks_for_what_is_newer_than_what_it_has_shown(run: Callable[..., list[Row]]) -> None:
    asked: list[str] = []

    async def events(request: web.Request) -> web.StreamResponse:
        assert request.match_info["run_id"] == "r:/?"
        asked.append(request.query_string)
        event = f'{{"type": "x", "seq": {len(asked) - 1}, "timestamp": 0}}' if len(asked) < 3 else ""
        return web.Response(text=f'{{"run_id": "r:/?", "events": [{event}], "status": "running"}}')

    habits = Habits(websocket=False, poll_interval_us=10_000, final_poll=True)
    run(lived(refuses, events, habits, "poll_answered", times=4))
    assert asked[:4] == ["", "after=0", "after=1", "after=1"]


def test_c10_the_websocket_is_opened_again_and_again_at_the_very_times_of_the_rule() -> None:
    answers = [refuses, fails, says_goodbye, refuses, breaks]
    attempts: list[float] = []

    async def websocket(request: web.Request) -> web.StreamResponse:
        attempts.append(asyncio.get_running_loop().time())
        return await answers[len(attempts) - 1](request)

    doubling = Reconnection("exponential", delay_us=1_000_001)
    habits = Habits(polling=False)
    rows = virtually(lived(websocket, refuses, habits, "websocket_closed", reconnection=doubling, times=5))
    assert attempts == [0.0, 2.000002, 6.000006, 7.000007, 9.000009]
    assert [(time_us, detail) for time_us, _, kind, _, detail in rows if kind == "websocket_closed"] == [
        (0, "refused"),
        (2_000_002, "connection-lost"),
        (6_000_006, "going-away"),
        (7_000_007, "refused"),
        (9_010_009, "connection-lost"),
    ]


def test_c9_a_poll_that_is_not_answered_fails_at_its_time_limit_to_the_microsecond() -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(5.000001)
        return web.Response(text='{"run_id": "r:/?", "events": [], "status": "running"}')

    rows = virtually(lived(refuses, events, Habits(websocket=False, poll_interval_us=1_000_003), "poll_failed"))
    assert [row for row in rows if row[2] == "poll_failed"] == [(6_000_003, 0, "poll_failed", -1, "timeout")]


def test_c9_an_answer_that_arrives_in_the_instant_of_the_limit_counts() -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        limit = asyncio.get_running_loop().time() + 5
        await turns.reached(limit, (turns.ANSWER, 0, 0))
        return web.Response(text='{"run_id": "r:/?", "events": [], "status": "running"}')

    rows = virtually(lived(refuses, events, Habits(websocket=False, poll_interval_us=1_000_003), "poll_answered"))
    assert (6_000_003, 0, "poll_answered", -1, "0") in rows


@pytest.mark.parametrize(
    ("until_us", "waiting"), [(0, False), (1_009_999, False), (1_010_000, True), (60_000_000, True)]
)
def test_a_session_whose_next_attempt_is_due_within_the_time_is_waiting(until_us: int, *, waiting: bool) -> None:
    told: list[bool] = []
    fixed = Reconnection("fixed", delay_us=1_000_000)
    habits = Habits(polling=False)
    virtually(
        lived(
            breaks,
            refuses,
            habits,
            "websocket_closed",
            reconnection=fixed,
            and_then=lambda session: told.append(session.waiting(until_us)),
        )
    )
    assert told == [waiting]
