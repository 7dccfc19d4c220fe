"""Live performances of a suite: small ones side by side, a large one alone in a process of its own."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from sim.contract.errors import InputError, ServiceError
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace
from sim.worlds import perform_together

ALONE_FROM_CLIENTS = 500
"""A script of this many clients or more has a system and a process of its own; others share one system."""

Batch = list[int]
"""Positions of the scripts that are performed together."""


def perform_live(scripts: Sequence[Script], redis: str | None, progress: Progress | None = None) -> list[Trace]:
    """The traces of these scripts in the live world, in the same order.

    Batches take turns, each in a process of its own, as many at a time as there are processors for, at most two.
    Whatever ends this call, an interrupt too, ends those processes first, and they clean up after themselves.
    """
    batches = _batches(scripts)
    if len(batches) == 1:
        return perform_together(scripts, redis=redis, progress=progress)
    traces: list[Trace | None] = [None] * len(scripts)
    waiting = list(batches)
    running: dict[Connection, tuple[SpawnProcess, Batch]] = {}
    at_once = min(2, _processors())
    total_s = sum(_seconds(scripts, batch) for batch in batches)
    done_s, started = 0.0, time.monotonic()

    def busy() -> int:
        return sum(_cores(scripts, batch) for _, batch in running.values())

    try:
        while waiting or running:
            while waiting and (not running or busy() + _cores(scripts, waiting[0]) <= at_once):
                batch = waiting.pop(0)
                receiver, process = _start([scripts[n] for n in batch], redis)
                running[receiver] = (process, batch)
            ready = wait(list(running), timeout=0.2)
            for receiver in [connection for connection in running if connection in ready]:
                process, batch = running.pop(receiver)
                for position, (rows, starved_s) in zip(batch, _received(receiver), strict=True):
                    traces[position] = Trace(rows, world="live", script=scripts[position], starved_s=starved_s)
                process.join()
                done_s += _seconds(scripts, batch)
            if progress:
                spent_s = (time.monotonic() - started) * at_once
                progress(min(max(done_s, spent_s * 0.95) / total_s, 1.0))
    finally:
        for process, _ in running.values():
            process.terminate()
        for process, _ in running.values():
            process.join()
    return [trace for trace in traces if trace is not None]


def _batches(scripts: Sequence[Script]) -> list[Batch]:
    """The large ones alone, the longest first; all others together."""
    large = [n for n, script in enumerate(scripts) if script.clients >= ALONE_FROM_CLIENTS]
    small = [n for n, script in enumerate(scripts) if script.clients < ALONE_FROM_CLIENTS]
    batches = [[n] for n in large] + ([small] if small else [])
    return sorted(batches, key=lambda batch: -_seconds(scripts, batch))


def _processors() -> int:
    """How many this process may use, where the system tells; a container often has fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cores(scripts: Sequence[Script], batch: Batch) -> int:
    """How many processors it keeps busy: a thousand clients one, a fanout server of theirs in its own process two."""
    return 1 + any(scripts[n].clients >= ALONE_FROM_CLIENTS and scripts[n].fanout_outages != () for n in batch)


def _seconds(scripts: Sequence[Script], batch: Batch) -> float:
    return max(scripts[n].horizon_us for n in batch) / 1e6


def _start(scripts: Sequence[Script], redis: str | None) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    orders = [(script.scenario, script.seed) for script in scripts]
    process = context.Process(target=_perform, args=(sender, orders, redis))
    process.start()
    sender.close()
    return receiver, process


def _perform(sender: Connection, orders: list[tuple[Scenario, int]], redis: str | None) -> None:
    """In the process of a batch: perform, and send what each trace holds, or the error.

    Ctrl-C reaches this process too, but it is ended by the SIGTERM of its parent alone, so that nothing interrupts
    its cleaning up.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        traces = perform_together([realize(scenario, seed) for scenario, seed in orders], redis=redis)
        sender.send([(trace.rows, trace.starved_s) for trace in traces])
    except InputError as error:
        sender.send(error)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _received(receiver: Connection) -> list[tuple[list[Row], float]]:
    try:
        result: list[tuple[list[Row], float]] | InputError = receiver.recv()
    except EOFError:
        raise ServiceError("a process of the live world ended early; its own message stands above") from None
    if isinstance(result, InputError):
        raise result
    return result
