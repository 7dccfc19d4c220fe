"""The fault proxy before the servers: handshakes and polls, each passed on at the instant that the rules give."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from yarl import URL

from sim.contract.wire import Message
from tests.reference.faults import fault, partition
from tests.reference.linked import Linked, linked
from tests.reference.loops import lively, virtually

both_loops = pytest.mark.parametrize(
    "run",
    [virtually, pytest.param(lively, marks=[pytest.mark.live, pytest.mark.xdist_group("live")])],
)
Run = Callable[[Coroutine[Any, Any, Any]], Any]

S = 1_000_000

EVENTS = '[workload]\nevents = [{ at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }]\n'


# strangers


@both_loops
def test_a_stranger_passes_untouched(run: Run) -> None:
    async def main() -> None:
        async with linked(partition(0.0, 1000.0)) as system:
            system.stack.orchestrator.open("a:b/c")
            async with system.stack.http.get(f"{system.stack.url}/api/v1/runs/a%3Ab%2Fc/events") as response:
                assert (response.status, (await response.json())["run_id"]) == (200, "a:b/c")
            assert (await system.poll("none"))[1] == 404
            socket = await system.socket("stranger")
            for payload in ('{"no": "event"}', '{"run_id": "r", "seq": 0}'):
                system.say(payload, "stranger")
                assert await socket.receive_str(timeout=5) == payload
            await socket.close()

    run(main())


@both_loops
def test_f1_a_refusal_of_the_server_behind_is_passed_on(run: Run) -> None:
    async def main() -> int:
        async with linked() as system:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await system.socket("")
            return caught.value.status

    assert run(main()) == 400


@both_loops
def test_a_request_that_is_no_handshake_is_refused_and_opens_nothing_behind(run: Run) -> None:
    async def main() -> int:
        async with linked() as system, system.stack.http.get(f"{system.stack.url}/ws?username=u") as response:
            assert not system.link.passages
            return response.status

    assert run(main()) == 400


# handshakes


async def attempted(system: Linked) -> tuple[int, int | str]:
    """When the client's first attempt ends, and with which status, or that it breaks."""
    await system.until(system.drawn.start_us)
    try:
        await system.socket()
    except aiohttp.WSServerHandshakeError as error:
        return system.clock.now_us(), error.status
    except aiohttp.ClientError:
        return system.clock.now_us(), "broken"
    return system.clock.now_us(), 101


def outcome(text: str, *servers: tuple[int, str], start_s: float = 0.0) -> tuple[int, int | str]:
    """How an attempt ends whose handshake takes a second while this happens to the fanout server."""
    text = f"[client]\nstart_s = {start_s}\n[websocket]\nconnect_s = 1.0\n{text}"

    async def main() -> tuple[int, int | str]:
        async with linked(text) as system:

            async def happen() -> None:
                for time_us, what in servers:
                    await system.until(time_us)
                    fanout = system.stack.fanout
                    await (fanout.start() if what == "start" else fanout.stop(killed=what == "kill"))

            happening = asyncio.create_task(happen())
            ended = await attempted(system)
            await happening
            return ended

    found: tuple[int, int | str] = virtually(main())
    return found


def test_l5_a_handshake_is_held_for_its_time() -> None:
    assert outcome("") == (S, 101)


@pytest.mark.parametrize("stop", ["kill", "stop"])
def test_f9_a_server_that_is_away_as_the_attempt_starts_refuses_it_at_the_handshakes_end_even_if_it_is_back_by_then(
    stop: str,
) -> None:
    assert outcome("", (0, stop), start_s=0.5) == (1_500_000, 503)
    assert outcome("", (0, stop), (700_000, "start"), start_s=0.5) == (1_500_000, 503)


@pytest.mark.parametrize("stop", ["kill", "stop"])
def test_f8_a_server_that_stops_during_a_handshake_fails_it_then_even_if_it_is_back_by_its_end(stop: str) -> None:
    assert outcome("", (700_000, stop)) == (700_000, "broken")
    assert outcome("", (700_000, stop), (800_000, "start")) == (700_000, "broken")


def test_f8_a_stop_during_an_attempt_that_will_be_refused_fails_it_too() -> None:
    refused = fault("connection-refused", from_s=0.0, until_s=0.5)
    assert outcome(refused) == (S, 503)
    assert outcome(refused, (700_000, "kill")) == (700_000, "broken")


