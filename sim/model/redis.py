"""Redis pub/sub: what is published reaches the pattern's subscriber at once, or nobody (R1, R2, R4, R5)."""

from collections.abc import Callable
from typing import Protocol

from sim.contract.trace import Row
from sim.model.message import Message
from sim.model.turns import Clock


class Subscriber(Protocol):
    """Who listens to all users' channels."""

    def deliver(self, channel: str, message: Message) -> None:
        """Take a message of this channel."""

    def cut_off(self) -> None:
        """The subscription is lost."""


class Redis:
    """A broker with at most one subscriber, the fanout server; it keeps nothing over an outage."""

    def __init__(self, clock: Clock, record: Callable[[Row], None]) -> None:
        self._clock = clock
        self._record = record
        self._away = False
        self._subscriber: Subscriber | None = None

    def psubscribe(self, subscriber: Subscriber) -> bool:
        """Deliver everything published from now on (R1); whether it succeeded, which it does iff Redis is there."""
        if not self._away:
            self._subscriber = subscriber
        return not self._away

    def unsubscribe(self) -> None:
        """Deliver nothing any more."""
        self._subscriber = None

    def publish(self, channel: str, message: Message) -> None:
        """Hand the message to the subscriber; without one it is gone (R2)."""
        if self._subscriber is not None:
            self._subscriber.deliver(channel, message)
        else:
            self._record(message.lost(self._clock.now_us, "redis-outage" if self._away else "no-subscriber"))

    def stop(self) -> None:
        """An outage begins: the subscriber is cut off (R4)."""
        self._away = True
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            subscriber.cut_off()

    def start(self) -> None:
        """The outage ends; who wants to hear subscribes again."""
        self._away = False
