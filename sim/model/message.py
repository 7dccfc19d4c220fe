"""Message: what Redis, the fanout server and the link carry."""

from typing import NamedTuple

from sim.contract.trace import Row


class Message(NamedTuple):
    """One event on its way to the client that watches it.

    client: the client of its user.
    event: its index within the client's run; -1 for another run's.
    position: its index within its own list, the run's events or the other events.
    terminal: whether it ends the client's run.
    """

    client: int
    event: int
    position: int
    terminal: bool

    def lost(self, time_us: int, reason: str) -> Row:
        """The row of whoever discards it (L2, B13)."""
        return (time_us, self.client, "message_lost", self.event, reason)