def test_f8_a_server_that_is_back_takes_the_next_attempt() -> None:
    assert outcome("", (0, "kill"), (400_000, "start"), start_s=0.5) == (1_500_000, 101)


@pytest.mark.parametrize("status", [101, 503])
def test_l7_a_handshakes_end_opened_or_refused_passes_at_the_partitions_end(status: int) -> None:
    refused = "" if status == 101 else fault("connection-refused", from_s=0.0, until_s=0.5)
    assert outcome(partition(1.0, 3.0) + refused) == (3 * S, status)
    assert outcome(partition(1.000001, 3.0) + refused) == (S, status)
    assert outcome(partition(0.0, 1.0) + refused) == (S, status)


def test_l7_the_news_that_the_server_stopped_during_a_handshake_passes_at_the_partitions_end() -> None:
    assert outcome(partition(0.5, 3.0), (700_000, "kill"), (800_000, "start")) == (3 * S, "broken")


@pytest.mark.parametrize("manner", ["closed", "half-open"])
def test_l5_l6_a_loss_while_connecting_fails_the_attempt_then_whatever_its_manner_and_no_partition_holds_that_up(
    manner: str,
) -> None:
    lost = fault("connection-lost", at_s=0.7, manner=manner)
    assert outcome(lost) == (700_000, "broken")
    assert outcome(partition(0.5, 3.0) + lost) == (700_000, "broken")


def test_b4_at_one_instant_a_loss_comes_before_a_refusal() -> None:
    refused = fault("connection-refused", from_s=0.0, until_s=0.5)
    assert outcome(refused + fault("connection-lost", at_s=1.0)) == (S, "broken")


# polls


def polled(text: str, emit: Callable[[Linked], None] = lambda system: None) -> tuple[int, int, int]:
    """When a poll that is sent at zero ends, with which status and how many events."""

    async def main() -> tuple[int, int, int]:
        async with linked(EVENTS + text) as system:
            emit(system)
            return await system.poll()

    found: tuple[int, int, int] = virtually(main())
    return found


def emitting(*times_us: int) -> Callable[[Linked], None]:
    def emit(system: Linked) -> None:
        for seq, time_us in enumerate(times_us):
            asyncio.get_running_loop().call_at(system.clock.when(time_us), system.emit, seq)

    return emit


LATENCY = "[polling]\nlatency_s = 1.000001\ntimeout_s = 900.0\n"


def test_c9_a_poll_is_answered_after_its_latency_with_the_history_as_of_the_rounded_down_half_of_it() -> None:
    assert polled(LATENCY, emitting(499_999, 500_001)) == (1_000_001, 200, 1)


def test_l7_a_request_passes_at_the_partitions_end_and_finds_the_history_of_then() -> None:
    ended = polled(LATENCY + partition(0.5, 3.0), emitting(499_999, 2_999_999))
    assert ended == (3_500_001, 200, 2)


def test_l7_an_answer_passes_at_the_partitions_end_with_the_history_of_its_requests_arrival() -> None:
    assert polled(LATENCY + partition(1.0, 3.0), emitting(499_999, 600_000)) == (3 * S, 200, 1)


def test_l7_each_half_way_counts_from_the_arrival_before_it() -> None:
    assert polled(LATENCY + partition(0.5, 3.0) + partition(3.4, 5.0)) == (5 * S, 200, 0)


def test_l7_a_partition_that_ends_as_the_request_would_pass_holds_nothing_up() -> None:
    assert polled(LATENCY + partition(0.0, 0.5)) == (1_000_001, 200, 0)


def test_l7_an_error_takes_the_way_of_an_answer() -> None:
    error = fault("poll-failed", polls=[0])
    assert polled(LATENCY + error) == (1_000_001, 502, 0)
    assert polled(LATENCY + error + partition(0.5, 3.0)) == (3_500_001, 502, 0)
    assert polled(LATENCY + error + partition(1.0, 3.0)) == (3 * S, 502, 0)


def test_c9_a_poll_that_is_to_time_out_is_never_answered() -> None:
    async def main() -> None:
        async with linked(LATENCY + fault("poll-failed", polls=[0], manner="timeout")) as system:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10_000):
                    await system.poll()

    virtually(main())


QUEUE = "[orchestrator]\nworkers = 1\nservice_s = 4.0\nqueue_limit = 1\n"


def test_o5_an_answers_way_back_starts_when_its_service_ends() -> None:
    assert polled(LATENCY + QUEUE, emitting(499_999, 500_001)) == (5_000_001, 200, 1)
    assert polled(LATENCY + QUEUE + partition(4.9, 7.0)) == (7 * S, 200, 0)


