"""Pings: the server pings a connection, and closes it where no answer comes in time (F4, F10)."""

from typing import Protocol

from sim.contract.draws import NEVER
from sim.contract.script import Script
from sim.model.passage import Passage
from sim.model.turns import ARRIVE, SERVER, SERVERS, Happening


class Pinged(Protocol):
    """The server's end of a connection.

    half_open: nothing passes any more.
    """

    half_open: bool

    @property
    def served(self) -> bool:
        """Whether the server takes it for open."""

    def pong_us(self) -> int:
        """When the answer to a ping of now comes back; NEVER where it does not."""

    def close_by_server(self, farewell: str) -> None:
        """Close it."""


class Pings:
    """Of one connection, from its opening on."""

    def __init__(self, passage: Passage, script: Script, connection: Pinged) -> None:
        self._passage = passage
        self._clock = passage.clock
        self._every_us = script.ping_every_us
        self._within_us = script.pong_within_us
        self._connection = connection
        self._deadline_us = NEVER
        self._ping_later()

    def _ping_later(self) -> None:
        Happening(self._clock, self._clock.now_us + self._every_us, SERVER, SERVERS, self._ping)

    def _ping(self, _: Happening) -> None:
        if not self._connection.served:
            return
        now, pong_us = self._clock.now_us, self._connection.pong_us()
        if pong_us == now:
            self._deadline_us = NEVER
        else:
            if self._deadline_us == NEVER:
                self._deadline_us = now + self._within_us
                Happening(self._clock, self._deadline_us, SERVER, SERVERS, self._expire)
            self._passage.at(pong_us, ARRIVE, self._pong)
        self._ping_later()

    def _pong(self, _: Happening) -> None:
        if not self._connection.half_open:
            self._deadline_us = NEVER

    def _expire(self, _: Happening) -> None:
        if self._deadline_us == self._clock.now_us and self._connection.served:
            self._connection.close_by_server("connection-lost")
