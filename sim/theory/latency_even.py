"""The mean latency under `hybrid` where events come evenly, every g, and endlessly, each dropped with probability p.

Received is q = 1 - p of them. An event that is dropped after j others, so with probability q p^j, comes (j + 1) g after
the last arming by a message, and y before the next poll, whose number counts from there. Of the messages within y each
may be received before the poll, k g later, and arm the timer anew; then it takes V until a poll:

    E V = p^n T + sum over k <= n of p^(k-1) q (k g + E V),    n = floor(T / g)
    E R = p^c y + sum over k <= c of p^(k-1) q (k g + E V),    c = floor(y / g)

A message that comes in the instant in which the timer is due comes first (`sim.theory.gaps`). Valid as
`sim.theory.latency`; in whole microseconds.
"""

from itertools import count, takewhile
from math import inf

from sim.contract.draws import to_us
from sim.contract.errors import InputError
from sim.theory.arguments import check_positive, check_share

_NEVER = 1e-15
"""A probability that no sum of drops notices."""


def latency_even_s(gap_s: float, interval_s: float, loss: float) -> float:
    """The mean of all events, p times that of the dropped ones.

    loss: from 0 and below 1; where all is dropped, it hangs on when the client began. Raises InputError.
    """
    check_positive(gap_s=gap_s, interval_s=interval_s)
    check_share(loss=loss)
    gap_us, interval_us = to_us(gap_s), to_us(interval_s)
    if not (gap_us and interval_us):
        raise InputError(f"gap_s and interval_s must be a microsecond or more, not {min(gap_s, interval_s)}")

    def waits_us(left_us: int, later_us: float) -> float:
        """The expected time to a poll that is due after so long, or later where a message is received before."""
        messages = left_us // gap_us
        received = sum(loss ** (k - 1) * (1 - loss) * (k * gap_us + later_us) for k in range(1, messages + 1))
        return loss**messages * left_us + received

    silent = loss ** (interval_us // gap_us)
    if not silent:
        return inf if loss else 0.0
    armed_us = waits_us(interval_us, 0.0) / silent
    drops = takewhile(lambda j: loss**j > _NEVER, count())
    dropped_us = sum((1 - loss) * loss**j * waits_us(-(j + 1) * gap_us % interval_us, armed_us) for j in drops)
    return loss * dropped_us / 1e6
