"""The steps that a client's decisions ask for."""

from typing import NamedTuple


class Record(NamedTuple):
    """Write this row, at the time of the happening."""

    kind: str
    event: int = -1
    detail: str = ""


class OpenWebSocket(NamedTuple):
    """Start the opening handshake."""


class Reconnect(NamedTuple):
    """Start the opening handshake then."""

    due_us: int


class Arm(NamedTuple):
    """Let the poll timer fire then, and not at any time set before."""

    due_us: int


class Disarm(NamedTuple):
    """Let the poll timer not fire."""


class Poll(NamedTuple):
    """Send a request for the run's events; with `after`, for those with a greater seq (P2)."""

    after: int | None = None


Step = Record | OpenWebSocket | Reconnect | Arm | Disarm | Poll
