"""Redis publish/subscribe behind a small interface (R1, R2); redis-py does the work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from sim.contract.errors import ServiceError

if TYPE_CHECKING:
    from redis.asyncio import Redis

CONNECT_S = 5.0

Arrived = Callable[[Sequence[tuple[bytes, bytes]]], None]
"""Takes what one read brought: (channel, payload) each, in order."""


class Broker(Protocol):
    """What the servers need of Redis."""

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; messages leave in the order of the calls."""

    async def subscribe(self, pattern: str, on_messages: Arrived) -> None:
        """Deliver every message of matching channels from now on; returns when the subscription holds."""


class RedisBroker:
    """A Broker on one publishing and one subscribing connection; use `connected`."""

    def __init__(self, redis: "Redis", url: str, group: asyncio.TaskGroup) -> None:
        self._redis = redis
        self._url = url
        self._group = group
        self._unsent: list[tuple[str, str]] = []
        self._wake = asyncio.Event()
        self._tasks = [group.create_task(self._publish_forever())]

    def publish(self, channel: str, payload: str) -> None:
        """Send a message off; all that comes while one batch is under way leaves as the next."""
        self._unsent.append((channel, payload))
        self._wake.set()

    async def subscribe(self, pattern: str, on_messages: Arrived) -> None:
        """Deliver every message of matching channels from now on; returns when Redis has confirmed."""
        confirmed = asyncio.Event()
        self._tasks.append(self._group.create_task(self._listen(pattern, on_messages, confirmed)))
        await confirmed.wait()

    async def _listen(self, pattern: str, on_messages: Arrived, confirmed: asyncio.Event) -> None:
        from redis.exceptions import RedisError

        try:
            async with self._redis.pubsub() as pubsub:
                await pubsub.psubscribe(pattern)
                while True:
                    message: dict[str, Any] | None = await pubsub.get_message(timeout=None)
                    if message is None:
                        continue
                    if message["type"] == "pmessage":
                        on_messages([(message["channel"], message["data"])])
                    elif message["type"] == "psubscribe":
                        confirmed.set()
        except (RedisError, OSError) as error:
            raise _gone(self._url, error) from None

    async def stop(self) -> None:
        """Publish and listen no more; to be done before the connections close, which would be a failure."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _publish_forever(self) -> None:
        from redis.exceptions import RedisError

        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                batch, self._unsent = self._unsent, []
                pipeline = self._redis.pipeline(transaction=False)
                for channel, payload in batch:
                    pipeline.publish(channel, payload)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise _gone(self._url, error) from None


@asynccontextmanager
async def connected(url: str, group: asyncio.TaskGroup) -> AsyncIterator[RedisBroker]:
    """A broker on the Redis server at this URL; raises ServiceError where none answers."""
    redis = _client(url)
    try:
        await _greet(redis, url)
        broker = RedisBroker(redis, url, group)
        try:
            yield broker
        finally:
            await broker.stop()
    finally:
        await redis.aclose()


def _client(url: str) -> "Redis":
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    try:
        port = urlsplit(url).port  # reading it raises ValueError where it is no number
        if urlsplit(url).scheme != "unix" and not urlsplit(url).hostname:
            raise ValueError(f"it names no host but port {port}" if port else "it names no host")
        # without retries a lost connection is an error that is seen, not a silent gap in the messages
        return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=None)
    except ValueError as error:
        raise ServiceError(
            f"{shown(url)}: not the URL of a Redis server ({_reason(error)}); write redis://HOST:PORT/0"
        ) from None


async def _greet(redis: "Redis", url: str) -> None:
    from redis.exceptions import RedisError

    try:
        async with asyncio.timeout(CONNECT_S):
            await redis.ping()
    except TimeoutError:
        reason = f"no answer within {CONNECT_S:g} s"
    except (RedisError, OSError, ValueError, UnicodeError) as error:
        reason = _reason(error)
    else:
        return
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


def _gone(url: str, error: Exception) -> ServiceError:
    return ServiceError(
        f"{shown(url)}: the connection to Redis broke off ({_reason(error)}); it must stay up for the whole run"
    )


def _reason(error: BaseException) -> str:
    """A few words on what happened, without redis-py's decoration."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
