"""Executors: where replications are performed. All give the same numbers, in the order in which they were asked for."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import wait

from sim.contract.errors import ServiceError
from sim.experiments.point import Measures, Task, performed

Run = Callable[[Sequence[Task]], Iterator[Measures]]
"""Performs the tasks, and gives the measures of each as soon as it and those before it are done."""

Executor = AbstractContextManager[Run]
"""A place to perform tasks in; nothing of it is left when the block ends, however it ends."""


def executor(workers: int | None = None, dask: str | None = None) -> Executor:
    """The cluster at the address; without one so many processes, None for one per CPU, 1 for this process itself."""
    if dask is not None:
        from sim.experiments.cluster import cluster

        return cluster(dask)
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    return serial() if count == 1 else processes(count)


@contextmanager
def serial() -> Iterator[Run]:
    """In this process, one after the other."""
    yield lambda tasks: map(performed, tasks)


@contextmanager
def processes(count: int) -> Iterator[Run]:
    """In so many processes beside this one, each started afresh."""
    before = multiprocessing.active_children()
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_ready)
    try:
        yield lambda tasks: _mapped(pool, tasks)
    except BaseException:
        for process in multiprocessing.active_children():
            if process not in before:
                process.terminate()  # what it performs may take minutes, and nobody waits for it
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _mapped(pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> Iterator[Measures]:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # also in the processes that this starts, until `_ready`
    try:
        measured = pool.map(performed, tasks)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield from measured
    except BrokenProcessPool:
        raise ServiceError("a worker process ended before its work was done; perhaps memory ran out") from None


def _ready() -> None:
    """In each process: leave Ctrl-C to the one that started it, and end with it, even where that one is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
