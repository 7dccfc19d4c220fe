"""Slow reader: a client that reads its WebSocket at so many bytes per second, nothing else buffering (L9, F3, F4)."""

from math import ceil
from typing import Protocol

from sim.contract.draws import NEVER
from sim.contract.fault import exact
from sim.contract.script import ClientScript, Script
from sim.contract.wire import Heartbeat, encode_heartbeat, encode_message, other_run
from sim.contract.wire import Message as Text
from sim.model.message import HEARTBEAT, OTHER, Message
from sim.model.turns import SERVER, SERVERS, Clock, Happening


class Written(Protocol):
    """The server's end of a connection."""

    def unsent(self) -> list[Message]:
        """What has been written and has not arrived, oldest first."""

    def close_by_server(self, farewell: str) -> None:
        """Close it."""


class SlowReader:
    """Reads one connection from its opening on; the server limits how much and how long it waits for that."""

    def __init__(self, clock: Clock, script: Script, client: ClientScript, connection: Written) -> None:
        self._clock = clock
        self._client = client
        self._bytes_per_s = exact(client.read_bytes_per_s or 0)
        self._data = "x" * script.scenario.workload.payload_bytes
        self._buffer_bytes = script.scenario.fanout.send_buffer_bytes
        self._within_us = script.write_within_us
        self._connection = connection
        self._unsent_bytes = 0
        self._checking = False

    def write(self, message: Message) -> bool:
        """The server has written this message, the newest unsent one; False where its buffer overflows (F3)."""
        self._unsent_bytes += self._bytes(message)
        if self._unsent_bytes > self._buffer_bytes:
            return False
        if not self._checking:
            self._check_later(message)
        return True

    def read(self, message: Message) -> None:
        """The message has arrived."""
        self._unsent_bytes -= self._bytes(message)

    def reading_us(self, message: Message) -> int:
        """How long reading this message takes, in microseconds; NEVER where it does not end."""
        return ceil(self._bytes(message) * 10**6 / self._bytes_per_s) if self._bytes_per_s else NEVER

    def _check_later(self, newest: Message) -> None:
        """Look again in F4's write limit whether what is written by now has arrived, `newest` last."""
        self._checking = True
        Happening(self._clock, self._clock.now_us + self._within_us, SERVER, SERVERS, self._check, newest)

    def _check(self, happening: Happening) -> None:
        self._checking = False
        unsent = self._connection.unsent()
        if happening.subject in unsent:
            self._connection.close_by_server("connection-lost")
        elif unsent:
            self._check_later(unsent[-1])

    def _bytes(self, message: Message) -> int:
        client, place = self._client, message.position
        if message.kind == HEARTBEAT:
            return len(encode_heartbeat(Heartbeat(client.run_id, place, message.newest)).encode())
        if message.kind == OTHER:
            event, time_us, run_id = client.other_events[place], client.other_us[place], other_run(client.run_id)
        else:
            event, time_us, run_id = client.events[place], client.event_us[place], client.run_id
        text = Text(run_id, place, event.type, event.node_id, time_us / 1e6, self._data)
        return len(encode_message(text).encode())
