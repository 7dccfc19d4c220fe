"""Where a committed report differs from a fresh one; drawings are compared by shape, and all else word for word."""

import re
from itertools import zip_longest

NEAR = 0.05
"""What coordinates in points may differ by: their last digits depend on the machine's floating point."""


def first_difference(name: str, committed: str, fresh: str) -> str | None:
    """The first line in which they differ, in a sentence that says what to do; None where they are the same."""
    drawing = name.endswith(".svg")
    lines = zip_longest(committed.split("\n"), fresh.split("\n"))
    for number, (old, new) in enumerate(lines, start=1):
        drawing = drawing or "<svg" in (new or "")
        same = old == new or (drawing and old is not None and new is not None and _near(old, new))
        if not same:
            what = f"it says {_short(old)}, but now it is {_short(new)}"
            return f"{name} differs in line {number}: {what}; run `fanout-sim report`"
        drawing = name.endswith(".svg") or (drawing and "</svg>" not in (new or ""))
    return None


def _near(old: str, new: str) -> bool:
    pieces, others = (re.split(r"(-?\d+(?:\.\d+)?)", line) for line in (old, new))
    if pieces[::2] != others[::2]:
        return False
    return all(abs(float(a) - float(b)) <= NEAR for a, b in zip(pieces[1::2], others[1::2], strict=True))


def _short(line: str | None) -> str:
    return "nothing" if line is None else repr(line if len(line) < 200 else f"{line[:197]}...")
