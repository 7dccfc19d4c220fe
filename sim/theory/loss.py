"""Which events the documented hybrid client never shows: closed forms (policy `hybrid`, C1 to C6).

An event whose message is dropped is shown by a poll or not at all. With T the poll interval, the client polls whenever
T has passed since the last message or poll (`sim.theory.gaps`). A poll shows all that has been emitted, also in its own
instant. The terminal, once received, ends all polling (C5). Hence

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

from sim.contract.errors import InputError
from sim.theory.arguments import check_run
from sim.theory.gaps import EvenGaps, Gaps, PoissonGaps

__all__ = ["EvenGaps", "Gaps", "PoissonGaps", "event_lost", "events_lost", "one_lost"]


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
    check_run(events, loss)
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
    check_run(events, loss)
    return sum(event_lost(gaps, events, loss, index) for index in range(events))


def _unpolled(gaps: Gaps, loss: float) -> Iterator[float]:
    """h(0), h(1), ... of `event_lost`."""
    found: list[float] = [1.0]
    while True:
        yield found[-1]
        ways = enumerate(reversed(found))  # so many drops before the next received message, and what is left then
        found.append(sum(loss**drops * (1 - loss) * gaps.silent(drops) * after for drops, after in ways))
