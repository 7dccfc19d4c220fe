"""The fault proxy: stands between clients and servers, asks each client's link what is to happen, and does it."""

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import quote

import aiohttp
from aiohttp import WSMsgType, web
from yarl import URL

from sim.contract import wire
from sim.contract.script import ERROR, TIMEOUT
from sim.reference import turns
from sim.reference.frames import text_frame
from sim.reference.link import Link, PollPlan, stranger
from sim.reference.passage import Passage
from sim.reference.running import spawn
from sim.reference.serving import loud
from sim.reference.session import ENDINGS, REFUSED_STATUS

UPSTREAM_FAILED_STATUS = 502
PASSED_ON = ("Content-Type", "Retry-After")
"""Headers of an answer."""

CONTROL = {WSMsgType.PING: 0x89, WSMsgType.PONG: 0x8A}
"""The first byte of a control frame (RFC 6455 section 5.2)."""

log = logging.getLogger(__name__)

Upstream = aiohttp.ClientWebSocketResponse[bool]


class Proxy:
    """Forwards WebSockets and polls.

    fanout, api: base URLs of the servers behind.
    queued: whether polls wait for a worker at the orchestrator, so that its answers have times of their own (O5).
    """

    def __init__(
        self,
        fanout: str,
        api: str,
        *,
        queued: bool,
        http: aiohttp.ClientSession,
        group: asyncio.TaskGroup,
    ) -> None:
        self._fanout = URL(fanout)
        self._api = api
        self._queued = queued
        self._http = http
        self._group = group
        self._by_username: dict[str, Link] = {}
        self._by_run: dict[str, Link] = {}
        self._unreached: dict[Passage, None] = {}

    def add(self, links: Iterable[Link]) -> None:
        """Perform these links' scripts from now on."""
        for link in links:
            self._by_username[link.username] = link
            self._by_run[link.run_id] = link

    def undelivered(self, username: str, payload: bytes | str, reason: str) -> None:
        """A server had to drop a message of this user's; strangers' are not ours to record."""
        link = self._by_username.get(username)
        if link is not None:
            link.undelivered(payload, reason)

    def aborted(self, username: str, reason: str) -> None:
        """The fanout server has given this user's connection up."""
        link = self._by_username.get(username)
        if link is not None:
            link.aborted(reason)

    def server_stops(self) -> None:
        """The fanout server stops: who found none as an attempt started, or does not read, has to be told (B16, L9)."""
        for passage in list(self._unreached):
            passage.server_gone()
        for link in self._by_username.values():
            link.server_stops()

    def service_us(self, run_id: str) -> int:
        """How long a worker takes for the request of this run that arrives (O5)."""
        link = self._by_run.get(run_id)
        return 0 if link is None else link.service_us()

    def application(self) -> web.Application:
        """The server half."""
        app = web.Application(middlewares=[loud])
        app.router.add_get(wire.WEBSOCKET_PATH, self._websocket)
        app.router.add_get(wire.EVENTS_PATH, self._events)
        return app

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        username = request.query.get("username", "")
        client_half = request.transport
        if client_half is None or not web.WebSocketResponse().can_prepare(request):
            return web.Response(status=400, text="a WebSocket handshake is wanted here\n")
        link = self._by_username.get(username) or stranger()
        passage = Passage(link, client_half)
        link.passages[passage] = None
        knock = None
        try:
            knock = await self._knock(passage)
            if knock is None:
                self._unreached[passage] = None
            done_us, rank, refused = link.attempt(reachable=knock is not None)
            await turns.reached(link.clock.when(done_us), rank)
            if passage.over:  # the server has gone meanwhile, and a partition holds up the news
                await asyncio.get_running_loop().create_future()
            if refused:
                return web.Response(status=REFUSED_STATUS)
            assert knock is not None
            return await self._pass(request, passage, username, knock)
        except asyncio.CancelledError:  # the client has gone
            passage.cut()
            raise
        finally:
            if knock is not None:
                knock.done()
            self._unreached.pop(passage, None)
            del link.passages[passage]

    async def _knock(self, passage: Passage) -> "_Knock | None":
        """Connect to the fanout server as the handshake starts, so that its end is noticed meanwhile (F8, F9)."""
        assert self._fanout.host is not None
        assert self._fanout.port is not None
        loop = asyncio.get_running_loop()
        try:
            _, knock = await loop.create_connection(lambda: _Knock(passage), self._fanout.host, self._fanout.port)
        except OSError:
            return None
        return knock

    async def _pass(self, request: web.Request, passage: Passage, username: str, knock: "_Knock") -> web.StreamResponse:
        connected: asyncio.Future[Upstream | int] = asyncio.get_running_loop().create_future()
        # a task of its own: what the hub writes is accounted for even when the client has gone meanwhile
        spawn(self._group, self._server_half(passage, username, connected))
        upstream = await connected
        knock.done()  # from now on the server's half tells of the server's end
        if isinstance(upstream, int):
            return web.Response(status=upstream)
        websocket = web.WebSocketResponse(compress=False, max_msg_size=0, autoping=False)
        try:
            await websocket.prepare(request)
            passage.open()
            server_half = _transport(upstream)
            async for message in websocket:
                if passage.silent or passage.over:
                    continue
                if message.type is WSMsgType.TEXT:
                    await upstream.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await upstream.send_bytes(message.data)
                elif message.type in CONTROL and server_half is not None:
                    passage.control(_masked(CONTROL[message.type], message.data), server_half)
        except (ConnectionError, aiohttp.ClientError) as error:
            log.debug("%s: a half is gone: %r", username, error)
        passage.cut()
        return websocket

    async def _server_half(self, passage: Passage, username: str, connected: "asyncio.Future[Upstream | int]") -> None:
        """Connect to the fanout server and take in its frames to the very end, also once the passage is over."""
        status, code = UPSTREAM_FAILED_STATUS, None
        url = URL(f"{self._fanout.origin()}{wire.WEBSOCKET_PATH}?username={quote(username, safe='')}", encoded=True)
        try:
            async with self._http.ws_connect(url, compress=0, max_msg_size=0, autoping=False) as upstream:
                passage.connected(_transport(upstream))
                if not connected.done():
                    connected.set_result(upstream)
                while (message := await upstream.receive()).type not in ENDINGS:
                    if message.type is WSMsgType.TEXT:
                        payload = message.data.encode()
                        passage.frame(payload, text_frame(payload))
                    elif message.type in CONTROL:
                        passage.from_server(CONTROL[message.type], message.data)
                code = message.data if message.type is WSMsgType.CLOSE else None
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
        except (aiohttp.ClientError, ConnectionError) as error:
            log.debug("%s: the server's half is gone: %r", username, error)
        if connected.done():
            passage.server_gone(code)
        else:
            connected.set_result(status)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        run_id = request.match_info["run_id"]
        link = self._by_run.get(run_id)
        query = request.rel_url.raw_query_string
        if link is None:
            return await self._fetch(run_id, query)
        plan = link.poll()
        if plan.fate == TIMEOUT:
            await asyncio.get_running_loop().create_future()  # ends when the client gives up and is gone
        if plan.fate == ERROR:
            await self._answering(link, plan.arrives_us + plan.back_us)
            return web.Response(status=UPSTREAM_FAILED_STATUS)
        answered: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        # a task of its own: a request that is on its way arrives even when its client has given it up (O5)
        spawn(self._group, self._forward(link, plan, query, answered))
        return await answered

    async def _forward(self, link: Link, plan: PollPlan, query: str, answered: "asyncio.Future[web.Response]") -> None:
        """Carry a request to the orchestrator and its answer back, each half way in its time (C9, L7)."""
        await turns.reached(link.clock.when(plan.arrives_us), (turns.REQUEST, link.client, 0))
        link.forwarded(plan)
        answer = await self._fetch(link.run_id, query)
        # without a queue an answer leaves as its request arrives, whatever fetching it took on real sockets
        leaves_us = link.clock.now_us() if self._queued else plan.arrives_us
        await self._answering(link, leaves_us + plan.back_us)
        if not answered.done():
            answered.set_result(answer)

    @staticmethod
    async def _answering(link: Link, arrives_us: int) -> None:
        await turns.reached(link.clock.when(link.passes_us(arrives_us)), (turns.ANSWER, link.client, 0))

    async def _fetch(self, run_id: str, query: str) -> web.Response:
        path = wire.EVENTS_PATH.format(run_id=quote(run_id, safe=""))
        url = URL(f"{self._api}{path}?{query}", encoded=True)
        try:
            async with self._http.get(url) as response:
                body = await response.read()
                told = {name: response.headers[name] for name in PASSED_ON if name in response.headers}
                return web.Response(status=response.status, body=body, headers=told)
        except (aiohttp.ClientError, ConnectionError):
            return web.Response(status=UPSTREAM_FAILED_STATUS)


class _Knock(asyncio.Protocol):
    """A connection that only tells whether the fanout server is there, from the start of a handshake to its end."""

    def __init__(self, passage: Passage) -> None:
        self._passage: Passage | None = passage
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._passage is not None:
            self._passage.server_gone()

    def done(self) -> None:
        """The handshake has come to its end."""
        self._passage = None
        if self._transport is not None:
            self._transport.close()


def _masked(opcode: int, payload: bytes) -> bytes:
    """A control frame as a client sends it, with an all-zero mask (RFC 6455 section 5.3)."""
    return bytes((opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def _transport(websocket: Upstream) -> asyncio.Transport | None:
    """What aiohttp writes to; it has no public name for it. None where the server has closed already."""
    connection = websocket._response.connection
    return None if connection is None else connection.transport