def test_o5_a_poll_that_its_client_has_given_up_reaches_the_orchestrator_and_is_served_all_the_same() -> None:
    async def main() -> tuple[int, int, int]:
        async with linked(LATENCY + QUEUE) as system:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await system.poll()
            await system.until(600_000)
            system.stack.orchestrator.open("another")
            return await system.poll("another")

    # it came half a second after it was sent, and held the one worker for four
    assert virtually(main()) == (4_500_000, 200, 0)


def test_o5_a_request_that_is_turned_away_is_told_after_the_way_back() -> None:
    async def main() -> list[tuple[int, int, int]]:
        async with linked(LATENCY + QUEUE.replace("queue_limit = 1", "queue_limit = 0")) as system:
            return list(await asyncio.gather(system.poll(), system.poll()))

    assert virtually(main()) == [(5_000_001, 200, 0), (1_000_001, 503, 0)]


def test_o5_who_is_turned_away_is_told_when_to_come_again() -> None:
    async def main() -> tuple[str | None, str]:
        full = QUEUE.replace("queue_limit = 1", "queue_limit = 0") + "retry_after_s = 7\n"
        async with linked(full) as system:
            served = asyncio.create_task(system.poll())
            await system.until(1)
            async with system.stack.http.get(f"{system.stack.url}/api/v1/runs/r/events") as turned_away:
                await served
                return turned_away.headers.get("Retry-After"), turned_away.content_type

    assert virtually(main()) == ("7", "application/json")


def test_o5_each_request_takes_the_service_time_of_its_own_number() -> None:
    async def main() -> tuple[list[int], list[int]]:
        async with linked("[orchestrator]\nworkers = 1\nservice_s = { uniform = [1.0, 9.0] }\n") as system:
            ended_us = [0, *[(await system.poll())[0] for _ in range(3)]]
            return [end - begin for begin, end in pairwise(ended_us)], system.drawn.poll_service_us[:3]

    took_us, drawn_us = virtually(main())
    assert took_us == drawn_us
    assert len(set(drawn_us)) == 3


@pytest.mark.parametrize("run_id", ["r", "stranger"])
@pytest.mark.parametrize(("query", "found"), [("", (200, 2)), ("?after=0", (200, 1)), ("?after=%2B0", (400, 0))])
def test_p2_the_query_is_passed_on_as_it_is(run_id: str, query: str, found: tuple[int, int]) -> None:
    async def main() -> tuple[int, int]:
        async with linked(EVENTS) as system:
            for seq in range(2):
                system.stack.orchestrator.append(Message(run_id, seq, "x", None, 0.0))
            url = URL(f"{system.stack.url}/api/v1/runs/{run_id}/events{query}", encoded=True)
            async with system.stack.http.get(url) as response:
                return response.status, len((await response.json()).get("events", []))

    assert virtually(main()) == found


def test_b20_polls_begin_again_with_the_first_draws_once_all_are_taken() -> None:
    async def main() -> tuple[list[int], list[int]]:
        text = "[client]\npoll_interval_s = 5000.0\n[orchestrator]\nworkers = 1\nservice_s = { uniform = [0.1, 9.0] }\n"
        async with linked(text) as system:
            ended_us = [0, *[(await system.poll())[0] for _ in range(9)]]
            return [end - begin for begin, end in pairwise(ended_us)], system.drawn.poll_service_us

    took_us, drawn_us = virtually(main())
    assert len(drawn_us) == 4
    assert took_us == [*drawn_us, *drawn_us, drawn_us[0]]


def test_a_poll_that_cannot_reach_the_orchestrator_fails_like_one_with_an_error() -> None:
    async def main() -> tuple[int, int, int]:
        async with linked(LATENCY) as system:
            proxy = system.stack.proxy
            proxy._api = "http://127.0.0.1:1"
            return await system.poll()

    assert virtually(main()) == (1_000_001, 502, 0)


def test_only_a_message_of_a_scripted_user_is_recorded_as_lost() -> None:
    async def main() -> list[tuple[str, int, str]]:
        async with linked(EVENTS) as system:
            system.say('{"run_id": "r", "seq": 0}', "stranger")
            system.say('{"no": "event"}')
            system.emit(1)
            await system.until(1)
            return [row[2:] for row in system.rows]

    assert virtually(main()) == [("message_lost", 1, "no-connection")]
