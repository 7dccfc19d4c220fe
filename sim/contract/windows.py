"""Windows of time, in which faults hold: an instant t is inside iff from_us <= t < until_us."""

from collections.abc import Iterable
from typing import NamedTuple


class Window(NamedTuple):
    """An instant t is inside iff from_us <= t < until_us."""

    from_us: int
    until_us: int


class PollWindow(NamedTuple):
    """Polls sent at t with from_us <= t < until_us meet this fate."""

    from_us: int
    until_us: int
    fate: int


class ServerOutage(NamedTuple):
    """The fanout server stops at from_us, killed or with a goodbye, and starts at until_us (F8)."""

    from_us: int
    until_us: int
    killed: bool


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows in order of time, those that overlap or touch as one; an empty one holds no instant and is none."""
    union: list[Window] = []
    for window in sorted(window for window in windows if window.from_us < window.until_us):
        if union and window.from_us <= union[-1].until_us:
            union[-1] = Window(union[-1].from_us, max(union[-1].until_us, window.until_us))
        else:
            union.append(window)
    return tuple(union)
