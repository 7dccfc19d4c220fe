"""Performs a script in the model: builds the parts, runs the simulation, gives the trace."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from sim.contract.errors import CannotPerform
from sim.contract.fault import ConnectionLost, ConnectionRefused, MessageLost, PollFailed
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, Trace
from sim.model.backoff import Backoff
from sim.model.client import Client
from sim.model.fanout import Fanout
from sim.model.link import Link
from sim.model.orchestrator import Orchestrator
from sim.model.redis import Redis
from sim.model.turns import Clock
from sim.model.workflow import Workflow

NOT_YET = {
    "reconnect": "none",
    "jitter": "none",
    "gap_poll": False,
    "final_poll": False,
    "catch_up_poll": False,
}
"""Choices of a policy that the model performs only at this value."""

CLIENTS_AT_ONCE = 1_000
"""Clients do not meet, and SimPy costs least per client in small environments (DESIGN.md section 10)."""


def perform(script: Script, *, progress: Progress | None = None) -> Trace:
    """The trace of a script in the model; raises CannotPerform for what the model does not do yet."""
    _check(script.scenario)
    rows: list[Row] = []
    for first in range(0, script.clients, CLIENTS_AT_ONCE):
        last = min(first + CLIENTS_AT_ONCE, script.clients)
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


def _check(scenario: Scenario) -> None:
    """Refuse in one sentence what is not modelled yet."""
    asked = [
        f"client.{name} = {value!r}"
        for name, value in asdict(scenario.policy).items()
        if NOT_YET.get(name, value) != value
    ]
    asked += [
        f"fault[{index}] ({fault.kind})"
        for index, fault in enumerate(scenario.faults)
        if not isinstance(fault, MessageLost | ConnectionLost | ConnectionRefused | PollFailed)
    ]
    asked += [
        f'fault[{index}].manner = "half-open"'
        for index, fault in enumerate(scenario.faults)
        if isinstance(fault, ConnectionLost) and fault.manner == "half-open"
    ]
    if asked:
        raise CannotPerform(f"{scenario.title}: world model cannot perform {asked[0]} yet")


def _simulate(script: Script, clients: list[ClientScript], rows: list[Row]) -> None:
    clock = Clock()
    redis, orchestrator, fanout = Redis(), Orchestrator(), Fanout(clock, rows.append)
    redis.psubscribe(fanout.deliver)
    backoff = Backoff(script)
    for client in clients:
        Workflow(clock, client, script.horizon_us, orchestrator, redis, rows.append).start()
        link = Link(clock, script, client, fanout, orchestrator, rows.append)
        Client(clock, script, client, link, backoff, rows.append)
    clock.run()
