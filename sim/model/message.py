"""Message: what Redis, the fanout server and the link carry."""

from typing import NamedTuple


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
