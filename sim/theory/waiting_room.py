"""A waiting room that can be full: who is turned away, and how long the others wait (O5); the queue M/M/c/K.

c workers serve at a time, and at most so many requests wait; one more gets 503. With a = r s, rho = a / c, and p(n) the
share of time in which n wait, all workers busy:

    p(n) = p(0) rho^n,    p(0) / B + p(1) + ... + p(limit) = 1

in which B is the share that finds c workers busy where nobody may wait, `sim.theory.queue.blocked_share` (Gross and
Harris, Fundamentals of Queueing Theory, 3rd ed. 1998, 2.5). Requests at random find what the average over time is
(Wolff 1982).

Valid, also in an overload, for requests that come at random, at a constant rate and independently of what becomes of
them, and for exponential service; where nobody may wait, service of any kind with that mean is turned away as often
(Takacs 1969). Left out: the time limit of polls, and the start with nobody there. Without a limit: `sim.theory.queue`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import special

from sim.contract.errors import InputError
from sim.theory.arguments import check_count, check_not_negative, check_positive
from sim.theory.queue import blocked_share


@dataclass(frozen=True)
class WaitingRoom:
    """A queue as `[orchestrator]` has it; raises InputError for what is out of range.

    rate_per_s: requests per second. service_s: mean time of a worker for one. workers: at least one. queue_limit: how
        many wait at most, from 0; each takes some bytes of memory here.
    """

    rate_per_s: float
    service_s: float
    workers: int
    queue_limit: int

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s, service_s=self.service_s)
        check_count(workers=self.workers)
        if self.queue_limit < 0:
            raise InputError(f"queue_limit must be 0 or more, not {self.queue_limit}")

    def turned_away_share(self) -> float:
        """The share of requests that finds the room full: p(limit)."""
        return float(self._waiting[-1])

    def wait_mean_s(self) -> float:
        """The mean wait of the requests served, by Little's law: how many wait on average, by how many are served."""
        waiting = float(self._waiting @ np.arange(len(self._waiting)))
        return waiting / (self.rate_per_s * (1 - self.turned_away_share()))

    def longer_share(self, wait_s: float) -> float:
        """The share of the requests served that waits longer than this.

        One that finds n waiting waits for n + 1 ends of service, each after s / c:
        sum over n < limit of p(n) P(Erlang(n + 1) > t c / s) / (1 - p(limit)).
        """
        check_not_negative(wait_s=wait_s)
        ends = np.arange(1, len(self._waiting))
        longer = special.gammaincc(ends, wait_s * self.workers / self.service_s)
        return float(self._waiting[:-1] @ longer) / (1 - self.turned_away_share())

    @cached_property
    def _waiting(self) -> npt.NDArray[np.float64]:
        """p(0), ..., p(limit); powers are taken from the larger end, so that none overflows."""
        load = self.rate_per_s * self.service_s
        busy, blocked = load / self.workers, blocked_share(load, self.workers)
        waiting = np.arange(self.queue_limit + 1)
        powers = busy ** (waiting if busy <= 1 else waiting - self.queue_limit)
        return np.asarray(powers / (powers[0] / blocked + powers[1:].sum()))
