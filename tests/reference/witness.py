"""A witness that notes what it is told."""

from sim.reference.connection import Abort


class Noting:
    """What a hub has told: messages without a connection, and connections given up."""

    def __init__(self) -> None:
        self.lost: list[tuple[str, bytes]] = []
        self.given_up: list[tuple[str, Abort]] = []

    def unroutable(self, username: str, payload: bytes) -> None:
        self.lost.append((username, payload))

    def aborted(self, username: str, reason: Abort) -> None:
        self.given_up.append((username, reason))
