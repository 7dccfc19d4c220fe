"""Passage: the way between one client and the servers, where a partition holds up what would pass (L7)."""

from collections.abc import Callable
from typing import Any

from sim.contract.script import ClientScript
from sim.model.turns import Clock, Happening


class Passage:
    """What passes on it takes this client's turns.

    clock: the simulation's. client: whose way this is.
    """

    def __init__(self, clock: Clock, client: ClientScript) -> None:
        self.clock = clock
        self.client = client
        self._partitions = client.partition_windows

    def passing_us(self, time_us: int) -> int:
        """When that passes which would pass at this time: then, or at the partition's end."""
        for from_us, until_us in self._partitions:
            if from_us <= time_us < until_us:
                return until_us
        return time_us

    def at(
        self,
        time_us: int,
        turn: int,
        callback: Callable[[Happening], None],
        subject: Any = None,
        *,
        order: int = 0,
    ) -> None:
        """Something happens at this time in this client's turn."""
        Happening(self.clock, time_us, turn, self.client.client, callback, subject, order=order)
