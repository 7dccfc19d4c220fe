"""The virtual clock: time, turns at one instant, and what cannot be under virtual time."""

import asyncio
import random
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from itertools import product
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.reference import turns
from sim.reference.clock import Deadlock, Livelock, RealWorld, VirtualLoop
from sim.reference.turns import Rank

T = TypeVar("T")

RANKS = st.tuples(st.integers(0, 7), st.integers(0, 2), st.integers(0, 2))


def run(main: Coroutine[Any, Any, T], **options: int) -> T:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(**options)) as runner:
        return runner.run(main)


def now_us() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.now_us


def test_an_hour_passes_at_once_and_time_is_whole_microseconds() -> None:
    async def main() -> tuple[int, float]:
        for _ in range(10):
            await asyncio.sleep(0.1)
        assert now_us() == 1_000_000
        await asyncio.sleep(3600)
        return now_us(), asyncio.get_running_loop().time()

    assert run(main()) == (3_601_000_000, 3601.0)


def test_time_stands_still_while_anything_can_run() -> None:
    async def main() -> int:
        asyncio.get_running_loop().call_later(1e-6, lambda: None)
        for _ in range(1000):
            await asyncio.sleep(0)
        return now_us()

    assert run(main()) == 0


@given(st.lists(st.tuples(st.integers(0, 2), RANKS), max_size=12))
def test_equal_instants_take_turns_by_rank_then_by_creation(wanted: list[tuple[int, Rank]]) -> None:
    async def main() -> list[tuple[int, Rank, int]]:
        seen: list[tuple[int, Rank, int]] = []
        for created, (second, rank) in enumerate(wanted):
            turns.call_at(second, rank, seen.append, (second, rank, created))
        await asyncio.sleep(3)
        return seen

    assert run(main()) == sorted((second, rank, created) for created, (second, rank) in enumerate(wanted))


def test_timers_without_a_rank_come_after_all_that_have_one_and_the_end_after_those() -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        loop = asyncio.get_running_loop()
        turns.call_at(1.0, turns.END, seen.append, "end")
        for name in ("first", "second"):
            loop.call_at(1.0, seen.append, name)
        turns.call_at(1.0, (turns.FIRE, 99, 99), seen.append, "fires")
        await asyncio.sleep(2)
        return seen

    assert run(main()) == ["fires", "first", "second", "end"]


def test_one_timer_goes_at_a_time_and_all_its_consequences_come_before_the_next() -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        tasks: list[asyncio.Task[None]] = []

        async def consequences(name: str) -> None:
            for step in range(3):
                await asyncio.sleep(0)
                seen.append(f"{name}{step}")

        for name, rank in (("b", (1, 0, 0)), ("a", (0, 0, 0))):
            turns.call_at(1.0, rank, lambda name=name: tasks.append(asyncio.create_task(consequences(name))))
        await asyncio.sleep(2)
        return seen

    assert run(main()) == [f"{name}{step}" for name, step in product("ab", range(3))]


def test_a_zero_delay_still_takes_its_turn() -> None:
    async def main() -> list[str]:
        seen: list[str] = []

        def emit() -> None:
            seen.append("emitted")
            turns.call_at(1.0, (turns.ARRIVE, 0, 0), seen.append, "arrives")

        turns.call_at(1.0, (turns.FIRE, 0, 0), seen.append, "fires")
        turns.call_at(1.0, (turns.EMIT, 0, 1), seen.append, "emitted too")
        turns.call_at(1.0, (turns.EMIT, 0, 0), emit)
        await asyncio.sleep(2)
        return seen

    assert run(main()) == ["emitted", "emitted too", "arrives", "fires"]


def test_a_time_that_has_passed_is_now_and_infinity_never_comes() -> None:
    async def main() -> list[int]:
        seen: list[int] = []
        loop = asyncio.get_running_loop()
        await asyncio.sleep(5)
        loop.call_at(1.0, lambda: seen.append(now_us()))
        loop.call_at(float("inf"), lambda: seen.append(-1))
        await asyncio.sleep(1)
        return seen

    assert run(main()) == [5_000_000]


def test_a_cancelled_timer_does_not_move_the_clock() -> None:
    async def main() -> int:
        asyncio.get_running_loop().call_later(1, lambda: None).cancel()
        await asyncio.sleep(2)
        return now_us()

    assert run(main()) == 2_000_000


def test_waiting_for_a_turn_ends_in_that_turn_and_leaves_no_timer_when_cancelled() -> None:
    async def main() -> list[str]:
        seen: list[str] = []

        async def wait(name: str, rank: Rank) -> None:
            await turns.reached(1.0, rank)
            seen.append(name)

        async with asyncio.TaskGroup() as group:
            group.create_task(wait("late", (6, 0, 0)))
            group.create_task(wait("early", (5, 0, 0)))
            dropped = group.create_task(wait("never", (0, 0, 0)))
            await asyncio.sleep(0)
            dropped.cancel()
        return seen

    assert run(main()) == ["early", "late"]


