"""The fanout server as a whole under virtual time: it starts, stops, starts again (F1, F6 to F8), tells how it is."""

import asyncio
import json

import aiohttp
import pytest

from sim.contract.errors import ServiceError
from sim.reference.fanout_server import LocalFanout, Settings
from sim.reference.memory import MemoryLoop
from sim.reference.running import tasks
from sim.reference.serving import HOST
from tests.reference.loops import settle, virtually
from tests.reference.standing import standing
from tests.reference.witness import Noting

either = pytest.mark.parametrize("kind", ["local", "resp"])
both_manners = pytest.mark.parametrize("killed", [False, True])


def now_us() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MemoryLoop)
    return loop.now_us


@either
def test_f2_a_message_takes_no_time_from_its_publication_to_every_connection_of_its_user(kind: str) -> None:
    async def main() -> list[str | bytes]:
        async with standing(kind) as at:
            one, two = await at.socket("a:b"), await at.socket("a:b")
            at.publish(0, "a:b")
            at.publish(1, "a")
            at.publish(2, "a:b")
            got = [await socket.receive_str() for socket in (one, one, two, two)]
            assert (at.witness.lost, now_us()) == ([("a", b'{"seq": 1}')], 0)
            return got

    assert virtually(main()) == ['{"seq": 0}', '{"seq": 2}'] * 2


@pytest.mark.parametrize("query", ["", "?username=", "?user=a"])
def test_f1_no_username_is_a_bad_request(query: str) -> None:
    async def main() -> tuple[int, str]:
        async with standing() as at:
            return await at.get(f"/ws{query}")

    assert virtually(main()) == (400, "the query needs username=U, not empty\n")


@pytest.mark.parametrize(
    ("killed", "heard", "said"), [(False, aiohttp.WSMsgType.CLOSE, 1001), (True, aiohttp.WSMsgType.CLOSED, None)]
)
def test_f8_a_stop_takes_no_time_and_says_goodbye_only_when_it_is_graceful(
    killed: bool, heard: aiohttp.WSMsgType, said: int | None
) -> None:
    async def main() -> None:
        async with standing() as at:
            reading = [await at.reader() for _ in range(3)]
            await at.fanout.stop(killed=killed)
            assert [(await each).type for each in reading] == [heard] * 3
            assert [(await each).data for each in reading] == [said] * 3
            with pytest.raises(aiohttp.ClientConnectorError):
                await at.socket()
            assert now_us() == 0

    virtually(main())


@either
@both_manners
def test_r5_what_is_published_while_the_server_is_away_finds_no_subscriber_and_nobody_else_tells_of_it(
    kind: str, killed: bool
) -> None:
    async def main() -> None:
        async with standing(kind) as at:
            reading = await at.reader()
            await at.fanout.stop(killed=killed)
            assert (await reading).type is not aiohttp.WSMsgType.TEXT
            at.publish(0)
            await settle()
            assert at.lost == [("workflow:events:u", '{"seq": 0}', "no-subscriber")]
            assert (at.witness.lost, at.witness.given_up, now_us()) == ([], [], 0)

    virtually(main())


@either
@both_manners
def test_f8_a_server_that_starts_again_has_the_same_address_and_knows_nothing_of_before(
    kind: str, killed: bool
) -> None:
    async def main() -> None:
        async with standing(kind) as at:
            reading = await at.reader()
            url = at.fanout.url
            await at.fanout.stop(killed=killed)
            await at.fanout.start()
            assert at.fanout.url == url
            assert (await reading).type is not aiohttp.WSMsgType.TEXT
            assert await at.stats() | {"subscriptions_made": 0} == dict.fromkeys(await at.stats(), 0) | {
                "subscribed": True
            }
            socket = await at.socket()
            at.publish(1)
            assert await socket.receive_str() == '{"seq": 1}'
            assert now_us() == 0

    virtually(main())


def test_a_stop_where_nothing_runs_does_nothing() -> None:
    async def main() -> None:
        async with standing() as at:
            await at.fanout.stop(killed=False)
            await at.fanout.stop(killed=False)

    virtually(main())


def test_f6_clients_that_do_not_answer_are_cut_off_in_time() -> None:
    async def main() -> None:
        async with standing() as at:
            mute = await at.http.ws_connect(f"{at.fanout.url}/ws?username=mute", autoclose=False)
            polite = await at.reader()
            await at.fanout.stop(killed=False)
            assert (await polite).data == 1001
            assert (await mute.receive()).data == 1001
            assert (await mute.receive()).type is aiohttp.WSMsgType.CLOSED
            assert 0 < now_us() <= 10_000_000

    virtually(main())


