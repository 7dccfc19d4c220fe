"""The orchestrator's queue: how busy its workers are, who waits how long, and what an overload does (O4, O5).

Valid for requests that come at random, at a constant rate and independently of what becomes of them. Polls do so as
long as few wait long: a client that waits polls later, so that in an overload fewer requests come than these forms are
given.
Left out: herds (`herd`), the time limit of polls, and the start from an empty queue, which lowers waits for a while.
"""

from math import log

from sim.contract.errors import InputError
from sim.theory.arguments import check_not_negative, check_positive, check_share


def utilisation(rate_per_s: float, service_s: float, workers: int) -> float:
    """The share of the workers' time that the requests need, r s / c; more than 1 is an overload.

    rate_per_s: requests per second. service_s: mean time of a worker for one. workers: at least one, else InputError.
    """
    check_positive(rate_per_s=rate_per_s, service_s=service_s, workers=workers)
    return rate_per_s * service_s / workers


def blocked_share(load: float, workers: int) -> float:
    """The share of requests that would find all workers busy where nobody may wait (Erlang B).

    It is B(c), with B(0) = 1 and B(k) = a B(k - 1) / (k + a B(k - 1)) (Erlang 1917; Gross and Harris 1998, 2.4).
    load: a, the workers that the requests need. workers: c, from 0.
    """
    blocked = 1.0
    for servers in range(1, workers + 1):
        blocked = load * blocked / (servers + load * blocked)
    return blocked


def waiting_share(rate_per_s: float, service_s: float, workers: int) -> float:
    """The share of requests that wait, where service takes exponential time and the line has no end (Erlang C).

    From the share B that would find all c workers busy without a line: C = B / (1 - rho (1 - B)) (Gross and Harris
    1998, 2.3). Raises InputError for an overload, in which the line has no stationary state.
    """
    busy = _stable(rate_per_s, service_s, workers)
    blocked = blocked_share(rate_per_s * service_s, workers)
    return blocked / (1 - busy * (1 - blocked))


def wait_mean_s(rate_per_s: float, service_s: float, workers: int) -> float:
    """The mean wait of all requests, C s / (c (1 - rho)), exponential service: who waits, waits exponentially long."""
    busy = _stable(rate_per_s, service_s, workers)
    return waiting_share(rate_per_s, service_s, workers) * service_s / (workers * (1 - busy))


def wait_quantile_s(rate_per_s: float, service_s: float, workers: int, share: float) -> float:
    """The wait that this share of requests does not exceed: P(W > t) = C exp(-(c / s - r) t), solved for t."""
    check_share(share=share)
    waiting = waiting_share(rate_per_s, service_s, workers)
    if 1 - share >= waiting:
        return 0.0
    return log(waiting / (1 - share)) / (workers / service_s - rate_per_s)


def wait_mean_constant_s(rate_per_s: float, service_s: float) -> float:
    """The mean wait before one worker whose service always takes as long: rho s / (2 (1 - rho)).

    Half of what exponential service makes of it (Pollaczek 1930, Khinchine 1932; Kleinrock 1975, 5.6).
    """
    busy = _stable(rate_per_s, service_s, 1)
    return busy * service_s / (2 * (1 - busy))


def turned_away_share(rate_per_s: float, service_s: float, workers: int) -> float:
    """What an overload turns away in the long run, 1 - 1 / rho: the fluid limit, 0 without overload.

    With little room to wait, chance turns away more, and some below rho = 1 too.
    """
    return max(0.0, 1 - 1 / utilisation(rate_per_s, service_s, workers))


def drain_s(backlog: int, rate_per_s: float, service_s: float, workers: int) -> float:
    """How long a backlog lasts while requests go on coming: B / (c / s - r), in the mean."""
    check_not_negative(backlog=backlog)
    _stable(rate_per_s, service_s, workers)
    return backlog / (workers / service_s - rate_per_s)


def _stable(rate_per_s: float, service_s: float, workers: int) -> float:
    busy = utilisation(rate_per_s, service_s, workers)
    if busy >= 1:
        raise InputError(f"utilisation must be below 1 for a line that ends, but is {busy:.3g}")
    return busy