@pytest.mark.parametrize(("order", "ending"), [(0, "answered"), (2, "timeout")])
def test_a_limit_has_a_turn_of_its_own_at_its_instant(order: int, ending: str) -> None:
    async def main() -> tuple[str, int]:
        try:
            async with turns.limited(4.0, (turns.ANSWER, 0, 1)):
                await turns.reached(4.0, (turns.ANSWER, 0, order))
        except TimeoutError:
            return "timeout", now_us()
        return "answered", now_us()

    assert run(main()) == (ending, 4_000_000)


def test_turns_work_on_a_stock_loop_too() -> None:
    async def main() -> None:
        await turns.reached(0.0, (0, 0, 0))
        with pytest.raises(TimeoutError):
            async with turns.limited(asyncio.get_running_loop().time() + 0.01, (0, 0, 0)):
                await asyncio.sleep(10)

    asyncio.run(main())


def test_the_same_random_program_runs_the_same_way_each_time() -> None:
    async def main() -> list[tuple[int, int]]:
        choose = random.Random(7)
        seen: list[tuple[int, int]] = []

        async def walk(name: int) -> None:
            for _ in range(20):
                await asyncio.sleep(choose.randrange(3) * 0.5)
                seen.append((now_us(), name))

        async with asyncio.TaskGroup() as group:
            for name in range(10):
                group.create_task(walk(name))
        return seen

    assert run(main()) == run(main())


def test_where_nothing_can_ever_happen_it_says_so() -> None:
    async def main() -> None:
        await asyncio.sleep(1.5)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match=r"nothing can ever happen after 1\.500000 s"):
        run(main())


def test_timers_that_never_let_time_move_on_are_told() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()

        def again() -> None:
            loop.call_later(0, again)

        loop.call_later(2, again)
        await asyncio.sleep(3)

    with pytest.raises(Livelock, match=r"1,000 steps at 2\.000000 s and time does not move on"):
        run(main(), steps_per_instant=1_000)


def test_tasks_that_never_let_time_move_on_are_told() -> None:
    async def main() -> None:
        async def again() -> None:
            asyncio.get_running_loop().create_task(again())

        await again()
        await asyncio.sleep(1)

    with pytest.raises(Livelock):
        run(main(), steps_per_instant=1_000)


def test_many_steps_are_no_livelock_as_long_as_time_moves_on() -> None:
    async def main() -> int:
        for _ in range(2_000):
            await asyncio.sleep(1e-6)
        return now_us()

    assert run(main(), steps_per_instant=100) == 2_000


async def _start_thread() -> None:
    threading.Thread(target=print).start()


async def _sleep_for_real() -> None:
    time.sleep(0.001)  # noqa: ASYNC251


async def _open_socket() -> None:
    socket.socket()


async def _handle_signal() -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)


async def _watch_descriptor() -> None:
    asyncio.get_running_loop().add_reader(0, print)


REAL: dict[str, Callable[[], Awaitable[object]]] = {
    "a thread": _start_thread,
    "a thread of the executor": lambda: asyncio.to_thread(print),
    "real time": _sleep_for_real,
    "a socket": _open_socket,
    "a signal": _handle_signal,
    "a file descriptor": _watch_descriptor,
    "name resolution": lambda: asyncio.get_running_loop().getaddrinfo("localhost", 80),
    "a socket of a connection": lambda: asyncio.open_connection("127.0.0.1", 9),
    "a socket of a server": lambda: asyncio.start_server(lambda r, w: None, "127.0.0.1"),
    "a process": lambda: asyncio.create_subprocess_exec("true"),
}


@pytest.mark.parametrize("what", REAL)
def test_the_real_world_is_out_of_reach(what: str) -> None:
    async def main() -> None:
        await asyncio.sleep(2)
        await REAL[what]()

    name, _, _ = what.partition(" of ")
    with pytest.raises(RealWorld, match=rf"^{name} is asked for at 2\.000000 s of virtual time"):
        run(main())
    time.sleep(1e-6)
    socket.socket().close()


def test_other_threads_notice_nothing_and_here_the_monotonic_clock_tells_the_virtual_time() -> None:
    go, ended = threading.Event(), threading.Event()
    elsewhere: list[float] = []

    def work() -> None:
        go.wait(5)
        time.sleep(1e-6)
        elsewhere.append(time.monotonic())
        ended.set()

    before = time.monotonic()
    threading.Thread(target=work).start()

    async def main() -> float:
        await asyncio.sleep(7)
        go.set()
        ended.wait(5)
        return time.monotonic()

    assert run(main()) == 7.0
    assert elsewhere[0] >= before
    assert time.monotonic() >= before


def test_an_error_in_a_callback_reaches_the_exception_handler() -> None:
    async def main() -> list[str]:
        told: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(repr(context["exception"])))
        loop.call_later(1, [].pop)
        await asyncio.sleep(2)
        return told

    assert run(main()) == ["IndexError('pop from empty list')"]
