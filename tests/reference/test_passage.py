"""What passes on an open WebSocket between server and client, when, and how it ends (L1 to L7, L9, F8, F10)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import WSMsgType

from tests.reference.faults import fault, partition
from tests.reference.linked import Linked, Socket, linked
from tests.reference.loops import lively, virtually

both_loops = pytest.mark.parametrize(
    "run",
    [virtually, pytest.param(lively, marks=[pytest.mark.live, pytest.mark.xdist_group("live")])],
)
Run = Callable[[Coroutine[Any, Any, Any]], Any]
Heard = list[tuple[int, str, object]]

S = 1_000_000

EVENTS = """
[workload]
events = [{ at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }, { at_s = 0.0, type = "x" }]
other_events = [{ at_s = 0.0, type = "x" }]
"""
LATENCY = "[websocket]\nlatency_s = 1.0\n"


def at(*happenings: tuple[int, Callable[[Linked], Any]]) -> Callable[[Linked], Awaitable[None]]:
    """Let each of these happen at its time."""

    async def happen(system: Linked) -> None:
        for time_us, act in happenings:
            await system.until(time_us)
            result = act(system)
            if asyncio.iscoroutine(result):
                await result

    return happen


def emit(seq: int, run_id: str = "r") -> Callable[[Linked], str]:
    return lambda system: system.emit(seq, run_id)


def kill(system: Linked) -> Awaitable[None]:
    return system.stack.fanout.stop(killed=True)


def stop(system: Linked) -> Awaitable[None]:
    return system.stack.fanout.stop(killed=False)


def lives(
    text: str, *happenings: tuple[int, Callable[[Linked], Any]], until_us: int = 20 * S, answers: bool = True
) -> tuple[Heard, list[tuple[int, str, int]]]:
    """What a client hears that opens at zero, and the losses, until then.

    What it hears: the seq of a message, a ping, a goodbye's code, or that it breaks. answers: whether it answers pings.
    """

    async def listen(system: Linked, socket: Socket, heard: Heard) -> None:
        while True:
            now_us, kind, data = await system.next_of(socket)
            if kind is WSMsgType.TEXT:
                heard.append((now_us, "message", system.index(str(data))))
            elif kind is WSMsgType.PING:
                heard.append((now_us, "ping", data))
                if answers:
                    await socket.pong()
            elif kind is WSMsgType.PONG:
                heard.append((now_us, "pong", data))
            elif kind is WSMsgType.CLOSE:
                heard.append((now_us, "goodbye", data))
            else:
                heard.append((now_us, "broken", ""))
                return

    async def main() -> tuple[Heard, list[tuple[int, str, int]]]:
        heard: Heard = []
        async with linked(EVENTS + text) as system:
            socket = await system.socket()
            listening = asyncio.create_task(listen(system, socket, heard))
            await at(*happenings)(system)
            await system.until(until_us)
            listening.cancel()
            return heard, [(time_us, detail, event) for time_us, _, _, event, detail in system.rows]

    found: tuple[Heard, list[tuple[int, str, int]]] = virtually(main())
    return found


# messages


def test_l1_messages_arrive_after_their_latency() -> None:
    assert lives(LATENCY, (0, emit(0)), (300_000, emit(1))) == ([(S, "message", 0), (1_300_000, "message", 1)], [])


@both_loops
def test_l1_messages_do_not_overtake_each_other_and_what_is_not_of_the_script_keeps_its_place(run: Run) -> None:
    text = EVENTS + "[websocket]\nlatency_s = { uniform = [0.02, 0.2] }\n"

    async def main() -> tuple[list[str | bytes], list[str]]:
        async with linked(text) as system:
            socket = await system.socket()
            sent = [system.emit(seq) for seq in range(3)]
            system.say('{"run_id": "stranger"}')
            heard = [await socket.receive_str(timeout=5) for _ in range(4)]
            await socket.close()
            return heard, [*sent, '{"run_id": "stranger"}']

    heard, sent = run(main())
    assert heard == sent


def test_b11_of_messages_that_arrive_at_one_instant_own_ones_come_first() -> None:
    heard, _ = lives(LATENCY, (0, lambda system: (system.emit(0, "r/other"), system.emit(1))))
    assert heard == [(S, "message", 1), (S, "message", "other")]


BEATS = LATENCY + "[orchestrator]\nheartbeat_s = 1000.0\n"


def together(system: Linked) -> None:
    """A heartbeat, another run's message and an own one, in the wrong order."""
    system.beat(0)
    system.emit(0, "r/other")
    system.emit(1)


def test_p3_of_messages_that_arrive_at_one_instant_heartbeats_come_last() -> None:
    heard, _ = lives(BEATS, (0, together))
    assert heard == [(S, "message", 1), (S, "message", "other"), (S, "message", "heartbeat")]


