"""The hybrid client's input and output: one WebSocket, polls, one timer (C1 to C9 are decided in client.py)."""

import asyncio
import logging
from collections.abc import Iterable
from urllib.parse import quote

import aiohttp
from yarl import URL

from sim.contract import wire
from sim.reference import turns
from sim.reference.client import Client
from sim.reference.digits import whole_number
from sim.reference.recorder import Clock, Recorder
from sim.reference.running import spawn
from sim.reference.steps import Arm, Disarm, Poll, Reconnect, Record, Step

REFUSED_STATUS = 503
OVERLOADED_STATUS = 503
LONGEST_RETRY_AFTER_S = 86_400
"""Who asks for more patience than a day is asked again after one."""

ENDINGS = (
    aiohttp.WSMsgType.CLOSE,
    aiohttp.WSMsgType.CLOSING,
    aiohttp.WSMsgType.CLOSED,
    aiohttp.WSMsgType.ERROR,
)
"""What ends a WebSocket."""

log = logging.getLogger(__name__)


class Session:
    """Carries out one client's steps and writes its rows.

    fanout, api: base URLs, such as http://127.0.0.1:8085.
    """

    def __init__(
        self,
        number: int,
        client: Client,
        run_id: str,
        username: str,
        *,
        fanout: str,
        api: str,
        poll_timeout_us: int,
        http: aiohttp.ClientSession,
        group: asyncio.TaskGroup,
        clock: Clock,
        recorder: Recorder,
    ) -> None:
        self.mounted = False
        self._number = number
        self._client = client
        self._run_id = run_id
        self._websocket_url = URL(f"{fanout}{wire.WEBSOCKET_PATH}?username={quote(username, safe='')}", encoded=True)
        self._events_url = URL(api + wire.EVENTS_PATH.format(run_id=quote(run_id, safe="")), encoded=True)
        self._poll_timeout_us = poll_timeout_us
        self._out_of_patience = (turns.ANSWER, number, 1)  # an answer of the same instant still counts (C9)
        self._http = http
        self._group = group
        self._clock = clock
        self._recorder = recorder
        self._timer: asyncio.TimerHandle | None = None
        self.websocket_state = ""

    def waiting(self, until_us: int) -> bool:
        """Whether anything more can happen here by then without a message or a fault."""
        dues_us = (self._client.due_us, self._client.reconnect_us)
        return (
            not self.mounted
            or any(due_us is not None and due_us <= until_us for due_us in dues_us)
            or self._client.poll_in_flight
            or self.websocket_state == "connecting"
        )

    def mount(self) -> None:
        """Start watching."""
        self.mounted = True
        now_us = self._clock.now_us()
        self._take(now_us, self._client.mounted(now_us))

    def _take(self, now_us: int, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, Record):
                self._recorder.record(now_us, self._number, *step)
            elif isinstance(step, Arm):
                if self._timer is not None:
                    self._timer.cancel()
                rank = (turns.FIRE, self._number, 0)
                self._timer = turns.call_at(self._clock.when(step.due_us), rank, self._fire)
            elif isinstance(step, Disarm):
                if self._timer is not None:
                    self._timer.cancel()
            elif isinstance(step, Reconnect):
                turns.call_at(self._clock.when(step.due_us), (turns.MOUNT, self._number, 0), self._reconnect)
            elif isinstance(step, Poll):
                spawn(self._group, self._poll(now_us, step.after))
            else:
                self.websocket_state = "connecting"
                spawn(self._group, self._listen())

    def _fire(self) -> None:
        self._take(self._clock.now_us(), self._client.fired())

    def _reconnect(self) -> None:
        self._take(self._clock.now_us(), self._client.reconnecting())

    async def _listen(self) -> None:
        """Open the WebSocket and take in its messages until it is lost."""
        reason = "connection-lost"
        try:
            async with self._http.ws_connect(self._websocket_url, compress=0, max_msg_size=0) as websocket:
                now_us = self._clock.now_us()
                self.websocket_state = "open"
                self._take(now_us, self._client.opened(now_us))
                while (frame := await websocket.receive()).type not in ENDINGS:
                    if frame.type is aiohttp.WSMsgType.TEXT:
                        self._receive(frame.data)
                # not its close_code, which tells of our answer to a goodbye where that cannot be sent any more
                if frame.type is aiohttp.WSMsgType.CLOSE and frame.data == aiohttp.WSCloseCode.GOING_AWAY:
                    reason = "going-away"
        except aiohttp.WSServerHandshakeError as error:
            if error.status == REFUSED_STATUS:
                reason = "refused"
        except (aiohttp.ClientError, ConnectionError) as error:
            log.debug("client %d: WebSocket lost: %r", self._number, error)
        self.websocket_state = "closed"
        now_us = self._clock.now_us()
        self._take(now_us, self._client.closed(reason, now_us))

    def _receive(self, text: str) -> None:
        try:
            message = wire.decode_message(text)
            _check_seq(message.newest if isinstance(message, wire.Heartbeat) else message.seq)
        except wire.WireError as error:
            log.warning("client %d: message ignored: %s", self._number, error)
            return
        now_us = self._clock.now_us()
        if isinstance(message, wire.Heartbeat):
            self._take(now_us, self._client.beaten(message, now_us))
        else:
            self._take(now_us, self._client.received(message, now_us))

    async def _poll(self, sent_us: int, after: int | None) -> None:
        try:
            async with turns.limited(self._clock.when(sent_us + self._poll_timeout_us), self._out_of_patience):
                history = await self._fetch(after)
        except TimeoutError:
            self._poll_failed("timeout")
        except _Overloaded as overloaded:
            self._poll_failed("overloaded", overloaded.retry_after_us)
        except (aiohttp.ClientError, ConnectionError, wire.WireError) as error:
            log.debug("client %d: poll failed: %r", self._number, error)
            self._poll_failed("error")
        else:
            now_us = self._clock.now_us()
            self._take(now_us, self._client.answered(history, now_us))

    async def _fetch(self, after: int | None) -> list[wire.Message]:
        url = self._events_url if after is None else self._events_url.with_query({wire.AFTER: after})
        async with self._http.get(url) as response:
            body = await response.read()
            if response.status == OVERLOADED_STATUS:
                raise _Overloaded(_retry_after_us(response.headers.get("Retry-After", "")))
            if response.status != 200:
                raise wire.WireError(f"answer: HTTP status {response.status}")
        history = wire.decode_answer(body)
        for message in history:
            _check_seq(message.seq)
            if message.run_id != self._run_id:
                raise wire.WireError("answer: of another run")
        return history

    def _poll_failed(self, reason: str, retry_after_us: int = 0) -> None:
        now_us = self._clock.now_us()
        self._take(now_us, self._client.failed(reason, now_us, retry_after_us))


class _Overloaded(Exception):
    """The orchestrator has turned the request away (O5)."""

    def __init__(self, retry_after_us: int) -> None:
        super().__init__()
        self.retry_after_us = retry_after_us


def _retry_after_us(header: str) -> int:
    """How long a `Retry-After` asks us to wait: whole seconds (RFC 9110 section 10.2.3); anything else is nothing."""
    return 1_000_000 * (whole_number(header, LONGEST_RETRY_AFTER_S) or 0)


def _check_seq(seq: int) -> None:
    """A trace names events by an int32 index."""
    if seq >= 2**31:
        raise wire.WireError(f"message: seq must be a whole number up to 2147483647, not {seq}")
