"""What closed forms check of their arguments; each raises InputError with one sentence."""

from math import inf

from sim.contract.errors import InputError


def check_positive(**values: float) -> None:
    """Each more than 0 and finite, such as seconds or a rate."""
    for name, value in values.items():
        if not 0 < value < inf:
            raise InputError(f"{name} must be more than 0 and finite, not {value}")


def check_not_negative(**values: float) -> None:
    """Each 0 or more and finite, such as a latency."""
    for name, value in values.items():
        if not 0 <= value < inf:
            raise InputError(f"{name} must be 0 or more and finite, not {value}")


def check_count(**values: int) -> None:
    """Each at least one."""
    for name, value in values.items():
        if value < 1:
            raise InputError(f"{name} must be at least one, not {value}")


def check_share(**values: float) -> None:
    """Each from 0 up to 1, but not 1, such as the share of a quantile."""
    for name, value in values.items():
        if not 0 <= value < 1:
            raise InputError(f"{name} must be from 0 and below 1, not {value}")


def check_run(events: int, loss: float) -> None:
    """How many events a run has, and the probability with which each message is dropped."""
    check_count(events=events)
    if not 0 <= loss <= 1:
        raise InputError(f"loss must be a probability from 0 to 1, not {loss}")
