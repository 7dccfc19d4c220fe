"""Fault kinds (DESIGN.md sections 3 and 5). `fraction` limits a fault to some clients: see `hits`."""

from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from sim.contract.fields import Index, PositiveSeconds, Probability, Seconds, Span, Table, check_order


def exact(number: float) -> Fraction:
    """The number as a person wrote it: 0.1 is one tenth, not its binary neighbour."""
    return Fraction(repr(number))


def hit_mask(fraction: float, first: int, rows: int) -> npt.NDArray[np.bool_]:
    """Which of the clients first, first + 1, ... a fault of this fraction hits.

    Client i is hit iff floor((i+1)f) > floor(i*f), exactly: known without the other clients (DESIGN.md section 5).
    """
    f = exact(fraction)
    largest = max((first + rows) * f.numerator, f.denominator)
    exactly = np.int64 if largest < 1 << 63 else object
    floors = np.arange(first, first + rows + 1).astype(exactly) * f.numerator // f.denominator
    return np.asarray(floors[1:] > floors[:-1], dtype=np.bool_)


class Burst(Table):
    """Losses that come in bursts (L8): before each message a good link turns bad, a bad one good, with a probability.

    enter: the probability that a good link turns bad.
    leave: the probability that a bad one turns good.
    lost: the probability that a message is lost in a bad state.
    """

    enter: Probability
    leave: Probability
    lost: Probability = 1.0

    @property
    def bad(self) -> float:
        """The stationary probability of the bad state."""
        return self.enter / (self.enter + self.leave) if self.enter else 0.0


class MessageLost(Table):
    """Messages that vanish at publication (L2 `fault`, L4): one event's, each with a probability, or in bursts (L8).

    Takes exactly one of event, probability and burst.

    event: the index of the event whose message is lost.
    probability: of each message, own or of another run, to be lost.
    fraction: the share of clients that it hits.
    """

    kind: Literal["message-lost"]
    event: Index | None = None
    probability: Probability | None = None
    burst: Burst | None = None
    fraction: Probability = 1.0

    @model_validator(mode="after")
    def _one_choice(self) -> "MessageLost":
        if sum(choice is not None for choice in (self.event, self.probability, self.burst)) != 1:
            raise ValueError("needs exactly one of event, probability and burst")
        return self


class ConnectionLost(Table):
    """The WebSocket breaks at `at_s`, or at a time drawn uniformly `between_s` (L3, L5).

    Takes exactly one of at_s and between_s.

    at_s: when it breaks.
    between_s: between when and when, drawn for each client.
    fraction: the share of clients that it hits.
    manner: whether both ends know, or nobody is told (L3, L6).
    """

    kind: Literal["connection-lost"]
    at_s: Seconds | None = None
    between_s: Span | None = None
    fraction: Probability = 1.0
    manner: Literal["closed", "half-open"] = "closed"

    @model_validator(mode="after")
    def _one_choice(self) -> "ConnectionLost":
        if (self.at_s is None) == (self.between_s is None):
            raise ValueError("needs exactly one of at_s and between_s")
        return self


class ConnectionRefused(Table):
    """Attempts to connect that start in [from_s, until_s) fail (L5).

    from_s: from when on.
    until_s: until when, not included.
    fraction: the share of clients that it hits.
    """

    kind: Literal["connection-refused"]
    from_s: Seconds
    until_s: Seconds
    fraction: Probability = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> "ConnectionRefused":
        check_order("from_s", self.from_s, "until_s", self.until_s)
        return self


class PollFailed(Table):
    """Polls fail: by number (from 0), each with a probability, or when sent in [from_s, until_s) (C9).

    Takes exactly one of polls, probability, and from_s with until_s.

    polls: the numbers of those that fail.
    probability: of each poll to fail.
    from_s: from when on; with until_s.
    until_s: until when, not included.
    fraction: the share of clients that it hits.
    manner: whether an error comes back in time, or nothing until the client's limit (B8, C9).
    """

    kind: Literal["poll-failed"]
    polls: tuple[Index, ...] | None = Field(default=None, strict=False)
    probability: Probability | None = None
    from_s: Seconds | None = None
    until_s: Seconds | None = None
    fraction: Probability = 1.0
    manner: Literal["error", "timeout"] = "error"

    @model_validator(mode="after")
    def _one_choice(self) -> "PollFailed":
        if (self.from_s is None) != (self.until_s is None):
            raise ValueError("needs both from_s and until_s for a window")
        choices = [self.polls is not None, self.probability is not None, self.from_s is not None]
        if sum(choices) != 1:
            raise ValueError("needs exactly one of polls, probability, and from_s with until_s")
        if self.from_s is not None and self.until_s is not None:
            check_order("from_s", self.from_s, "until_s", self.until_s)
        return self


class FanoutRestart(Table):
    """The fanout server stops at `at_s` and is back `for_s` later (F8).

    at_s: when it stops.
    for_s: how long it is away.
    manner: whether it says goodbye to its connections or just ends (F6, F8).
    """

    kind: Literal["fanout-restart"]
    at_s: Seconds
    for_s: PositiveSeconds
    manner: Literal["graceful", "killed"] = "graceful"


class RedisOutage(Table):
    """Redis is away from `at_s` for `for_s` seconds (R4, R5).

    at_s: when it goes.
    for_s: how long it is away.
    """

    kind: Literal["redis-outage"]
    at_s: Seconds
    for_s: PositiveSeconds


class SlowReader(Table):
    """These clients read their WebSocket at no more than `bytes_per_s` (L9).

    clients: their numbers, from 0.
    bytes_per_s: how fast they read; 0: not at all.
    """

    kind: Literal["slow-reader"]
    clients: tuple[Index, ...] = Field(strict=False)
    bytes_per_s: Annotated[float, Field(ge=0.0, le=1e12)]


class Partition(Table):
    """Nothing passes between a client and the servers from `at_s` for `for_s` seconds (L7).

    at_s: from when on.
    for_s: how long.
    fraction: the share of clients that it hits.
    """

    kind: Literal["partition"]
    at_s: Seconds
    for_s: PositiveSeconds
    fraction: Probability = 1.0


Fault = Annotated[
    MessageLost
    | ConnectionLost
    | ConnectionRefused
    | PollFailed
    | FanoutRestart
    | RedisOutage
    | SlowReader
    | Partition,
    Field(discriminator="kind"),
]
