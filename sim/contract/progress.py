"""How long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called now and then with the share done, from 0 to 1."""


def part(progress: Progress | None, start: float, end: float) -> Progress | None:
    """The progress of one part of the whole, which lies between these shares of it; None where nobody asks."""
    return progress and (lambda share: progress(start + share * (end - start)))
