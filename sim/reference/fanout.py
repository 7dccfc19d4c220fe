"""The fanout server: a hub that writes each message to all of its user's connections (F1 to F6)."""

import asyncio
import logging
import struct
from collections.abc import Callable, Sequence

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from sim.contract import wire
from sim.reference.serving import loud

SEND_BUFFER_BYTES = 1 << 20
LONGEST_FRAME_BYTES = 512
PING_EVERY_S = 25.0
PONG_WITHIN_S = 30.0
WRITE_WITHIN_S = 10.0
CLOSE_WITHIN_S = 5.0

PING = b"\x89\x00"

log = logging.getLogger(__name__)

Unroutable = Callable[[str, bytes], None]
"""Takes (username, payload) of a message that no connection was open for."""


def text_frame(payload: bytes) -> bytes:
    """An unmasked WebSocket text frame (RFC 6455 section 5.2): one message, never two (F2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


class Connection:
    """The hub's end of one WebSocket: what it writes in one turn of the loop leaves as one write."""

    def __init__(self, hub: "Hub", username: str, transport: asyncio.Transport) -> None:
        self.username = username
        self.transport = transport
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self._written = 0
        self._stall: asyncio.TimerHandle | None = None
        self._beat = self._loop.call_later(PING_EVERY_S, self._ping)
        self._silence: asyncio.TimerHandle | None = None

    def send(self, frame: bytes) -> None:
        """Write a frame together with all others of this turn."""
        if not self._unsent:
            self._loop.call_soon(self.flush)
        self._unsent.append(frame)

    def flush(self) -> None:
        """Write what is waiting; too much unread aborts this connection and no other (F3)."""
        unsent, self._unsent = self._unsent, []
        if not unsent:
            return
        if self.transport.is_closing():
            for frame in unsent:
                self._hub.undelivered(self.username, _payload(frame))
            return
        data = b"".join(unsent)
        self.transport.write(data)
        self._written += len(data)
        waiting = self.transport.get_write_buffer_size()
        if waiting > SEND_BUFFER_BYTES:
            log.warning("%s reads too slowly: %d bytes unsent, aborted", self.username, waiting)
            self.transport.abort()
        elif waiting and self._stall is None:
            self._stall = self._loop.call_later(WRITE_WITHIN_S, self._check_write, self._written)

    def heard_pong(self) -> None:
        """The client lives (F4)."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def forget(self) -> None:
        """End every timer."""
        for timer in (self._beat, self._silence, self._stall):
            if timer is not None:
                timer.cancel()

    def _ping(self) -> None:
        self.transport.write(PING)
        self._beat = self._loop.call_later(PING_EVERY_S, self._ping)
        if self._silence is None:
            self._silence = self._loop.call_later(PONG_WITHIN_S, self.transport.abort)

    def _check_write(self, written: int) -> None:
        """Abort if bytes written by then are unsent still (F4, write timeout)."""
        self._stall = None
        waiting = self.transport.get_write_buffer_size()
        if self._written - waiting < written:
            self.transport.abort()
        elif waiting:
            self._stall = self._loop.call_later(WRITE_WITHIN_S, self._check_write, self._written)


def _payload(frame: bytes) -> bytes:
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


class Hub:
    """Who is connected (F2). Dicts stand for ordered sets."""

    def __init__(self, on_unroutable: Unroutable) -> None:
        """Tell `on_unroutable` about each message that finds no connection."""
        self._on_unroutable = on_unroutable
        self._connections: dict[str, dict[Connection, None]] = {}

    def join(self, username: str, transport: asyncio.Transport) -> Connection:
        """Deliver this user's messages to this transport too from now on."""
        connection = Connection(self, username, transport)
        self._connections.setdefault(username, {})[connection] = None
        return connection

    def leave(self, connection: Connection) -> None:
        """Forget a connection; what is waiting for it is written first where that is still possible."""
        connection.flush()
        connection.forget()
        of_user = self._connections[connection.username]
        del of_user[connection]
        if not of_user:
            del self._connections[connection.username]

    def deliver(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Write each (channel, payload) from Redis to its user's connections; what is malformed is dropped."""
        for channel, payload in messages:
            try:
                username = wire.username_of(channel.decode())
                well_formed = isinstance(orjson.loads(payload), dict)
            except ValueError:
                well_formed = False
            if not well_formed:
                log.warning("channel %r: not a JSON object, dropped: %.100r", channel, payload)
                continue
            frame = text_frame(payload)
            delivered = False
            for connection in self._connections.get(username, ()):
                if not connection.transport.is_closing():
                    connection.send(frame)
                    delivered = True
            if not delivered:
                self._on_unroutable(username, payload)

    def undelivered(self, username: str, payload: bytes) -> None:
        """A connection broke before it took this message; another one of the user's may have it all the same."""
        if all(connection.transport.is_closing() for connection in self._connections.get(username, ())):
            self._on_unroutable(username, payload)


HUB = web.AppKey("HUB", Hub)
_OPEN: "web.AppKey[dict[web.WebSocketResponse, None]]" = web.AppKey("_OPEN")


def application(hub: Hub) -> web.Application:
    """The server: `GET /ws?username=U` (F1)."""
    app = web.Application(middlewares=[loud])
    app[HUB] = hub
    app[_OPEN] = {}
    app.router.add_get(wire.WEBSOCKET_PATH, _websocket)
    app.on_shutdown.append(_say_goodbye)
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
        timeout=CLOSE_WITHIN_S,
    )
    await websocket.prepare(request)
    transport = request.transport
    if transport is None:
        return websocket
    request.app[_OPEN][websocket] = None
    connection = hub.join(username, transport)
    try:
        await _listen(websocket, connection)
    finally:
        # leave before the closing handshake, so that no message follows our close frame
        hub.leave(connection)
        del request.app[_OPEN][websocket]
    await websocket.close()
    return websocket


async def _listen(websocket: web.WebSocketResponse, connection: Connection) -> None:
    """Ignore what the client sends (F5) until it closes; control frames are answered."""
    while True:
        message = await websocket.receive()
        if message.type is WSMsgType.PING:
            if not websocket.closed and not connection.transport.is_closing():
                await websocket.pong(message.data)
        elif message.type is WSMsgType.PONG:
            connection.heard_pong()
        elif message.type not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            return


async def _say_goodbye(app: web.Application) -> None:
    """Close every connection with 1001 before the server leaves (F6)."""
    websockets = [*app[_OPEN]]
    async with asyncio.TaskGroup() as group:
        for websocket in websockets:
            group.create_task(websocket.close(code=WSCloseCode.GOING_AWAY))
