"""Redis pub/sub: what is published reaches the pattern's subscriber at once, or nobody (R1, R2)."""

from collections.abc import Callable

from sim.model.message import Message

Subscriber = Callable[[str, Message], None]
"""Takes the channel's name and the message."""


class Redis:
    """A broker with at most one subscriber of all users' channels, the fanout server."""

    def __init__(self) -> None:
        self._subscriber: Subscriber | None = None

    def psubscribe(self, subscriber: Subscriber) -> None:
        """Deliver everything published from now on (R1)."""
        self._subscriber = subscriber

    def publish(self, channel: str, message: Message) -> None:
        """Hand the message to the subscriber; without one it is gone (R2)."""
        if self._subscriber is not None:
            self._subscriber(channel, message)
