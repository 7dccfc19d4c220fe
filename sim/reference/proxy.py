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
from sim.reference.fanout import text_frame
from sim.reference.link import Link, Passage
from sim.reference.running import spawn
from sim.reference.serving import loud
from sim.reference.session import REFUSED_STATUS

UPSTREAM_FAILED_STATUS = 502

log = logging.getLogger(__name__)


class Proxy:
    """Forwards WebSockets and polls; whoever has no link is forwarded untouched.

    fanout, api: base URLs of the servers behind.
    """

    def __init__(self, fanout: str, api: str, *, http: aiohttp.ClientSession, group: asyncio.TaskGroup) -> None:
        self._fanout = fanout
        self._api = api
        self._http = http
        self._group = group
        self._by_username: dict[str, Link] = {}
        self._by_run: dict[str, Link] = {}

    def add(self, links: Iterable[Link]) -> None:
        """Perform these links' scripts from now on."""
        for link in links:
            self._by_username[link.username] = link
            self._by_run[link.run_id] = link

    def unroutable(self, username: str, payload: bytes) -> None:
        """The hub's hook: a message that found no connection; strangers' are not ours to record."""
        link = self._by_username.get(username)
        if link is not None:
            link.unroutable(payload)

    def application(self) -> web.Application:
        """The server half."""
        app = web.Application(middlewares=[loud])
        app.router.add_get(wire.WEBSOCKET_PATH, self._websocket)
        app.router.add_get(wire.EVENTS_PATH, self._events)
        return app

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        username = request.query.get("username", "")
        link = self._by_username.get(username)
        client_half = request.transport
        if client_half is None or not web.WebSocketResponse().can_prepare(request):
            return web.Response(status=400, text="a WebSocket handshake is wanted here\n")
        passage = Passage(link, client_half)
        if link is not None:
            link.passages[passage] = None
        try:
            if link is not None:
                until, rank, refused = link.attempt()
                await turns.reached(until, rank)
                if refused:
                    return web.Response(status=REFUSED_STATUS)
            return await self._pass(request, passage, username)
        except asyncio.CancelledError:  # the client has gone
            passage.lose()
            raise
        finally:
            if link is not None:
                del link.passages[passage]

    async def _pass(self, request: web.Request, passage: Passage, username: str) -> web.StreamResponse:
        connected: asyncio.Future[aiohttp.ClientWebSocketResponse[bool] | int] = (
            asyncio.get_running_loop().create_future()
        )
        # a task of its own: what the hub writes is accounted for even when the client has gone meanwhile
        spawn(self._group, self._server_half(passage, username, connected))
        upstream = await connected
        if isinstance(upstream, int):
            return web.Response(status=upstream)
        websocket = web.WebSocketResponse(compress=False, max_msg_size=0)
        try:
            await websocket.prepare(request)
            passage.open()
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await upstream.send_str(message.data)
                elif message.type is WSMsgType.BINARY:
                    await upstream.send_bytes(message.data)
        except ConnectionError as error:
            log.debug("%s: a half is gone: %r", username, error)
        passage.lose()
        return websocket

    async def _server_half(
        self,
        passage: Passage,
        username: str,
        connected: "asyncio.Future[aiohttp.ClientWebSocketResponse[bool] | int]",
    ) -> None:
        """Connect to the fanout server and take in its frames to the very end, also once the passage is lost."""
        status = UPSTREAM_FAILED_STATUS
        url = URL(f"{self._fanout}{wire.WEBSOCKET_PATH}?username={quote(username, safe='')}", encoded=True)
        try:
            async with self._http.ws_connect(url, compress=0, max_msg_size=0) as upstream:
                passage.connected(_transport(upstream))
                if not connected.done():
                    connected.set_result(upstream)
                async for message in upstream:
                    if message.type is WSMsgType.TEXT:
                        payload = message.data.encode()
                        passage.frame(payload, text_frame(payload))
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
        except (aiohttp.ClientError, ConnectionError) as error:
            log.debug("%s: the server's half is gone: %r", username, error)
        finally:
            if not connected.done():
                connected.set_result(status)
        passage.server_gone()

    async def _events(self, request: web.Request) -> web.StreamResponse:
        run_id = request.match_info["run_id"]
        link = self._by_run.get(run_id)
        if link is None:
            return await self._fetch(run_id)
        plan = link.poll()
        if plan.fate == TIMEOUT:
            await asyncio.get_running_loop().create_future()  # ends when the client gives up and is gone
        if plan.fate == ERROR:
            await turns.reached(plan.answer, (turns.ANSWER, link.client, 0))
            return web.Response(status=UPSTREAM_FAILED_STATUS)
        await turns.reached(plan.forward, (turns.REQUEST, link.client, 0))
        answer = await self._fetch(run_id)
        await turns.reached(plan.answer, (turns.ANSWER, link.client, 0))
        return answer

    async def _fetch(self, run_id: str) -> web.Response:
        url = URL(self._api + wire.EVENTS_PATH.format(run_id=quote(run_id, safe="")), encoded=True)
        try:
            async with self._http.get(url) as response:
                body = await response.read()
                return web.Response(status=response.status, body=body, content_type=response.content_type)
        except (aiohttp.ClientError, ConnectionError):
            return web.Response(status=UPSTREAM_FAILED_STATUS)


def _transport(websocket: "aiohttp.ClientWebSocketResponse[bool]") -> asyncio.Transport | None:
    """What aiohttp writes to; it has no public name for it. None where the server has closed already."""
    connection = websocket._response.connection
    return None if connection is None else connection.transport
