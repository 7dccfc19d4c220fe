"""The hub: who gets which message, and which connections are given up (F2 to F4, F10)."""

import asyncio
import json
from collections.abc import Callable

import pytest

from sim.reference import turns
from sim.reference.fanout import Hub
from sim.reference.frames import PING, pong_frame, text_frame
from sim.reference.settings import Settings
from tests.reference.loops import virtually
from tests.reference.witness import Noting

USUAL = Settings()


class Pipe(asyncio.Transport):
    """A transport that keeps what is written; `unread` bytes stay in its buffer."""

    def __init__(self, unread: int = 0) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.aborted = False
        self.unread = unread

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class Stalled(Pipe):
    """A transport to a reader that has read `read` bytes and reads no more."""

    def __init__(self, read: int = 0) -> None:
        super().__init__()
        self.read = read

    def get_write_buffer_size(self) -> int:
        return max(0, sum(map(len, self.writes)) - self.read)


def published(username: str, number: int) -> tuple[bytes, bytes]:
    return f"workflow:events:{username}".encode(), json.dumps({"seq": number}).encode()


def frame(number: int) -> bytes:
    return text_frame(published("", number)[1])


@pytest.mark.parametrize(
    ("length", "header"),
    [(0, b"\x81\x00"), (125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e"), (65535, b"\x81\x7e\xff\xff"),
     (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00")],
)  # fmt: skip
def test_a_frame_has_the_header_of_rfc_6455(length: int, header: bytes) -> None:
    assert text_frame(b"x" * length) == header + b"x" * length


def test_all_messages_of_one_turn_leave_as_one_write_of_separate_frames() -> None:
    async def main() -> list[bytes]:
        hub, pipe = Hub(Noting(), USUAL), Pipe()
        hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        hub.deliver([published("u", 1), published("u", 2)])
        assert pipe.writes == []
        await asyncio.sleep(0)
        assert hub.counters.frames_written == 3
        return pipe.writes

    assert virtually(main()) == [b"".join(frame(n) for n in range(3))]


def test_f3_an_overflow_aborts_that_connection_and_delays_nobody_else() -> None:
    async def main() -> None:
        witness = Noting()
        hub = Hub(witness, Settings(send_buffer_bytes=1000))
        slow, quick = Pipe(unread=1001), Pipe()
        hub.join("u", slow), hub.join("u", quick)
        hub.deliver([published("u", 0)])
        await asyncio.sleep(0)
        assert (slow.aborted, quick.aborted) == (True, False)
        hub.deliver([published("u", 1)])
        await asyncio.sleep(0)
        assert (len(slow.writes), len(quick.writes)) == (1, 2)
        assert (witness.lost, witness.given_up) == ([], [("u", "overflow")])
        assert hub.counters.aborted_overflow == 1

    virtually(main())


def test_f3_a_buffer_of_exactly_the_limit_is_no_overflow() -> None:
    async def main() -> bool:
        hub, pipe = Hub(Noting(), Settings(send_buffer_bytes=1000)), Pipe(unread=1000)
        hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        await asyncio.sleep(0)
        return pipe.aborted

    assert not virtually(main())


def test_a_message_without_connection_is_told_to_the_witness() -> None:
    async def main() -> None:
        witness = Noting()
        hub = Hub(witness, USUAL)
        hub.leave(hub.join("a:b", Pipe()))
        hub.deliver([published("a:b", 3)])
        assert witness.lost == [("a:b", b'{"seq": 3}')]
        assert hub.counters.messages_unroutable == 1

    virtually(main())


def test_a_message_that_a_closing_connection_cannot_take_is_told_to_the_witness_once() -> None:
    async def main() -> list[tuple[str, bytes]]:
        witness = Noting()
        hub, pipe = Hub(witness, USUAL), Pipe()
        connection = hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        pipe.abort()
        hub.deliver([published("u", 1)])
        await asyncio.sleep(0)
        hub.leave(connection)
        assert pipe.writes == []
        return witness.lost

    assert virtually(main()) == [("u", b'{"seq": 1}'), ("u", b'{"seq": 0}')]


@pytest.mark.parametrize("killed", [False, True])
def test_f8_a_hub_that_has_stopped_accounts_for_nothing_that_was_unsent_or_comes_later(killed: bool) -> None:
    async def main() -> None:
        witness = Noting()
        hub, pipe = Hub(witness, USUAL), Pipe()
        connection = hub.join("u", pipe)
        hub.deliver([published("u", 0)])
        stopping = asyncio.create_task(hub.stop(killed=killed))
        await asyncio.sleep(0)
        pipe.abort()
        hub.deliver([published("u", 1)])
        hub.leave(connection)
        await stopping
        assert (witness.lost, hub.counters.messages_unroutable) == ([], 0)

    virtually(main())


@pytest.mark.parametrize("payload", [b"", b"no json", b"[1]", b"\xff", b'{"a": 1', b"null"])
def test_malformed_payloads_are_dropped_and_harm_nobody(payload: bytes) -> None:
    async def main() -> list[bytes]:
        witness = Noting()
        hub, pipe = Hub(witness, USUAL), Pipe()
        hub.join("u", pipe)
        hub.deliver([(b"workflow:events:u", payload), (b"workflow:events:\xff", b"{}"), published("u", 1)])
        await asyncio.sleep(0)
        assert (hub.counters.messages_received, hub.counters.messages_malformed, witness.lost) == (3, 2, [])
        return pipe.writes

    assert virtually(main()) == [frame(1)]


def told(settings: Settings, pipe: Pipe, script: list[tuple[float, Callable[[Hub], None]]], until_s: float) -> Noting:
    """What a hub with one connection tells when these things happen at these seconds."""

    async def main() -> Noting:
        witness, loop = Noting(), asyncio.get_running_loop()
        hub = Hub(witness, settings)
        hub.join("u", pipe)
        for at_s, deed in script:
            loop.call_at(at_s, deed, hub)
        await turns.reached(until_s, turns.END)
        return witness

    return virtually(main())


PINGS = Settings(ping_every_s=10.0, pong_within_s=15.0)


@pytest.mark.parametrize(("until_s", "pings"), [(9.999999, 0), (10.0, 1), (24.999999, 2)])
def test_f10_pings_go_out_at_whole_multiples_of_the_interval_from_the_opening(until_s: float, pings: int) -> None:
    pipe = Pipe()
    told(PINGS, pipe, [], until_s)
    assert pipe.writes == [PING] * pings


@pytest.mark.parametrize(("until_s", "given_up"), [(24.999999, []), (25.0, [("u", "pong-timeout")])])
def test_f10_the_deadline_runs_from_the_first_unanswered_ping(until_s: float, given_up: list[tuple[str, str]]) -> None:
    pipe = Pipe()
    assert told(PINGS, pipe, [], until_s).given_up == given_up
    assert pipe.aborted == bool(given_up)


def test_f10_an_answer_to_any_ping_clears_the_deadline_and_the_next_ping_sets_another() -> None:
    def answer(hub: Hub) -> None:
        (connection,) = hub._connections["u"]
        connection.heard_pong()

    assert told(PINGS, Pipe(), [(20.0, lambda hub: None), (20.5, answer)], 44.999999).given_up == []
    assert told(PINGS, Pipe(), [(20.5, answer)], 45.0).given_up == [("u", "pong-timeout")]


def test_f10_a_deadline_at_the_time_of_a_ping_comes_first() -> None:
    pipe = Pipe()
    told(Settings(ping_every_s=10.0, pong_within_s=10.0), pipe, [], 20.0)
    assert (pipe.writes, pipe.aborted) == ([PING], True)


WRITES = Settings(write_within_s=10.0)


def publish(number: int) -> Callable[[Hub], None]:
    return lambda hub: hub.deliver([published("u", number)])


@pytest.mark.parametrize(("until_s", "given_up"), [(12.999999, []), (13.0, [("u", "write-timeout")])])
def test_f4_what_stays_unsent_for_the_write_limit_ends_the_connection(
    until_s: float, given_up: list[tuple[str, str]]
) -> None:
    assert told(WRITES, Stalled(), [(3.0, publish(0)), (5.0, publish(1))], until_s).given_up == given_up


def test_f4_a_slow_reader_that_gets_on_is_checked_again_and_again() -> None:
    pipe = Stalled()

    def read_to(position: int) -> Callable[[Hub], None]:
        return lambda hub: setattr(pipe, "read", position)

    one = len(frame(0))
    script = [(3.0, publish(0)), (5.0, publish(1)), (12.0, read_to(one)), (14.0, publish(2)), (22.0, read_to(2 * one))]
    assert told(WRITES, pipe, script, 32.999999).given_up == []
    pipe = Stalled()
    assert told(WRITES, pipe, script, 33.0).given_up == [("u", "write-timeout")]


def test_f4_a_ping_that_waits_behind_what_was_written_in_time_ends_no_connection() -> None:
    pipe = Stalled(read=0)
    script: list[tuple[float, Callable[[Hub], None]]] = [
        (3.0, publish(0)),
        (12.0, lambda hub: setattr(pipe, "read", len(frame(0)))),
    ]
    assert told(Settings(ping_every_s=11.0, write_within_s=10.0), pipe, script, 13.0).given_up == []


def test_pings_of_a_client_are_answered_with_what_they_carried() -> None:
    async def main() -> list[bytes]:
        pipe = Pipe()
        Hub(Noting(), USUAL).join("u", pipe).answer_ping(b"abc")
        return pipe.writes

    assert virtually(main()) == [pong_frame(b"abc")] == [b"\x8a\x03abc"]


@pytest.mark.parametrize(
    ("settings", "reason"), [(Settings(send_buffer_bytes=9), "overflow"), (WRITES, "write-timeout")]
)
def test_f3_f4_a_client_that_pings_and_does_not_read_is_aborted_by_the_limits_of_messages(
    settings: Settings, reason: str
) -> None:
    def ping(hub: Hub) -> None:
        (connection,) = hub._connections["u"]
        connection.answer_ping(b"abc")

    assert told(settings, Stalled(), [(1.0, ping), (2.0, ping)], 11.0).given_up == [("u", reason)]
