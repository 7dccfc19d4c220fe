"""The hub's end of one WebSocket: what it writes, and the limits that it enforces (F3, F4, F10)."""

import asyncio
import logging
from collections.abc import Callable
from typing import Literal, Protocol

from sim.reference.counters import Counters
from sim.reference.frames import GOING_AWAY, PING, payload_of, pong_frame
from sim.reference.settings import Settings

log = logging.getLogger(__name__)


Abort = Literal["overflow", "write-timeout", "pong-timeout"]
"""Why the server gives a connection up (F3, F4)."""


class Owner(Protocol):
    """What a connection needs of its hub."""

    settings: Settings
    counters: Counters

    def undelivered(self, username: str, payload: bytes) -> None:
        """A connection broke before it took this message."""

    def aborted(self, username: str, reason: Abort) -> None:
        """A connection is given up."""


def _never() -> bool:
    return False


class Connection:
    """What is written in one turn of the loop leaves as one write.

    closing: whether the WebSocket is said to be closed though its transport is not yet. said_goodbye: whether we have
    closed it with 1001.
    """

    def __init__(
        self, hub: Owner, username: str, transport: asyncio.Transport, closing: Callable[[], bool] = _never
    ) -> None:
        self.username = username
        self.transport = transport
        self.said_goodbye = False
        self._hub = hub
        self._closing = closing
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self._written = transport.get_write_buffer_size()
        self._stall: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._ping_us = round(self._loop.time() * 1e6)
        self._beat = self._next_beat()

    @property
    def open(self) -> bool:
        """Whether a message may still be written."""
        return not (self.said_goodbye or self.transport.is_closing() or self._closing())

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
        if not self.open:
            for frame in unsent:
                self._hub.undelivered(self.username, payload_of(frame))
            return
        self._hub.counters.frames_written += len(unsent)
        self._write_within_limits(b"".join(unsent))

    def say_goodbye(self) -> None:
        """Close with 1001, after all that is waiting (F6)."""
        self.flush()
        if self.open:
            self._write(GOING_AWAY)
            self.said_goodbye = True

    def answer_ping(self, data: bytes) -> None:
        """The client wants to know whether we live; one that asks and does not read is aborted too (F3, F4)."""
        if self.open:
            self._write_within_limits(pong_frame(data))

    def heard_pong(self) -> None:
        """The client lives (F10)."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def forget(self) -> None:
        """End every timer."""
        for timer in (self._beat, self._silence, self._stall):
            if timer is not None:
                timer.cancel()

    def _next_beat(self) -> asyncio.TimerHandle:
        """From the opening on in whole steps, so that delays do not add up (F10)."""
        self._ping_us += round(self._hub.settings.ping_every_s * 1e6)
        return self._loop.call_at(self._ping_us / 1e6, self._ping)

    def _ping(self) -> None:
        if self.open:
            self._write(PING)
        if self._silence is None:
            self._silence = self._loop.call_later(self._hub.settings.pong_within_s, self._silent)
        self._beat = self._next_beat()

    def _silent(self) -> None:
        if not self.transport.is_closing():
            self._abort("pong-timeout")

    def _check_write(self, written: int) -> None:
        """Abort if bytes written by then are unsent still (F4, write timeout)."""
        self._stall = None
        waiting = self.transport.get_write_buffer_size()
        if self.transport.is_closing():
            return
        if self._written - waiting < written:
            self._abort("write-timeout")
        elif waiting:
            self._stall = self._loop.call_later(self._hub.settings.write_within_s, self._check_write, self._written)

    def _write_within_limits(self, data: bytes) -> None:
        self._write(data)
        settings, waiting = self._hub.settings, self.transport.get_write_buffer_size()
        if waiting > settings.send_buffer_bytes:
            log.info("%s reads too slowly: %d bytes unsent, aborted", self.username, waiting)
            self._abort("overflow")
        elif waiting and self._stall is None:
            self._stall = self._loop.call_later(settings.write_within_s, self._check_write, self._written)

    def _write(self, data: bytes) -> None:
        self.transport.write(data)
        self._written += len(data)

    def _abort(self, reason: Abort) -> None:
        self._hub.aborted(self.username, reason)
        self.transport.abort()
