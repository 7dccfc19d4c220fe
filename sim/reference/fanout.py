"""The fanout server's hub, which writes each message to all of its user's connections, and its endpoints (F1 to F6)."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import orjson
from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from sim.contract import wire
from sim.reference.connection import Abort, Connection
from sim.reference.counters import Counters
from sim.reference.frames import text_frame
from sim.reference.serving import bound, loud
from sim.reference.settings import Settings

LONGEST_FRAME_BYTES = 512
CLOSE_WITHIN_S = 5.0
"""How long a client may take over the closing handshake."""

KERNEL_BUFFER_BYTES = 1 << 17
"""What the kernel may hold for a connection besides: left to itself it takes four times the send buffer (F3)."""

log = logging.getLogger(__name__)


class Witness(Protocol):
    """What the harness is told."""

    def unroutable(self, username: str, payload: bytes) -> None:
        """A message found no open connection of its user's."""

    def aborted(self, username: str, reason: Abort) -> None:
        """A connection of this user's was given up (F3, F4)."""


class NoWitness:
    """The Witness of a server in production: what happens is counted, not told."""

    def unroutable(self, username: str, payload: bytes) -> None:
        """Nobody needs to know."""

    def aborted(self, username: str, reason: Abort) -> None:
        """Nobody needs to know."""


