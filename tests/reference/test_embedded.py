"""The embedded server: killed and started again on its port, and nothing left of it."""

import asyncio
import os
import socket
import sys

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Refused

from sim.contract.errors import ServiceError
from sim.reference import embedded
from sim.reference.embedded import embedded_redis, embedded_server

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def test_a_server_that_goes_is_killed_at_once_and_comes_back_empty_on_the_same_port() -> None:
    async def main() -> None:
        with embedded_server() as server, Redis.from_url(server.url) as client:
            url = server.url
            for _ in range(3):
                first = server.pid
                assert client.set("key", "value")
                await server.go()
                with pytest.raises(ProcessLookupError):
                    os.kill(first, 0)
                with pytest.raises(Refused):
                    client.ping()
                await server.come()
                assert client.get("key") is None
                assert (server.url, server.pid == first) == (url, False)

    asyncio.run(main())


def test_the_loop_goes_on_while_the_server_comes_back() -> None:
    async def main() -> int:
        with embedded_server() as server:
            await server.go()
            coming, passes = asyncio.create_task(server.come()), 0
            while not coming.done():
                await asyncio.sleep(0.001)
                passes += 1
            await coming
            return passes

    assert asyncio.run(main()) > 3


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone shares ports")
def test_no_connection_gets_the_port_of_a_server_that_is_away() -> None:
    async def main() -> None:
        with embedded_server() as server:
            port = int(server.url.rpartition(":")[2].removesuffix("/0"))
            await server.go()
            with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
                other.bind(("127.0.0.1", port))
            await server.come()

    asyncio.run(main())


def test_a_server_that_is_away_at_the_end_leaves_nothing() -> None:
    async def main() -> None:
        with embedded_server() as server:
            await server.go()

    asyncio.run(main())


def test_the_url_alone_is_enough_for_a_server_that_stays_up() -> None:
    with embedded_redis() as url, Redis.from_url(url) as client:
        assert client.ping()


def test_a_server_that_does_not_start_is_a_sentence_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "OPTIONS", ["--no-such-option", "1"])
    sentence = r"the embedded Redis server does not start \(.+\); name another server"
    with pytest.raises(ServiceError, match=sentence), embedded_server():
        pass
