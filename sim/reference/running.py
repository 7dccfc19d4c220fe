"""Running coroutines so that nothing fails silently and nothing is left behind."""

import asyncio
import gc
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

TERMINATED_STATUS = 128 + signal.SIGTERM


class _Over(Exception):
    """The body of `tasks` has ended."""


@asynccontextmanager
async def tasks() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose tasks are cancelled when its body ends."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
            raise _Over
    except* _Over:
        pass


def spawn(group: asyncio.TaskGroup, coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it as a task of the group; what a last timer still asks of a group that is shutting down is dropped."""
    try:
        group.create_task(coroutine)
    except RuntimeError:
        coroutine.close()


@contextmanager
def failures() -> "Iterator[asyncio.Future[None]]":
    """A future that fails with the first exception that nobody else catches: of a callback, a handler, a lost task."""
    loop = asyncio.get_running_loop()
    failure: asyncio.Future[None] = loop.create_future()
    previous = loop.get_exception_handler()

    def on_failure(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception) and not failure.done():
            failure.set_exception(error)
        elif not isinstance(error, Exception):
            loop.default_exception_handler(context)

    loop.set_exception_handler(on_failure)
    try:
        yield failure
    finally:
        loop.set_exception_handler(previous)
        failure.cancel()


@contextmanager
def short_pauses() -> Iterator[None]:
    """Collect young garbage only: a full collection stops a thousand clients for some 200 ms."""
    before = gc.get_threshold()
    gc.set_threshold(before[0], before[1], 1_000_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def first_cause(error: BaseException) -> BaseException:
    """What went wrong first inside groups of exceptions."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def run(main: Coroutine[Any, Any, T], loop_factory: LoopFactory | None = None) -> T:
    """Run to the end. Ctrl-C and SIGTERM cancel it, let it clean up, then raise KeyboardInterrupt or SystemExit.

    loop_factory: makes a loop of another kind than asyncio's own; SIGTERM is then nobody's business.
    Where a loop is running already, as in a notebook, the work is done on a thread beside it.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(main, loop_factory, lambda loop, task: None)
    return _run_beside(main, loop_factory)


def _run_beside(main: Coroutine[Any, Any, T], loop_factory: LoopFactory | None) -> T:
    outcome: Future[T] = Future()
    running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    def work() -> None:
        try:
            outcome.set_result(_run(main, loop_factory, lambda loop, task: running.set_result((loop, task))))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=work, name="fanout-sim")
    thread.start()
    try:
        return outcome.result()
    finally:
        if not outcome.done():  # interrupted
            loop, task = running.result()
            loop.call_soon_threadsafe(task.cancel)
        thread.join()


def _run(
    main: Coroutine[Any, Any, T],
    loop_factory: LoopFactory | None,
    started: Callable[[asyncio.AbstractEventLoop, asyncio.Task[Any]], None],
) -> T:
    terminated: list[int] = []

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        started(loop, task)

        def terminate() -> None:
            terminated.append(signal.SIGTERM)
            task.cancel()

        ours = (
            loop_factory is None
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        )
        if ours:
            loop.add_signal_handler(signal.SIGTERM, terminate)
        try:
            return await main
        finally:
            if ours:
                loop.remove_signal_handler(signal.SIGTERM)

    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(guarded())
    except BaseExceptionGroup as group:
        raise first_cause(group) from None
    except asyncio.CancelledError:
        if terminated:
            raise SystemExit(TERMINATED_STATUS) from None
        raise
