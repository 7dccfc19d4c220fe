"""Age of information: the time since the emission of the newest event shown, averaged over time.

Kaul, Yates, Gruteser, Real-time status: how often should one update?, INFOCOM 2012.

T is the poll interval, r the rate of random events, x = r T; each message is dropped with probability p, q = 1 - p,
lambda = q r, mu = p r, y = lambda T. Until a first event is shown the age counts from the mount; a finite run counts
until its terminal is known. The mean age of finite runs is expected area under the age by expected time, as the measure
`age_mean_s` has it over many clients.

Valid without latency of messages or polls, with every poll answered at once, and nothing else sent to the user.
"""

from itertools import count, takewhile
from math import exp, expm1

from scipy import special

from sim.theory.arguments import check_count, check_positive, check_run

_NEVER = 1e-15
"""A probability that no sum of polls notices."""


def age_even_s(gap_s: float) -> float:
    """Half the gap, where events come evenly and none is dropped: finite runs and endless ones, polls or not."""
    check_positive(gap_s=gap_s)
    return gap_s / 2


def age_random_s(rate_per_s: float) -> float:
    """1 / r, where events come at random and none is dropped: finite runs and endless ones, polls or not.

    Each gap g, the first from the mount, costs the area g^2 / 2: events x (2 / r^2) / 2 by events / r. It is not half
    the mean gap, since long gaps take more of the time. A poll finds nothing new.
    """
    check_positive(rate_per_s=rate_per_s)
    return 1 / rate_per_s


def age_hybrid_s(rate_per_s: float, interval_s: float, loss: float) -> float:
    """The mean age under `hybrid` where random events come endlessly, and under `hybrid-cursor` with `poll_jitter` = 0.

    The cursor shows more events, but later ones no sooner: a received message shows its own event in either case.

    loss: the probability with which each message is dropped.

    The last message was received B ago, exponential of rate lambda. Since then there were n = floor(B / T) polls, the
    last of them W = B - n T ago; exponential times have no memory, so W and n are independent. That poll showed the
    newest of the events dropped in the n T before it, and so the age is W + min(E, n T), E exponential of rate mu:

        E W = 1 / lambda - T / (e^y - 1)
        E min(E, n T) = (1 - (1 - e^-y) / (1 - e^-x)) / mu = e^-y (1 - e^(-mu T)) / (mu (1 - e^-x))

    1 / r without losses, and 1 / r + T / 2 where all is dropped. In the code exprel(z) = (e^z - 1) / z, and Kummer's
    1F1(2, 3, -y) = 2 (1 - (1 + y) e^-y) / y^2, keep both limits exact.
    """
    check_positive(rate_per_s=rate_per_s, interval_s=interval_s)
    check_run(1, loss)
    x = rate_per_s * interval_s
    y = (1 - loss) * x
    since_poll = special.hyp1f1(2, 3, -y) / 2 / special.exprel(-y)
    before_poll = exp(-y) * special.exprel(-loss * x) / -expm1(-x)
    return float(interval_s * (since_poll + before_poll))


def age_polling_only_s(rate_per_s: float, interval_s: float, events: int) -> float:
    """The mean age under `polling-only` of runs of so many random events, the terminal last.

    The first poll from the terminal D on, which is Erlang(events), finds it: K polls, E K = sum over k >= 0 of
    P(D > k T), each after T. With Q the upper regularised gamma function, P(D > t) = Q(events, r t). Each wait adds
    T^2 / 2 to the area, and T times the age with which it begins. After poll k < K that is the time since the last
    event, or the mount:

        E[age; D > k T] = integral from 0 to k T of e^(-r u) Q(events, r (k T - u)) du
                        = (Q(events + 1, k x) - e^(-k x)) / r
    """
    check_positive(rate_per_s=rate_per_s, interval_s=interval_s)
    check_count(events=events)
    x = rate_per_s * interval_s
    polls = sum(takewhile(lambda share: share > _NEVER, (special.gammaincc(events, k * x) for k in count())))
    newer = takewhile(lambda k: special.gammaincc(events + 1, k * x) > _NEVER, count(1))
    begins = sum(special.gammaincc(events + 1, k * x) - exp(-k * x) for k in newer) / rate_per_s
    return float(interval_s / 2 + begins / polls)
