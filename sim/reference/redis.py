"""Redis publish/subscribe behind a small interface (R1, R2, R4, R5); redis-py does the work."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from sim.contract.errors import ServiceError

CONNECT_S = 5.0

Arrived = Callable[[Sequence[tuple[bytes, bytes]]], None]
"""Takes what one read brought: (channel, payload) each, in order."""

OnLost = Callable[[str, str, str], None]
"""Takes (channel, payload, reason) of a message that is known to have reached nobody.

`redis-outage` (R4): it could not be handed to Redis. `no-subscriber` (R5): Redis had nobody to give it to.
"""


class BrokerGone(Exception):
    """Redis is not there, or has cut the subscriber off."""


class Broker(Protocol):
    """What the servers need of Redis."""

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; messages leave in the order of the calls, and nothing is kept over an outage."""

    async def listen(self, pattern: str, on_messages: Arrived, on_subscribed: Callable[[], None]) -> None:
        """Deliver every message of matching channels until cancelled; `on_subscribed` when the subscription holds.

        Raises BrokerGone where Redis is not there or the subscription is lost.
        """


def nobody_told(channel: str, payload: str, reason: str) -> None:
    """The OnLost of a system in production: at most once is what was promised (R2)."""


class RedisBroker:
    """A Broker with one connection to publish and one for each that listens; use `connected` or `connecting`."""

    def __init__(self, url: str, on_lost: OnLost) -> None:
        self._new_connection = _connections(url)
        self._url = url
        self._on_lost = on_lost
        self._unsent: list[tuple[str, str]] = []
        self._unanswered: deque[tuple[str, str]] = deque()
        self._wake = asyncio.Event()

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; all that comes in one turn of the loop leaves as one write."""
        self._unsent.append((channel, payload))
        self._wake.set()

    async def listen(self, pattern: str, on_messages: Arrived, on_subscribed: Callable[[], None]) -> None:
        """Deliver every message of matching channels until cancelled; raises BrokerGone, or ServiceError if refused."""
        from redis.exceptions import RedisError, ResponseError

        # redis-py's own PubSub would subscribe again behind our back
        connection = self._new_connection()
        try:
            await connection.connect()
            await connection.send_command("PSUBSCRIBE", pattern)
            while True:
                match await connection.read_response():
                    case [b"pmessage", _, channel, payload]:
                        on_messages([(channel, payload)])
                    case [b"psubscribe", *_]:
                        on_subscribed()
        except ResponseError as error:  # it is there, and refuses: trying again would not help
            raise ServiceError(f"{shown(self._url)}: Redis refuses to subscribe ({_reason(error)})") from None
        except (RedisError, OSError) as error:
            raise BrokerGone(f"{shown(self._url)}: {_reason(error)}") from None
        finally:
            await connection.disconnect(nowait=True)

    async def publish_forever(self) -> None:
        """Send what is published, on a connection that is made when there is something to send (R4)."""
        from redis.exceptions import RedisError

        while True:
            await self._wake.wait()
            connection = self._new_connection()
            try:
                await connection.connect()
            except (RedisError, OSError):
                self._unanswered.extend(self._taken())
            else:
                await self._publish_until_lost(connection)
            finally:
                await connection.disconnect(nowait=True)
            lost = [*self._unanswered]
            self._unanswered.clear()
            for channel, payload in lost:
                self._on_lost(channel, payload, "redis-outage")

    async def _publish_until_lost(self, connection: Any) -> None:
        from redis.exceptions import RedisError

        # not a TaskGroup: it would forget our cancellation where the connection is lost at the same moment
        both = [asyncio.create_task(work(connection)) for work in (self._send, self._take_answers)]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in both:
                each.cancel()
            ends = await asyncio.gather(*both, return_exceptions=True)
        for end in ends:
            if end is not None and not isinstance(end, RedisError | OSError | asyncio.CancelledError):
                raise end

    async def _send(self, connection: Any) -> None:
        while True:
            await self._wake.wait()
            batch = self._taken()
            self._unanswered.extend(batch)
            await connection.send_packed_command(connection.pack_commands([("PUBLISH", *each) for each in batch]))

    async def _take_answers(self, connection: Any) -> None:
        """Each answer is how many subscribers there were; reading also tells at once that Redis has gone."""
        while True:
            subscribers = await connection.read_response()
            channel, payload = self._unanswered.popleft()
            if not subscribers:
                self._on_lost(channel, payload, "no-subscriber")

    def _taken(self) -> list[tuple[str, str]]:
        batch, self._unsent = self._unsent, []
        self._wake.clear()
        return batch


@asynccontextmanager
async def connecting(url: str, group: asyncio.TaskGroup, on_lost: OnLost) -> AsyncIterator[RedisBroker]:
    """A broker on the Redis server at this URL, whether or not it is there now; raises ServiceError for a bad URL."""
    broker = RedisBroker(url, on_lost)
    publishing = group.create_task(broker.publish_forever())
    try:
        yield broker
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


@asynccontextmanager
async def connected(url: str, group: asyncio.TaskGroup, on_lost: OnLost) -> AsyncIterator[RedisBroker]:
    """A broker on the Redis server at this URL; raises ServiceError where none answers."""
    await _greet(url)
    async with connecting(url, group, on_lost) as broker:
        yield broker


def _connections(url: str) -> Callable[[], Any]:
    """What makes connections to the server at this URL."""
    from redis.asyncio import ConnectionPool
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        port = urlsplit(url).port  # reading it raises ValueError where it is no number
        if urlsplit(url).scheme != "unix" and not urlsplit(url).hostname:
            raise ValueError(f"it names no host but port {port}" if port else "it names no host")
        # without retries a lost connection is an error that is seen, not a silent gap in the messages
        pool = ConnectionPool.from_url(
            url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=None, socket_connect_timeout=CONNECT_S
        )
    except ValueError as error:
        raise ServiceError(
            f"{shown(url)}: not the URL of a Redis server ({_reason(error)}); write redis://HOST:PORT/0"
        ) from None
    return pool.make_connection


async def _greet(url: str) -> None:
    from redis.exceptions import RedisError

    connection = _connections(url)()
    try:
        async with asyncio.timeout(CONNECT_S):
            await connection.connect()
            await connection.send_command("PING")
            await connection.read_response()
    except TimeoutError:
        reason = f"no answer within {CONNECT_S:g} s"
    except (RedisError, OSError, ValueError, UnicodeError) as error:
        reason = _reason(error)
    else:
        return
    finally:
        await connection.disconnect(nowait=True)
    raise ServiceError(
        f"{shown(url)}: no Redis answers there ({reason}); start one or leave --redis out for the embedded server"
    )


def shown(url: str) -> str:
    """The URL as people may see it: without its password."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
        where = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{where}"))
    except ValueError:
        return url


def _reason(error: BaseException) -> str:
    """A few words on what happened, without redis-py's decoration."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
