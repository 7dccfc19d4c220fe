"""How long messages are on their way: each takes a time of its own, but none overtakes another (L1).

A message arrives at max(published + latency, the arrival before it), so it waits where an earlier one is late. With
messages at random (rate r) and independent latencies L, a message is received within t of its publication iff its own
latency is at most t, and so is what is left of every earlier one. One published u before it is late by then with
probability P(L > t + u); those that are late are a Poisson number, of mean r E (L - t)+. Hence

    P(D <= t) = P(L <= t) exp(-r E (L - t)+)

(the resequencing delay after a server for each: Kamoun, Kleinrock, Muntz 1981; Baccelli, Gelenbe, Plateau 1984). A
constant latency is just that. The hub takes no time in any world; what it would add is a queue beside them
(`sim.measure.hub`), for messages at random M/D/1: `sim.theory.queue.wait_mean_constant_s`.

Valid while runs go on, on a connection that stays open, for a reader that keeps up. Messages that are dropped hold up
nobody: r is the rate of those that are not. Where the client polls too, a poll may show an event before its message.
"""

from dataclasses import dataclass
from math import exp, log

from scipy import integrate, optimize

from sim.contract.fields import Duration
from sim.theory.arguments import check_positive, check_share
from sim.theory.durations import excess_s, share_within

_SHORTEST_S = 1e-9
"""What is shorter counts as nothing."""


@dataclass(frozen=True, slots=True)
class MessageLatency:
    """From publication to arrival, also the latency of an event under `websocket-only`.

    rate_per_s: of messages of one client that are not dropped. latency_s: as `websocket.latency_s` has it.
    """

    rate_per_s: float
    latency_s: Duration

    def __post_init__(self) -> None:
        check_positive(rate_per_s=self.rate_per_s)

    def share_within(self, time_s: float) -> float:
        """P(D <= t), for t from 0."""
        return share_within(self.latency_s, time_s) * exp(-self.rate_per_s * excess_s(self.latency_s, time_s))

    def mean_s(self) -> float:
        """The integral of P(D > t), to a nanosecond or so, over ln t, since tails may be long."""
        late, ends = lambda x: exp(x) * (1 - self.share_within(exp(x))), (log(_SHORTEST_S), log(self._longest_s()))
        return float(integrate.quad(late, *ends, limit=500)[0])

    def quantile_s(self, share: float) -> float:
        """At least this share of the messages, from 0 and below 1, arrives within so long."""
        check_share(share=share)
        if self.share_within(0.0) >= share:
            return 0.0
        return float(optimize.bisect(lambda time_s: self.share_within(time_s) - share, 0, self._longest_s()))

    def _longest_s(self) -> float:
        """A time after which hardly any arrives."""
        longest_s = 2 * _SHORTEST_S
        while 1 - self.share_within(longest_s) > 1e-14:
            longest_s *= 2
        return longest_s