def test_p3_l2_l6_a_heartbeat_is_lost_like_a_message_of_no_event_and_after_all_that_are_of_one() -> None:
    half_open = BEATS + fault("connection-lost", at_s=0.5, manner="half-open")
    lost = [(500_000, "half-open", 1), (500_000, "half-open", -1), (500_000, "half-open", -1)]
    later = [(S, "half-open", 2), (2 * S, "half-open", -1)]
    happenings = ((0, together), (S, emit(2)), (2 * S, lambda system: system.beat(1)))
    assert lives(half_open, *happenings) == ([], lost + later)


def test_l4_a_message_that_a_fault_takes_is_lost_at_publication() -> None:
    text = LATENCY + fault("message-lost", event=0)
    assert lives(text, (500_000, emit(0)), (500_000, emit(1))) == ([(1_500_000, "message", 1)], [(500_000, "fault", 0)])


def test_l7_a_message_arrives_at_the_partitions_end_and_those_behind_it_with_it() -> None:
    text = LATENCY + partition(1.0, 5.0)
    heard, lost = lives(text, (0, emit(0)), (2 * S, emit(1)), (4 * S, emit(2)))
    assert heard == [(5 * S, "message", 0), (5 * S, "message", 1), (5 * S, "message", 2)]
    assert lost == []


def test_l7_a_message_that_is_sent_in_a_partition_and_arrives_after_it_is_not_held_up() -> None:
    assert lives(LATENCY + partition(0.1, 0.5), (200_000, emit(0))) == ([(1_200_000, "message", 0)], [])


# ends


def cut(at_s: float, manner: str = "closed") -> str:
    return fault("connection-lost", at_s=at_s, manner=manner)


def test_l2_a_cut_ends_both_halves_and_loses_what_is_on_its_way_and_what_comes_later_finds_no_connection() -> None:
    heard, lost = lives(LATENCY + cut(1.5), (0, emit(0)), (S, emit(1)), (S, emit(0, "r/other")), (3 * S, emit(2)))
    assert heard == [(S, "message", 0), (1_500_000, "broken", "")]
    connection = "connection-lost"
    assert lost == [(1_500_000, connection, 1), (1_500_000, connection, -1), (3 * S, "no-connection", 2)]


def test_l5_every_loss_comes_at_its_time_and_where_nothing_is_open_it_does_nothing() -> None:
    async def main() -> list[int]:
        async with linked("[client]\nreconnect = 'fixed'\n" + cut(1.0) + cut(2.0) + cut(4.0)) as system:
            ends_us = []
            for opens_us in (0, 3 * S):
                await system.until(opens_us)
                ends_us.append((await system.next_of(await system.socket()))[0])
            return ends_us

    assert virtually(main()) == [S, 4 * S]


def test_l1_a_message_that_arrives_as_the_connection_closes_is_lost() -> None:
    assert lives(LATENCY + cut(1.0), (0, emit(0))) == ([(S, "broken", "")], [(S, "connection-lost", 0)])


def test_l7_a_cut_is_not_held_up_by_a_partition() -> None:
    heard, lost = lives(LATENCY + partition(1.0, 5.0) + cut(2.0), (0, emit(0)))
    assert heard == [(2 * S, "broken", "")]
    assert lost == [(2 * S, "connection-lost", 0)]


@pytest.mark.parametrize(("end", "told"), [(stop, ("goodbye", 1001)), (kill, ("broken", ""))])
def test_f8_a_server_that_stops_loses_what_is_on_its_way_and_says_goodbye_only_where_it_can(
    end: Callable[[Linked], Awaitable[None]], told: tuple[str, object]
) -> None:
    heard, lost = lives(LATENCY, (0, emit(0)), (500_000, emit(1)), (1_200_000, end))
    assert heard[:2] == [(S, "message", 0), (1_200_000, *told)]
    assert lost == [(1_200_000, "connection-lost", 1)]


@pytest.mark.parametrize(("end", "told"), [(stop, ("goodbye", 1001)), (kill, ("broken", ""))])
def test_l7_the_news_of_a_servers_end_passes_at_the_partitions_end_and_what_is_on_its_way_is_lost_then(
    end: Callable[[Linked], Awaitable[None]], told: tuple[str, object]
) -> None:
    text = LATENCY + partition(1.0, 5.0)
    heard, lost = lives(text, (500_000, emit(0)), (1_200_000, end), (2 * S, emit(1)), until_us=60 * S)
    assert heard[0] == (5 * S, *told)
    assert lost == [(2 * S, "no-subscriber", 1), (5 * S, "connection-lost", 0)]


def test_l7_a_cut_outruns_the_news_of_a_servers_end() -> None:
    heard, lost = lives(LATENCY + partition(1.0, 5.0) + cut(3.0), (500_000, emit(0)), (1_200_000, stop))
    assert heard == [(3 * S, "broken", "")]
    assert lost == [(3 * S, "connection-lost", 0)]


