"""The audit with few replications, once per seed for all tests of one process."""

from functools import cache

from sim.audit import Audit, audit


@cache
def performed(seed: int) -> tuple[Audit, list[float]]:
    """The audit of this seed with four replications, and the shares of progress that it told."""
    told: list[float] = []
    return audit(told.append, seed, replications=4), told


def small(seed: int) -> Audit:
    """The audit of this seed."""
    return performed(seed)[0]
