"""How often clients poll until they know the terminal: closed forms for every policy.

A run's messages, each dropped with probability p (q = 1 - p), fall into gaps between received ones (`sim.theory.gaps`);
polls(d) is what a gap over d dropped messages costs. With D the time of the terminal's emission:

    websocket-only  never polls
    hybrid          polls in its gaps; where the terminal is dropped, the first poll from D on finds it
    polling-only    the same with every message dropped, p = 1: one gap up to D, and the poll that finds the terminal
    hybrid-backoff  as hybrid, with the gaps of `sim.theory.backoff`
    hybrid-cursor   as hybrid, and one poll at once where a received message finds the client behind (P7, P8)

Valid without latency of messages or polls, with every poll answered at once, no other events of the user, and a horizon
that no run reaches: a run that it cuts short costs less. `hybrid-cursor` also needs `poll_jitter` = 0; for jitter
without losses see `sim.theory.jitter`.
"""

from typing import Protocol

from sim.theory.arguments import check_count, check_not_negative, check_positive, check_run
from sim.theory.gaps import Gaps


class PolledGaps(Protocol):
    """Gaps whose polls are known: `sim.theory.gaps`, `sim.theory.backoff`."""

    def polls(self, drops: int) -> float:
        """The expected polls between two received messages with so many dropped between them."""


def polls_per_run(gaps: PolledGaps, events: int, loss: float = 0.0) -> float:
    """The expected polls of a run under `hybrid` or `hybrid-backoff`.

    events: how many the run has, the terminal last. loss: the probability with which each message is dropped.

    A gap begins after message b - 1, which is received, or at the mount (b = 0), and ends at message e, which is:
    probability (1 or q) p^(e - b) q, polls(e - b). The last one may end at the terminal, dropped, and one poll more:

        sum over b <= e < events of (q if b else 1) p^(e - b) q polls(e - b)
        + sum over b < events of (q if b else 1) p^(events - b) (1 + polls(events - 1 - b))

    Without losses that is events x polls(0): at random events / (e^x - 1), x = interval x rate. Ten events at a mean
    gap of 3 s and an interval of 4 s cost 3.58 polls, where even gaps cost none.
    """
    check_run(events, loss)
    polls = [gaps.polls(drops) for drops in range(events if loss else 1)]
    received = sum(_gaps(events, loss, drops) * polls[drops] for drops in range(len(polls)))
    return received + sum(
        (1 - loss if begin else 1.0) * loss ** (events - begin) * (1 + polls[events - 1 - begin])
        for begin in range(events if loss else 0)
    )


def polls_per_run_by_sequence(gaps: Gaps, events: int, loss: float = 0.0) -> float:
    """The expected polls of a run under `hybrid-cursor` with `poll_jitter` = 0; arguments as `polls_per_run`.

    The message that ends a gap over d > 0 dropped ones finds the client behind iff no poll came at or after the last of
    them, which has probability missed(d - 1, d). Then it polls at once, in that instant, so that the next gap is like
    any other. Nothing else is owed: a terminal that is dropped is heard of in the poll that shows everything.
    """
    behind = sum(_gaps(events, loss, drops) * gaps.missed(drops - 1, drops) for drops in range(1, events) if loss)
    return polls_per_run(gaps, events, loss) + behind


def _gaps(events: int, loss: float, drops: int) -> float:
    """The expected number of gaps of a run over so many dropped messages that end in a received one.

    One may begin at the mount, the others after any message that leaves room.
    """
    later = events - drops - 1
    return float((1 + later * (1 - loss)) * loss**drops * (1 - loss))


def polls_per_run_polling_only(gaps: PolledGaps, events: int) -> float:
    """The expected polls of a run under `polling-only`, with or without backoff.

    ceil(D / interval) of even gaps; at random 1 + sum over k >= 1 of P(Erlang(events) > k x interval).
    """
    check_count(events=events)
    return gaps.polls(events - 1) + 1


def polls_per_s(gaps: Gaps, clients: int = 1) -> float:
    """The expected polls per second of so many clients under `hybrid` while their runs go on.

    Renewal reward: polls(0) per mean gap (Ross, Introduction to Probability Models, 11th ed. 2014, 7.4). Valid where
    the clients' phases are spread, or averaged over long. Losses at random thin random gaps: give `PoissonGaps` the
    rate of what is received, (1 - loss) r. Then it is r (1 - loss) / (e^(r (1 - loss) T) - 1).
    """
    check_count(clients=clients)
    return clients * gaps.polls(0) / gaps.mean_s


def polls_per_s_polling_only(interval_s: float, clients: int, latency_s: float = 0.0) -> float:
    """The polls per second of so many clients under `polling-only` while their runs go on.

    clients / (interval + latency): the next wait begins when a poll is finished (C4). latency_s: of a poll, constant
    and within its time limit. Averaged over whole cycles.
    """
    check_positive(interval_s=interval_s)
    check_not_negative(latency_s=latency_s)
    check_count(clients=clients)
    return clients / (interval_s + latency_s)
