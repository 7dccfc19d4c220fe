"""A virtual clock: an asyncio event loop whose time is a whole number of microseconds (DESIGN.md section 8).

Time stands still while anything can run. When nothing can, the clock jumps to the next timer and releases that one
alone; all that follows from it in zero time runs before the next. Timers at one instant take turns by rank, then in
order of creation: a total order, so that a run is the same each time.
"""

import asyncio
import heapq
import math
import socket
import threading
import time
from asyncio.base_events import BaseEventLoop
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from itertools import count
from typing import Any

from sim.reference.turns import UNRANKED, Rank

STEPS_PER_INSTANT = 1_000_000
"""Passes through the ready queue without time moving on that are taken for a livelock."""


class VirtualTimeError(RuntimeError):
    """What cannot be under virtual time; one sentence says what and when."""


class Deadlock(VirtualTimeError):
    """Somebody waits, and nothing can ever happen."""


class Livelock(VirtualTimeError):
    """Things happen for ever without time moving on."""


class RealWorld(VirtualTimeError):
    """A file descriptor, thread, signal or real time is asked for."""


def _refusing(what: str) -> Any:
    def refuse(self: "VirtualLoop", *args: object, **kwargs: object) -> None:
        raise RealWorld(f"{what} is asked for at {self.time():.6f} s of virtual time, where there is none")

    return refuse


class VirtualLoop(BaseEventLoop):
    """An event loop without a selector: nothing comes from outside, so an empty ready queue means that time passes.

    now_us: the time, from 0.
    """

    _ready: deque[asyncio.Handle]  # of BaseEventLoop, like _run_once

    def __init__(self, steps_per_instant: int = STEPS_PER_INSTANT) -> None:
        super().__init__()
        self.now_us = 0
        self._timers: list[tuple[int, Rank, int, asyncio.TimerHandle]] = []
        self._created = count()
        self._steps = 0
        self._steps_per_instant = steps_per_instant

    def time(self) -> float:
        """Seconds of virtual time."""
        return self.now_us / 1e6

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Like any loop's; a `turns.InTurn` takes its turn, anything else comes after all of those."""
        self._check_closed()  # type: ignore[attr-defined]
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        if when != math.inf:
            due_us = max(self.now_us, round(when * 1e6))
            rank: Rank = getattr(callback, "rank", UNRANKED)
            heapq.heappush(self._timers, (due_us, rank, next(self._created), timer))
        return timer

    def run_forever(self) -> None:
        """Run until `stop`, with the real world out of reach."""
        with _sealed():
            super().run_forever()

    def close(self) -> None:
        """Close the loop and forget its timers."""
        super().close()
        self._timers.clear()

    def _run_once(self) -> None:
        ready = self._ready
        if not ready and not self._stopping:  # type: ignore[attr-defined]
            self._release_next()
        self._steps += 1
        if self._steps > self._steps_per_instant:
            self._steps = 0
            raise Livelock(f"{self._steps_per_instant:,} steps at {self.time():.6f} s and time does not move on")
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _release_next(self) -> None:
        """Let exactly one timer go, so that all its consequences come before the next."""
        while self._timers:
            due_us, _, _, timer = heapq.heappop(self._timers)
            if timer.cancelled():
                continue
            if due_us > self.now_us:
                self.now_us = due_us
                self._steps = 0
            self._ready.append(timer)
            return
        raise Deadlock(f"nothing can ever happen after {self.time():.6f} s, but somebody waits")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing to do: a cancelled timer is skipped when its time comes."""

    def _write_to_self(self) -> None:
        """Nothing to wake: this loop never sleeps."""

    run_in_executor = _refusing("a thread")
    getaddrinfo = getnameinfo = _refusing("name resolution")
    add_signal_handler = remove_signal_handler = _refusing("a signal")
    subprocess_exec = subprocess_shell = _refusing("a process")
    add_reader = remove_reader = add_writer = remove_writer = _refusing("a file descriptor")
    sock_accept = sock_connect = sock_recv = sock_recv_into = sock_sendall = _refusing("a socket")
    create_connection = create_server = create_datagram_endpoint = _refusing("a socket")
    create_unix_connection = create_unix_server = connect_accepted_socket = _refusing("a socket")
    connect_read_pipe = connect_write_pipe = _refusing("a pipe")


_SEALED: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (time, "sleep", _refusing("real time")),
    (time, "monotonic", VirtualLoop.time),  # redis-py asks for it, if only to measure
    (threading.Thread, "start", _refusing("a thread")),
    (socket.socket, "__init__", _refusing("a socket")),
)
"""What code may use behind a loop's back, and what it gets instead. The time of day stays: headers and logs show it."""

_sealing = threading.Lock()
_sealers = 0
_unsealed: list[Any] = []


@contextmanager
def _sealed() -> Iterator[None]:
    """Keep the real world out of threads that run a virtual loop; others notice nothing."""
    global _sealers  # noqa: PLW0603  (loops in several threads share the seal)
    with _sealing:
        _sealers += 1
        if _sealers == 1:
            for owner, name, instead in _SEALED:
                original = getattr(owner, name)
                _unsealed.append(original)
                setattr(owner, name, _seal(original, instead))
    try:
        yield
    finally:
        with _sealing:
            _sealers -= 1
            if _sealers == 0:
                for (owner, name, _), original in zip(_SEALED, _unsealed, strict=True):
                    setattr(owner, name, original)
                _unsealed.clear()


def _seal(original: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
    def sealed(*args: Any, **kwargs: Any) -> Any:
        loop = asyncio._get_running_loop()
        return instead(loop, *args, **kwargs) if isinstance(loop, VirtualLoop) else original(*args, **kwargs)

    return sealed
