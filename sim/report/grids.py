"""Tables of terminals as tables of pages."""

import re
from collections.abc import Sequence

from sim.report.page import Grid
from sim.report.tables import Cell, Table


def grid(says: str, table: Table, wide: Sequence[str] = ()) -> Grid:
    """The same columns and rows; dotted keys and names with underscores are code. says: what it shows."""
    rows = [[cell.text if isinstance(cell, Cell) else cell for cell in row] for row in table.rows]
    names = {name: f"`{name}`" if re.fullmatch(r"\w+[._][\w.]+", name) else name for name in table.columns}
    return Grid(says, list(names.values()), rows, [names[name] for name in table.numeric], wide)