class Hub:
    """Who is connected (F2). Dicts stand for ordered sets."""

    def __init__(self, witness: Witness, settings: Settings) -> None:
        """Tell the witness what is lost here; counters start from zero."""
        self.settings = settings
        self.counters = Counters()
        self._witness = witness
        self._left = False
        self._connections: dict[str, dict[Connection, None]] = {}
        self._nobody_there = asyncio.Event()

    def join(
        self, username: str, transport: asyncio.Transport, closing: Callable[[], bool] = lambda: False
    ) -> Connection:
        """Deliver this user's messages to this transport too from now on, unless it is `closing`."""
        connection = Connection(self, username, transport, closing)
        self._connections.setdefault(username, {})[connection] = None
        self.counters.connections_opened += 1
        return connection

    def leave(self, connection: Connection) -> None:
        """Forget a connection; what is waiting for it is written first where that is still possible."""
        connection.flush()
        connection.forget()
        of_user = self._connections[connection.username]
        del of_user[connection]
        if not of_user:
            del self._connections[connection.username]
        self.counters.connections_closed += 1
        if not self._connections:
            self._nobody_there.set()

    async def stop(self, *, killed: bool) -> None:
        """Say goodbye to every connection (F6) or break it without a word (F8); nothing is accounted for any more.

        Clients that do not answer the goodbye are cut off after a while.
        """
        self._left = True
        if self._connections and not killed:
            for connection in self._everybody():
                connection.say_goodbye()
            self._nobody_there.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await self._nobody_there.wait()
        for connection in self._everybody():
            connection.transport.abort()

    def deliver(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Write each (channel, payload) from Redis to its user's connections; what is malformed is dropped."""
        if self._left:
            return
        self.counters.messages_received += len(messages)
        for channel, payload in messages:
            try:
                username = wire.username_of(channel.decode())
                well_formed = isinstance(orjson.loads(payload), dict)
            except ValueError:
                well_formed = False
            if not well_formed:
                log.warning("channel %r: not a JSON object, dropped: %.100r", channel, payload)
                self.counters.messages_malformed += 1
                continue
            frame = text_frame(payload)
            delivered = False
            for connection in self._connections.get(username, ()):
                if connection.open:
                    connection.send(frame)
                    delivered = True
            if not delivered:
                self._unroutable(username, payload)

    def undelivered(self, username: str, payload: bytes) -> None:
        """A connection broke before it took this message; another one of the user's may have it all the same."""
        if not self._left and not any(connection.open for connection in self._connections.get(username, ())):
            self._unroutable(username, payload)

    def aborted(self, username: str, reason: Abort) -> None:
        """A connection is given up."""
        match reason:
            case "overflow":
                self.counters.aborted_overflow += 1
            case "write-timeout":
                self.counters.aborted_write_timeout += 1
            case "pong-timeout":
                self.counters.aborted_pong_timeout += 1
        if not self._left:
            self._witness.aborted(username, reason)

    def _everybody(self) -> list[Connection]:
        return [connection for connections in self._connections.values() for connection in connections]

    def _unroutable(self, username: str, payload: bytes) -> None:
        self.counters.messages_unroutable += 1
        self._witness.unroutable(username, payload)


HUB = web.AppKey("HUB", Hub)


def application(hub: Hub) -> web.Application:
    """The server: `GET /ws?username=U` (F1), `/health`, `/stats` and `/metrics`."""
    app = web.Application(middlewares=[loud])
    app[HUB] = hub
    app.router.add_get(wire.WEBSOCKET_PATH, _websocket)
    app.router.add_get("/health", _health)
    app.router.add_get("/stats", _stats)
    app.router.add_get("/metrics", _metrics)
    return app


async def _websocket(request: web.Request) -> web.StreamResponse:
    username = request.query.get("username", "")
    if not username:
        return web.Response(status=400, text="the query needs username=U, not empty\n")
    hub = request.app[HUB]
    # aiohttp refuses a frame of exactly max_msg_size too
    websocket = web.WebSocketResponse(
        max_msg_size=LONGEST_FRAME_BYTES + 1,
        compress=False,
        autoping=False,
        autoclose=False,
        timeout=2 * CLOSE_WITHIN_S,  # never comes: the limit is ours, since aiohttp's leaves what is unsent waiting
    )
    await websocket.prepare(request)
    transport = request.transport
    if transport is None:
        return websocket
    bound(transport, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
    connection = hub.join(username, transport, lambda: websocket.closed)
    try:
        await _listen(websocket, connection, hub.counters)
    finally:
        # leave before the closing handshake, so that no message follows our close frame
        hub.leave(connection)
    if connection.said_goodbye:  # and the client has answered
        transport.close()
    else:
        await _close(websocket, transport)
    return websocket


async def _listen(websocket: web.WebSocketResponse, connection: Connection, counters: Counters) -> None:
    """Ignore what the client sends (F5) until it closes; control frames are answered."""
    while True:
        message = await websocket.receive()
        if message.type is WSMsgType.PING:
            connection.answer_ping(message.data)
        elif message.type is WSMsgType.PONG:
            connection.heard_pong()
        elif message.type is WSMsgType.ERROR:
            if isinstance(message.data, WebSocketError) and message.data.code == WSCloseCode.MESSAGE_TOO_BIG:
                counters.closed_oversized += 1
            return
        elif message.type not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            return


async def _close(websocket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
    """Close with a handshake; a client that does not take part is cut off after a while."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await websocket.close()
    except TimeoutError:
        transport.abort()


async def _health(request: web.Request) -> web.StreamResponse:
    """Whether messages reach us: only while Redis has us as a subscriber."""
    counters = request.app[HUB].counters
    if counters.subscribed:
        return web.json_response({"status": "ok", "redis": "subscribed", "connections": counters.connections_open})
    return web.json_response(
        {"status": "unavailable", "redis": "not subscribed", "connections": counters.connections_open}, status=503
    )


async def _stats(request: web.Request) -> web.StreamResponse:
    match request.query.get("format", "json"):
        case "json":
            return web.json_response(request.app[HUB].counters.to_dict())
        case "prometheus":
            return await _metrics(request)
        case other:
            return web.json_response({"error": f"format must be json or prometheus, not {other!r}"}, status=400)


async def _metrics(request: web.Request) -> web.StreamResponse:
    text = request.app[HUB].counters.to_prometheus()
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    return web.Response(body=text.encode(), headers=headers)
