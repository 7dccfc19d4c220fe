"""What is expected of a trace, held against what is found there, in words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from operator import itemgetter

from sim.contract.trace import Row, seconds

Broken = Iterator[tuple[int, str]]
"""When a rule is broken, and how, in words."""

Wanted = tuple[int, str, int, str]
"""A row that is due, without its client: time_us, kind, event, detail; the detail "*" is any."""


def told(row: Row | None) -> str:
    """A row in words, without its client."""
    if row is None:
        return "nothing"
    time_us, _, kind, event, detail = row
    return f"{kind}{f' {event}' if event >= 0 else ''}{f' ({detail})' if detail else ''} at {seconds(time_us)} s"


def pairs(wanted: Sequence[Wanted], found: Sequence[Row], margin_us: int) -> Broken:
    """Where rows differ from those that are due, one by one."""
    for due, row in zip_longest(wanted, found):
        if due is None:
            yield row[0], f"{told(row)}, which is not scripted"
        else:
            yield from pair(due, row, margin_us)


def pairs_by_kind(wanted: Iterable[Wanted], found: Iterable[Row], margin_us: int) -> Broken:
    """The same for each kind of rows and its detail by itself, whatever the order of different ones."""
    due_rows, rows = sorted(wanted, key=itemgetter(1, 3, 0)), sorted(found, key=itemgetter(2, 4, 0))
    for kind, detail in sorted({(due[1], due[3]) for due in due_rows} | {(row[2], row[4]) for row in rows}):
        of_kind = [due for due in due_rows if (due[1], due[3]) == (kind, detail)]
        yield from pairs(of_kind, [row for row in rows if (row[2], row[4]) == (kind, detail)], margin_us)


def pair(wanted: Wanted, found: Row | None, margin_us: int) -> Broken:
    """Whether a row differs from the one that is due."""
    time_us, kind, event, detail = wanted
    if found is None:
        yield time_us, f"{_due(wanted)} is due by the script, but there is nothing"
    elif abs(found[0] - time_us) > margin_us or found[2:4] != (kind, event) or detail not in ("*", found[4]):
        yield min(time_us, found[0]), f"{_due(wanted)} is due by the script, but there is {told(found)}"


def _due(wanted: Wanted) -> str:
    time_us, kind, event, detail = wanted
    return told((time_us, 0, kind, event, "" if detail == "*" else detail))
