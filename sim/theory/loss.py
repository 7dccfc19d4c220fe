"""Which events the documented hybrid client never shows: closed forms (policy `hybrid`, C1 to C6).

An event whose message is dropped is shown by a poll or not at all. Between two messages that are received, the first
at s and the next at u, the client polls at s + T, s + 2T, ... before u, with T the poll interval: every message and
every finished poll arms the timer anew (C2, C4), and a message that comes in the instant in which the timer is due
comes first. The mount stands for a first message (C1). A poll shows all that has been emitted, also in its own instant.
The terminal, once received, ends all polling (C5). Hence

    an event dropped at t is lost for good iff the terminal is received and nothing is polled from t on: no poll is left
    in its own gap between received messages, so u - (last poll or message before t) <= T, and no later gap exceeds T.

A terminal that is dropped is followed by silence, so by a poll, which shows everything.

Two properties of the gaps between received messages decide; gaps are independent of each other:

    silent(d)      the probability that a gap over d dropped messages has no poll
    missed(i, d)   the probability that no poll of such a gap comes at or after its dropped message i, from 0

Valid for independent gaps or even ones, without latency, with every poll answered at once, and nothing else sent to the
user. Left out, and left to the model: latency, which shifts the gaps; polls that fail or are in flight, whose answer is
as old as its request's arrival (O3); other runs' messages and heartbeats, which arm the timer as well (C2), so that
more is lost; lost connections, after which there is silence, and polls.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Protocol

from scipy import special

from sim.contract.draws import to_us
from sim.contract.errors import InputError


class Gaps(Protocol):
    """How messages come, beside the poll interval."""

    def silent(self, drops: int) -> float:
        """The probability that there is no poll between two received messages with so many dropped between them."""

    def missed(self, position: int, drops: int) -> float:
        """The probability that no poll between them comes at or after the dropped message at this position, from 0."""


@dataclass(frozen=True, slots=True)
class PoissonGaps:
    """Messages at random: exponential gaps of rate r per second, the first counted from the mount.

    With x = r T, a gap over d dropped messages is the sum of d + 1 exponential ones (Erlang), so that

        silent(d) = P(Erlang(d + 1) <= T) = 1 - e^-x (1 + x + ... + x^d / d!)

    For missed(i, d), look at the first interval T of the gap. Either the gap ends in it: nothing is polled. Or c of the
    dropped messages come in it, with probability e^-x x^c / c!, and then a poll: where c > i it shows message i;
    otherwise the timer starts anew, and since exponential gaps have no memory, so does all that is to come:

        missed(i, d) = silent(d) + sum over c = 0..i of e^-x x^c / c! missed(i - c, d - c)

    in which c = 0 has missed(i, d) itself on the right. With one message dropped: missed(0, 1) =
    (1 - e^-x (1 + x)) / (1 - e^-x). The divisor is there because the polls of a long gap may all come before the
    message that is dropped.
    """

    rate_per_s: float
    interval_s: float

    def __post_init__(self) -> None:
        _check_positive(rate_per_s=self.rate_per_s, interval_s=self.interval_s)

    @property
    def _x(self) -> float:
        return self.rate_per_s * self.interval_s

    def silent(self, drops: int) -> float:
        """P(Erlang(drops + 1) <= T)."""
        return float(special.gammainc(drops + 1, self._x))

    def missed(self, position: int, drops: int) -> float:
        """The recursion above, solved for what stands on both sides, from the first position on."""
        after = drops - position
        found: list[float] = []
        for i in range(position + 1):
            polled = sum(self._in_one_interval(c) * found[i - c] for c in range(1, i + 1))
            found.append((self.silent(i + after) + polled) / self.silent(0))
        return found[position]

    def _in_one_interval(self, messages: int) -> float:
        """e^-x x^c / c!, by logarithms for the sake of large c."""
        return exp(messages * log(self._x) - self._x - lgamma(messages + 1))


@dataclass(frozen=True, slots=True)
class EvenGaps:
    """Messages every d seconds, the first d seconds after the mount: the probabilities are 0 or 1.

    A gap over j dropped messages lasts (j + 1) d, so it is silent iff (j + 1) d <= T. Otherwise its last poll comes
    M T after its start, M = ceil((j + 1) d / T) - 1, and misses message i iff (i + 1) d > M T. In whole microseconds.
    """

    gap_s: float
    interval_s: float

    def __post_init__(self) -> None:
        _check_positive(gap_s=self.gap_s, interval_s=self.interval_s)

    def silent(self, drops: int) -> float:
        """1 where the gap is no longer than the interval."""
        return float(self._last_poll_us(drops) == 0)

    def missed(self, position: int, drops: int) -> float:
        """1 where the message comes after the gap's last poll."""
        return float((position + 1) * to_us(self.gap_s) > self._last_poll_us(drops))

    def _last_poll_us(self, drops: int) -> int:
        """From the gap's start; 0 where there is none."""
        polls = -(-(drops + 1) * to_us(self.gap_s) // to_us(self.interval_s)) - 1
        return polls * to_us(self.interval_s)


def one_lost(gaps: Gaps, left: int) -> float:
    """The probability that the only dropped message's event is lost for good.

    left: how many messages are still to come, the terminal among them; at least one, else InputError.

    missed(0, 1) silent(0)^(left - 1): its own gap, and one for each message after the next. With Poisson gaps that is
    (1 - e^-x (1 + x)) (1 - e^-x)^(left - 2), for any message of a run, also the first and the last before the terminal.
    """
    if left < 1:
        raise InputError(f"left must be at least one message, the terminal, not {left}")
    return gaps.missed(0, 1) * gaps.silent(0) ** (left - 1)


def event_lost(gaps: Gaps, events: int, loss: float, index: int) -> float:
    """The probability that one event of a run is dropped and lost for good, where each message is dropped with `loss`.

    events: how many the run has, the terminal last. index: which of them, from 0.

    The dropped messages around it are those from message b up to message e, which is received; before b comes the mount
    (b = 0) or a received message. That has probability (1 or q) p^(e - b) q with p = loss and q = 1 - p. Then nothing
    must be polled in what is left of this gap, nor after it:

        sum over b <= index < e < events of (q if b else 1) p^(e - b) q missed(index - b, e - b) h(events - 1 - e)
        h(0) = 1, h(m) = sum over d < m of p^d q silent(d) h(m - d - 1)

    with h(m) the probability that the last of m messages to come is received and nothing polled until then.
    """
    _check_run(events, loss)
    if not 0 <= index < events:
        raise InputError(f"index must be from 0 to {events - 1}, not {index}")
    return sum(
        (1 - loss if begin else 1.0)
        * loss ** (end - begin)
        * (1 - loss)
        * gaps.missed(index - begin, end - begin)
        * unpolled
        for begin in range(index + 1)
        for end, unpolled in zip(range(events - 1, index, -1), _unpolled(gaps, loss), strict=False)
    )


def events_lost(gaps: Gaps, events: int, loss: float) -> float:
    """The expected number of events lost for good per run: the sum of `event_lost` over its events."""
    _check_run(events, loss)
    return sum(event_lost(gaps, events, loss, index) for index in range(events))


def _unpolled(gaps: Gaps, loss: float) -> Iterator[float]:
    """h(0), h(1), ... of `event_lost`."""
    found: list[float] = [1.0]
    while True:
        yield found[-1]
        ways = enumerate(reversed(found))  # so many drops before the next received message, and what is left then
        found.append(sum(loss**drops * (1 - loss) * gaps.silent(drops) * after for drops, after in ways))


def _check_positive(**seconds_or_rate: float) -> None:
    for name, value in seconds_or_rate.items():
        if not 0 < value < float("inf"):
            raise InputError(f"{name} must be more than 0 and finite, not {value}")


def _check_run(events: int, loss: float) -> None:
    if events < 1:
        raise InputError(f"events must be at least one, not {events}")
    if not 0 <= loss <= 1:
        raise InputError(f"loss must be a probability from 0 to 1, not {loss}")
