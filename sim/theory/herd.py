"""Herds: how many clients come back in the same second after all have lost their connection at once (C8, C10).

Every client starts its first attempt one delay after the loss: with delay d after all of it (`none`), after between
half of it and all (`equal`), after between nothing and all (`full`). Attempts are spread evenly over that span. So of N
clients, in the fullest second, with a span of w seconds, N min(1, 1 / w) are expected: w is 0, d / 2 and d.

Valid where the server is back before the first attempt, and handshakes take the same time for all; for `fixed` delays
and for the first of `exponential` ones. Expected numbers: the fullest of several seconds has more by chance, by some
sqrt(2 n log m) for m seconds of n clients each. Left out: attempts that are refused, which come again, and polls; for
both see `sim.theory.restart`.
"""

from sim.contract.policy import Jitter
from sim.theory.arguments import check_positive

SPREAD: dict[str, float] = {"none": 0.0, "equal": 0.5, "full": 1.0}
"""Over which share of the delay attempts are spread."""


def peak_per_s(clients: int, delay_s: float, jitter: Jitter) -> float:
    """Expected attempts in the fullest second.

    clients: how many, more than 0. delay_s: of the reconnection, more than 0; else InputError.
    """
    check_positive(clients=clients, delay_s=delay_s)
    return clients * min(1.0, 1 / max(SPREAD[jitter] * delay_s, 1.0))


def delay_for_s(clients: int, capacity_per_s: float, jitter: Jitter) -> float | None:
    """The shortest delay with which no second is expected to see more attempts than this; None where none does.

    N / capacity with full jitter, twice that with equal jitter; without jitter all come at once, whatever the delay.
    Where all of them fit into one second, no delay is needed: 0.
    """
    check_positive(clients=clients, capacity_per_s=capacity_per_s)
    if clients <= capacity_per_s:
        return 0.0
    return clients / capacity_per_s / SPREAD[jitter] if SPREAD[jitter] else None
