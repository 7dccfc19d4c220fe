"""Passage: one WebSocket attempt on its way through the proxy, from the client's request to the end of both halves."""

import asyncio
import socket
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import WSCloseCode

from sim.reference import turns
from sim.reference.frames import GOING_AWAY
from sim.reference.serving import bound
from sim.reference.turns import HEARTBEAT, OTHER

if TYPE_CHECKING:
    from sim.reference.link import Link

UNKNOWN = HEARTBEAT + OTHER
"""What is no message of the script comes after all that are."""

SLOW_BUFFER_BYTES = 1 << 16
"""What the kernel may hold for a slow reader: the rest lies at the server (L9)."""

NEWS = 2
"""At one instant a close that begins at the server, or a refusal, comes after the scripted losses (B4)."""

CLOSE_FRAME = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
"""A client's close frame with code 1000 and an all-zero mask (RFC 6455 sections 5.3 and 5.5.1)."""


class _Held(NamedTuple):
    """A message on its way: when it arrives, then in the order of the instant, then as it came."""

    arrival_us: int
    order: int
    came: int
    frame: bytes


class Passage:
    """Messages wait here for their turn to arrive (L1); none passes before the client's half is open.

    over: no message passes any more.
    silent: nothing passes, and nobody is told (L6).
    """

    def __init__(self, link: "Link", client_half: asyncio.Transport) -> None:
        self.over = False
        self.silent = False
        self._draining = False
        self._link = link
        self._client_half = client_half
        self._upstream: asyncio.Transport | None = None
        self._open = False
        self._held: list[_Held] = []
        self._came = count()
        self._latest_us = 0
        self._timer: asyncio.TimerHandle | None = None

    def connected(self, upstream: asyncio.Transport | None) -> None:
        """The server's half is open; the client may have gone meanwhile."""
        self._upstream = upstream
        if upstream is None:
            return
        if self.over:
            upstream.write(CLOSE_FRAME)
            return
        if self._link.read_bytes_per_s is not None:
            bound(upstream, socket.SO_RCVBUF, SLOW_BUFFER_BYTES)
        if self._link.read_bytes_per_s == 0 and not self._draining:
            upstream.pause_reading()

    def open(self) -> None:
        """The client's half is open: what has come meanwhile may arrive."""
        self._open = True
        self._await_next()

    def frame(self, payload: bytes, frame: bytes) -> None:
        """A message comes from the server: withhold it, or hold it until its turn (L1)."""
        message = self._link.identify(payload)
        if message is None:
            arrival_us = max(self._link.clock.now_us(), self._latest_us)
        elif self.over or self._client_half.is_closing():
            self._link.lost([message], "connection-lost")
            return
        elif self._link.is_lost(message):
            self._link.lost([message], "fault")
            return
        elif self.silent:
            self._link.lost([message], "half-open")
            return
        elif self._draining:
            return
        else:
            arrival_us = self._link.arrival_us(message, len(payload), self._latest_us)
        if self.over or self.silent:
            return
        self._latest_us = arrival_us
        held = _Held(arrival_us, UNKNOWN if message is None else message, next(self._came), frame)
        heappush(self._held, held)
        if self._link.read_bytes_per_s and self._upstream is not None:
            self._upstream.pause_reading()
        if self._open and self._held[0] is held:  # an own message goes before another run's of the same instant (B11)
            self._await_next()

    def from_server(self, opcode: int, payload: bytes) -> None:
        """Pass a ping or pong of the server's on to the client (F10)."""
        if self._open:
            self.control(bytes((opcode, len(payload))) + payload, self._client_half)

    def control(self, frame: bytes, half: asyncio.Transport) -> None:
        """Pass a ping or pong on to a half, at a partition's end where there is one (L7)."""
        now_us = self._link.clock.now_us()
        passes_us = self._link.passes_us(now_us)
        if passes_us == now_us:
            self._pass_control(frame, half)
        else:
            rank = (turns.ARRIVE, self._link.client, UNKNOWN)
            turns.call_at(self._link.clock.when(passes_us), rank, self._pass_control, frame, half)

    def _pass_control(self, frame: bytes, half: asyncio.Transport) -> None:
        if not (self.over or self.silent or half.is_closing()):
            half.write(frame)

    def _await_next(self) -> None:
        """Wait for the turn of the first of those held."""
        self._stop_waiting()
        if self._held:
            first = self._held[0]
            rank = (turns.ARRIVE, self._link.client, first.order)
            self._timer = turns.call_at(self._link.clock.when(first.arrival_us), rank, self._release)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self) -> None:
        now_us = max(self._link.clock.now_us(), self._held[0].arrival_us)  # a timer may come a little early
        due = []
        while self._held and self._held[0].arrival_us <= now_us:
            held = heappop(self._held)
            due.append(held.frame)
            self._link.arrived(held.order)
        self._client_half.write(b"".join(due))
        self._await_next()
        if self._link.read_bytes_per_s and self._upstream is not None and not self._held:
            self._upstream.resume_reading()

    def cut(self) -> None:
        """The connection breaks for both ends at once; what is on its way is lost with it (L2, L3)."""
        self._end()
        self._link.lost(self._link.on_their_way, "connection-lost")
        if self._upstream is not None and not self._upstream.is_closing():
            self._upstream.write(CLOSE_FRAME)
        self._client_half.close()  # not abort: what was passed on has arrived (L1)

    def go_silent(self) -> None:
        """Nothing passes from now on, and nobody is told; an attempt that is not open yet just fails (L5, L6)."""
        if not self._open:
            self.cut()
        elif not self.silent:
            self.silent = True
            self._held.clear()
            self._stop_waiting()
            self._link.lost(self._link.on_their_way, "half-open")

    def server_gone(self, code: int | None = None) -> None:
        """The server has ended the connection or the attempt: the client is told, where a partition lets it (L7)."""
        if self.silent or not self._end():
            return
        now_us = self._link.clock.now_us()
        told_us = self._link.passes_us(now_us)
        if told_us == now_us:
            self._tell(code)
        else:
            rank = (turns.CLOSE, self._link.client, NEWS)
            turns.call_at(self._link.clock.when(told_us), rank, self._tell, code)

    def _tell(self, code: int | None) -> None:
        if self.silent or self._client_half.is_closing():
            return
        self._link.lost(self._link.on_their_way, "connection-lost")
        if code == WSCloseCode.GOING_AWAY and self._open:
            self._client_half.write(GOING_AWAY)
        self._client_half.close()

    def drain(self) -> None:
        """The server stops: for a slow reader no message arrives any more, but how it stops is noticed (F8, L9)."""
        if self._link.read_bytes_per_s is not None:
            self._draining = True
            self._let_nothing_arrive()

    def _end(self) -> bool:
        """Let nothing pass any more; whether something could until now."""
        could, self.over = not self.over, True
        self._let_nothing_arrive()
        return could

    def _let_nothing_arrive(self) -> None:
        self._held.clear()
        self._stop_waiting()
        if self._link.read_bytes_per_s is not None and self._upstream is not None:
            self._upstream.resume_reading()  # or the end would not be noticed
