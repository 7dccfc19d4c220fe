"""Performs a script in the model: builds the parts, runs the simulation, gives the trace."""

from simpy import Environment

from sim.contract.progress import Progress
from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, Trace
from sim.model.backoff import Backoff
from sim.model.client import Client
from sim.model.fanout import Fanout
from sim.model.link import Link
from sim.model.orchestrator import Orchestrator
from sim.model.redis import Redis
from sim.model.workflow import Workflow

CLIENTS_AT_ONCE = 1_000
"""Clients do not meet, and SimPy costs least per client in small environments (DESIGN.md section 10)."""


def perform(script: Script, *, progress: Progress | None = None) -> Trace:
    """The trace of a script in the model; raises CannotPerform for what the model does not do yet."""
    rows: list[Row] = []
    for first in range(0, script.clients, CLIENTS_AT_ONCE):
        last = min(first + CLIENTS_AT_ONCE, script.clients)
        _simulate(script, [script.client(number) for number in range(first, last)], rows)
        if progress:
            progress(last / script.clients)
    return Trace(rows, world="model", script=script)


def _simulate(script: Script, clients: list[ClientScript], rows: list[Row]) -> None:
    env = Environment()
    redis, orchestrator, fanout = Redis(), Orchestrator(), Fanout(env, rows.append)
    redis.psubscribe(fanout.deliver)
    backoff = Backoff(script)
    for client in clients:
        Workflow(env, client, script.horizon_us, orchestrator, redis, rows.append).start()
        link = Link(env, script, client, fanout, orchestrator, rows.append)
        Client(env, script, client, link, backoff, rows.append)
    env.run()
