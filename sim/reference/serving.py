"""aiohttp as both halves use it: an application on a port, and a client session."""

import asyncio
import errno
import math
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from sim.contract.errors import ServiceError

HOST = "127.0.0.1"

BACKLOG = 4096
"""A thousand clients may connect at one instant."""

LEAVE_WITHIN_S = 1.0


@web.middleware
async def loud(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Tell the loop about a handler that fails unexpectedly; aiohttp alone would only answer 500."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        context = {"message": f"{request.method} {request.rel_url} failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
        raise


async def listening(app: web.Application, host: str, port: int = 0, *, option: str = "") -> web.AppRunner:
    """Serve the application on this port (0: any free one) until the runner's cleanup; `option` would choose another.

    A handler is cancelled when its client has gone. Raises ServiceError where the port cannot be had.
    """
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        handler_cancellation=True,
        keepalive_timeout=math.inf,  # a handshake may be held for longer than aiohttp's hour
        shutdown_timeout=LEAVE_WITHIN_S,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except BaseException as error:
        await runner.cleanup()
        if isinstance(error, OSError | OverflowError):
            raise ServiceError(_sentence(error, host, port, option)) from None
        raise
    return runner


def port_of(runner: web.AppRunner) -> int:
    """The port on which it serves."""
    port: int = runner.addresses[0][1]
    return port


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int = 0, *, option: str = "") -> AsyncIterator[int]:
    """Serve the application while the block runs, and give the port; like `listening`."""
    runner = await listening(app, host, port, option=option)
    try:
        yield port_of(runner)
    finally:
        await runner.cleanup()


def base_url(port: int, host: str = HOST) -> str:
    """What an address is called."""
    return f"http://{host}:{port}"


def bound(transport: asyncio.BaseTransport, option: int, size_bytes: int) -> None:
    """Limit a kernel buffer (SO_SNDBUF or SO_RCVBUF), which otherwise grows to megabytes; in memory there is none."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, option, size_bytes)


def http_client(connector: aiohttp.BaseConnector | None = None) -> aiohttp.ClientSession:
    """A session for any number of clients; without a connector it uses TCP.

    Time limits are the components' own: aiohttp rounds those of 5 s and more up to whole seconds.
    """
    http = aiohttp.ClientSession(
        connector=connector or aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
    )
    # aiohttp would send a request whose connection breaks once more; a browser's WebSocket attempt just fails
    http._retry_connection = False
    return http


def _sentence(error: OSError | OverflowError, host: str, port: int, option: str) -> str:
    another = f"choose another with {option}" if option else "choose another"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken; stop what listens there or {another}"
    return f"port {port} on {host} cannot be had ({error}); {another}"
