"""The model, watched: what its trace does not tell of messages, the fanout hub and the orchestrator's queue."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Trace
from sim.contract.wire import Heartbeat, encode_heartbeat, encode_message, other_run
from sim.contract.wire import Message as Sent
from sim.model.client import Client
from sim.model.connection import Connection
from sim.model.message import HEARTBEAT, OTHER, Message
from sim.model.run import perform
from sim.model.workers import Job, Workers


@dataclass
class Request:
    """One that arrived at the orchestrator's queue, how long its service takes, and whether it was turned away."""

    time_us: int
    service_us: int
    turned_away: bool


@dataclass
class Witness:
    """What was seen of one performance.

    received_bytes: JSON text of the messages that clients have received.
    openings_us, messages_us: when the hub had a handshake to make, a message to send.
    requests: in the order in which they arrived.
    """

    script: Script
    received_bytes: int = 0
    openings_us: list[int] = field(default_factory=list)
    messages_us: list[int] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def waits_us(self) -> list[int]:
        """How long each request that was not turned away waits for a worker, though it be beyond the horizon."""
        free_us = [0] * self.script.scenario.orchestrator.workers
        waits_us = []
        for request in self.requests:
            if not request.turned_away:
                starts_us = max(request.time_us, free_us[0])
                heapq.heapreplace(free_us, starts_us + request.service_us)
                waits_us.append(starts_us - request.time_us)
        return waits_us

    def received(self, _: None, client: Client, message: Message) -> None:
        """A client has a message."""
        self.received_bytes += len(_text(self.script.client(message.client), message, self.script).encode())

    def opened(self, _: None, connection: Connection, *__: Any) -> None:
        """A handshake is over, unless the attempt was."""
        if connection.served:
            self.openings_us.append(connection._clock.now_us)

    def sent(self, _: None, connection: Connection, __: Message) -> None:
        """The hub has a message for a connection."""
        self.messages_us.append(connection._clock.now_us)

    def asked(self, taken: bool, workers: Workers, job: Job) -> None:
        """A request is served, or told to wait, or turned away."""
        self.requests.append(Request(workers._clock.now_us, job.service_us, not taken))


def witnessed(script: Script) -> tuple[Trace, Witness]:
    """The trace that the model gives for a script, and what else there was to see."""
    witness = Witness(script)
    with (
        _told(Client, "received", witness.received),
        _told(Connection, "_open", witness.opened),
        _told(Connection, "send", witness.sent),
        _told(Workers, "take", witness.asked),
    ):
        return perform(script), witness


@contextmanager
def _told(owner: type, name: str, told: Callable[..., None]) -> Iterator[None]:
    """Each call of this method is told: what it gave, and what it was passed."""
    original = getattr(owner, name)

    def method(*args: Any) -> Any:
        result = original(*args)
        told(result, *args)
        return result

    with mock.patch.object(owner, name, method):
        yield


def _text(client: ClientScript, message: Message, script: Script) -> str:
    place = message.position
    if message.kind == HEARTBEAT:
        return encode_heartbeat(Heartbeat(client.run_id, place, message.newest))
    other = message.kind == OTHER
    run_id = other_run(client.run_id) if other else client.run_id
    event = (client.other_events if other else client.events)[place]
    time_us = (client.other_us if other else client.event_us)[place]
    data = "x" * script.scenario.workload.payload_bytes
    return encode_message(Sent(run_id, place, event.type, event.node_id, time_us / 1e6, data))