@either
def test_f7_a_server_that_starts_while_redis_is_away_subscribes_when_it_is_back(kind: str) -> None:
    async def main() -> None:
        async with standing(kind, resubscribe_s=0.1, resubscribe_max_s=0.2) as at:
            await at.fanout.stop(killed=True)
            await at.redis.go()
            await at.fanout.start()
            assert now_us() == 0
            socket = await at.socket()
            at.publish(0)
            await asyncio.sleep(0.2)  # tries at 0.1 and 0.3 s
            await at.redis.come()
            at.publish(1)
            await asyncio.sleep(0.1)
            at.publish(2)
            assert await socket.receive_str() == '{"seq": 2}'
            assert [reason for _, _, reason in at.lost] == ["redis-outage", "no-subscriber"]

    virtually(main())


@either
def test_an_outage_of_redis_leaves_connections_as_they_are(kind: str) -> None:
    async def main() -> None:
        async with standing(kind) as at:
            socket = await at.socket()
            for number in range(3):
                await at.redis.go()
                await asyncio.sleep(5)
                await at.redis.come()
                await asyncio.sleep(2)
                at.publish(number)
                assert await socket.receive_str() == f'{{"seq": {number}}}'
            assert (await at.stats())["subscriptions_lost"] == 3

    virtually(main())


@either
def test_health_is_ok_only_while_redis_has_us_as_a_subscriber(kind: str) -> None:
    async def main() -> None:
        async with standing(kind) as at:
            socket = await at.socket()
            status, body = await at.get("/health")
            assert (status, json.loads(body)) == (200, {"status": "ok", "redis": "subscribed", "connections": 1})
            await at.redis.go()
            await settle()
            status, body = await at.get("/health")
            assert (status, json.loads(body)) == (
                503,
                {"status": "unavailable", "redis": "not subscribed", "connections": 1},
            )
            await at.redis.come()
            await asyncio.sleep(0.2)
            assert (await at.get("/health"))[0] == 200
            await socket.close()

    virtually(main())


def test_stats_count_what_has_happened() -> None:
    async def main() -> dict[str, int]:
        async with standing() as at:
            socket, other = await at.socket(), await at.socket("v")
            await other.close()
            at.publish(0)
            at.publish(1, "nobody")
            at.broker.publish("workflow:events:u", "no json")
            await socket.receive_str()
            await socket.send_str("x" * 513)
            await socket.receive()
            await at.redis.go()
            await at.redis.come()
            await asyncio.sleep(0.2)
            return await at.stats()

    assert virtually(main()) == {
        "connections_open": 0,
        "connections_opened": 2,
        "connections_closed": 2,
        "messages_received": 3,
        "messages_malformed": 1,
        "messages_unroutable": 1,
        "frames_written": 1,
        "aborted_overflow": 0,
        "aborted_write_timeout": 0,
        "aborted_pong_timeout": 0,
        "closed_oversized": 1,
        "subscriptions_made": 2,
        "subscriptions_lost": 1,
        "subscribed": True,
    }


@pytest.mark.parametrize("path", ["/metrics", "/stats?format=prometheus"])
def test_metrics_are_in_the_text_format_of_prometheus(path: str) -> None:
    async def main() -> None:
        async with standing() as at:
            socket = await at.socket()
            async with at.http.get(at.fanout.url + path) as response:
                assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
                text = await response.text()
            stats = await at.stats()
            await socket.close()
        assert text.endswith("\n")
        lines = iter(text.splitlines())
        read = {}
        for about, kind, sample in zip(lines, lines, lines, strict=True):
            name, value = sample.split()
            assert about.startswith(f"# HELP {name} ")
            assert kind == f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}"
            read[name.removeprefix("fanout_").removesuffix("_total")] = int(value)
        assert read == stats

    virtually(main())


def test_another_format_of_stats_is_refused_with_a_sentence() -> None:
    async def main() -> tuple[int, str]:
        async with standing() as at:
            return await at.get("/stats?format=xml")

    assert virtually(main()) == (400, '{"error": "format must be json or prometheus, not \'xml\'"}')


def test_a_taken_port_is_named_with_the_option_that_chooses_another() -> None:
    async def main() -> None:
        async with standing() as at, tasks() as group:
            port = int(at.fanout.url.rpartition(":")[2])
            second = LocalFanout(at.broker, Settings(), Noting(), group, port=port, option="--fanout-port")
            with pytest.raises(
                ServiceError, match=f"port {port} on {HOST} is taken; .* choose another with --fanout-port"
            ):
                await second.start()

    virtually(main())