# half-open


HALF_OPEN = cut(1.5, "half-open")


def test_l6_what_is_on_its_way_at_a_half_open_loss_is_lost_then_and_what_is_published_later_at_publication() -> None:
    text = LATENCY + HALF_OPEN + fault("message-lost", event=2)
    heard, lost = lives(text, (0, emit(0)), (S, emit(1)), (2 * S, emit(0, "r/other")), (3 * S, emit(2)))
    assert heard == [(S, "message", 0)]
    assert lost == [(1_500_000, "half-open", 1), (2 * S, "half-open", -1), (3 * S, "fault", 2)]


def test_l6_f10_the_server_finds_out_by_its_ping_and_the_client_is_told_nothing() -> None:
    text = LATENCY + HALF_OPEN + "[fanout]\nping_every_s = 4.0\npong_within_s = 3.0\n"
    heard, lost = lives(text, (7 * S - 1, emit(0)), (7 * S, emit(1)), (7 * S + 1, emit(2)), until_us=1000 * S)
    assert heard == []
    assert lost == [(7 * S - 1, "half-open", 0), (7 * S, "no-connection", 1), (7 * S + 1, "no-connection", 2)]


@pytest.mark.parametrize("end", [stop, kill])
def test_l6_neither_a_goodbye_nor_a_kill_reaches_the_client(end: Callable[[Linked], Awaitable[None]]) -> None:
    assert lives(HALF_OPEN, (2 * S, end), until_us=1000 * S) == ([], [])


def test_l6_a_closed_loss_ends_for_the_client_what_is_half_open() -> None:
    assert lives(HALF_OPEN + cut(9.0)) == ([(9 * S, "broken", "")], [])


def test_l6_at_one_instant_the_closed_loss_comes_first_and_leaves_nothing_to_be_half_open() -> None:
    heard, lost = lives(LATENCY + HALF_OPEN + cut(1.5), (S, emit(0)), (2 * S, emit(1)))
    assert heard == [(1_500_000, "broken", "")]
    assert lost == [(1_500_000, "connection-lost", 0), (2 * S, "no-connection", 1)]


def test_l6_news_that_a_partition_holds_up_reach_nobody_once_the_connection_is_half_open() -> None:
    text = LATENCY + partition(1.0, 5.0) + cut(3.0, "half-open")
    heard, lost = lives(text, (500_000, emit(0)), (1_200_000, kill))
    assert heard == []
    assert lost == [(3 * S, "half-open", 0)]


def test_l6_what_the_client_says_does_not_pass_either() -> None:
    async def main() -> str:
        async with linked(HALF_OPEN) as system:
            socket = await system.socket()
            await system.until(2 * S)
            await socket.ping(b"?")
            await socket.send_str("x" * 1000)  # over 512 bytes, which closes a connection that hears it (F5)
            try:
                async with asyncio.timeout(20):
                    return (await socket.receive()).type.name
            except TimeoutError:
                return "nothing"

    assert virtually(main()) == "nothing"


# pings


PINGS = "[fanout]\nping_every_s = 4.0\npong_within_s = 3.0\n"


def test_f10_pings_pass_and_their_answers_keep_the_connection() -> None:
    heard, _ = lives(PINGS, until_us=4000 * S)
    assert heard == [(k * 4 * S, "ping", b"") for k in range(1, 1001)]


def test_f10_a_client_that_does_not_answer_is_closed_at_the_deadline_of_the_first_ping() -> None:
    heard, _ = lives(PINGS, answers=False)
    assert heard == [(4 * S, "ping", b""), (7 * S, "broken", "")]


def test_l7_a_ping_passes_at_the_partitions_end_and_is_answered_then() -> None:
    heard, _ = lives(PINGS + partition(3.0, 6.999999), until_us=9 * S)
    assert heard == [(6_999_999, "ping", b""), (8 * S, "ping", b"")]


def test_l7_f10_a_partition_longer_than_the_deadline_closes_the_connection_and_its_end_tells() -> None:
    heard, lost = lives(PINGS + LATENCY + partition(3.0, 9.0), (2_500_000, emit(0)), (8 * S, emit(1)))
    assert heard == [(9 * S, "broken", "")]
    assert lost == [(8 * S, "no-connection", 1), (9 * S, "connection-lost", 0)]


def test_a_clients_own_ping_passes_there_and_back() -> None:
    async def main() -> list[tuple[int, WSMsgType, object]]:
        async with linked(partition(1.0, 3.0)) as system:
            socket = await system.socket()
            heard = []
            for time_us in (500_000, 2 * S):
                await system.until(time_us)
                await socket.ping(b"?")
                heard.append(await system.next_of(socket))
            return heard

    assert virtually(main()) == [(500_000, WSMsgType.PONG, b"?"), (3 * S, WSMsgType.PONG, b"?")]
