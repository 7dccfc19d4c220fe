"""Message: what Redis, the fanout server and the link carry."""

from typing import NamedTuple

from sim.contract.trace import Row

OWN, OTHER, HEARTBEAT = range(3)
"""What a message tells of: an event of the client's run, one of the same user's other runs, or the run itself (P3).

At one instant, and where several are lost, they come in this order (B3).
"""

DETAIL = ("", "other", "heartbeat")
"""How the row of one that is received names it (B1, P3)."""


class Message(NamedTuple):
    """One message on its way to the client that watches the run.

    client: the client of its user.
    kind: OWN, OTHER or HEARTBEAT.
    position: its index among those of its kind; of an own event that is its seq.
    newest: the newest seq of the client's run that it tells of; -1 for none.
    terminal: whether it is an event that ends the client's run.
    """

    client: int
    kind: int
    position: int
    newest: int
    terminal: bool = False

    @property
    def event(self) -> int:
        """The index of the client's event that it is; -1 for what is none."""
        return -1 if self.kind else self.position

    def lost(self, time_us: int, reason: str) -> Row:
        """The row of whoever discards it (L2, B13)."""
        return (time_us, self.client, "message_lost", self.event, reason)
