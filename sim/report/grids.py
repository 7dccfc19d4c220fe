"""Tables of terminals as tables of pages."""

import re
from collections.abc import Sequence

from sim.report.experiments.axes import OF_MEASURES, of_key
from sim.report.page import Grid
from sim.report.tables import Cell, Table

_NUMBER = re.compile(r"[-+]?\d[\d,.e%-]*( \[.*\])?|-|never|the base")


def grid(says: str, table: Table, *, wide: Sequence[str] = (), without: Sequence[str] = ()) -> Grid:
    """The same rows, measures and keys named in words; columns of numbers are aligned to the right.

    says: what it shows. without: columns that it says already.
    """
    kept = [number for number, name in enumerate(table.columns) if name not in without]
    rows = [[_text(row[number]) for number in kept] for row in table.rows]
    names = [_in_words(table.columns[number]) for number in kept]
    cells = dict(zip(names, zip(*rows, strict=True), strict=True))
    numeric = [name for name in names if all(map(_NUMBER.fullmatch, cells[name]))]
    return Grid(says, names, rows, numeric, wide)


def _text(cell: str | Cell) -> str:
    return cell.text if isinstance(cell, Cell) else cell


def _in_words(name: str) -> str:
    first, *rest = name.split(" ")
    words = OF_MEASURES.get(first) or (of_key(first) if re.fullmatch(r"\w+(\.\w+)+", first) else first)
    return " ".join([words, *rest])
