"""Performs a script in the model: builds the parts, runs the simulation, gives the trace."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from sim.contract.progress import Progress
from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, Trace
from sim.model.backoff import Backoff
from sim.model.client import Client
from sim.model.fanout import Fanout
from sim.model.link import Link
from sim.model.listing import Listing
from sim.model.listing_backoff import BackoffListing
from sim.model.orchestrator import Orchestrator
from sim.model.outages import Outages
from sim.model.redis import Redis
from sim.model.turns import Clock
from sim.model.waits import Waits
from sim.model.workflow import Workflow

CLIENTS_AT_ONCE = 1_000
"""SimPy costs least per client in small environments (DESIGN.md section 10)."""


def perform(script: Script, *, progress: Progress | None = None) -> Trace:
    """The trace of a script in the model."""
    rows: list[Row] = []
    meeting = script.scenario.orchestrator.workers > 0  # in the queue, and nowhere else
    at_once = script.clients if meeting else CLIENTS_AT_ONCE
    for first in range(0, script.clients, at_once):
        last = min(first + at_once, script.clients)
        with _garbage_kept():
            _simulate(script, [script.client(number) for number in range(first, last)], rows)
        if progress:
            progress(last / script.clients)
    return Trace(rows, world="model", script=script)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Hold the cyclic collector back during one batch, which is bounded: it would cost a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _simulate(script: Script, clients: list[ClientScript], rows: list[Row]) -> None:
    clock = Clock(script.horizon_us)
    redis = Redis(clock, rows.append)
    fanout = Fanout(clock, script, redis, rows.append)
    orchestrator = Orchestrator(clock, script.scenario.orchestrator)
    first = clients[0].client == 0
    Outages(clock, script, redis, fanout, rows.append if first else _told_before)
    interval_us, longest_us = script.poll_interval_us, script.backoff_max_us
    if script.backoff_factor == 1 and script.policy.listing == "none":
        longest_us = interval_us  # without backoff it has no effect (B10), but in the listing it has (D10)
    idle = Backoff(interval_us, script.backoff_factor, longest_us)
    errors = Backoff(interval_us, script.error_backoff_factor, script.error_backoff_max_us)
    for client in clients:
        Workflow(clock, client, orchestrator, redis, rows.append).start()
        link = Link(clock, script, client, fanout, orchestrator, rows.append)
        match script.policy.listing:
            case "none":
                Client(clock, script, client, link, Waits(script, client, idle, errors), rows.append)
            case "hook":
                Listing(clock, script, client, link, rows.append)
            case "backoff":
                BackoffListing(clock, script, client, link, idle, rows.append)
    clock.run()


def _told_before(_: Row) -> None:
    """An outage befalls every batch of clients, and is recorded with the first."""
