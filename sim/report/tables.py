"""Tables, written down once for terminals, for pipes and for Markdown."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from sim.contract.scenario import Scenario
from sim.contract.totals import Queue
from sim.contract.trace import Trace


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and how it is coloured where there are colours."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; `numeric` names the columns that are aligned to the right."""

    columns: Sequence[str]
    rows: list[Sequence[str | Cell]] = field(default_factory=list)
    numeric: Sequence[str] = ()

    def to_rich(self) -> RichTable:
        """For a terminal."""
        table = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in self.columns:
            table.add_column(name, justify="right" if name in self.numeric else "left", overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(cell.text, cell.style) if isinstance(cell, Cell) else Text(cell) for cell in row))
        return table

    def to_lines(self) -> list[str]:
        """For a pipe: the heading, then exactly one line per row, columns aligned."""
        texts = self._texts()
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        aligned = [str.rjust if name in self.numeric else str.ljust for name in self.columns]
        return [
            "  ".join(align(text, width) for align, text, width in zip(aligned, row, widths, strict=True)).rstrip()
            for row in texts
        ]

    def to_markdown(self) -> str:
        """For a file."""
        lines = [[markdown(text) for text in row] for row in self._texts()]
        lines.insert(1, ["---:" if name in self.numeric else "---" for name in self.columns])
        return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)

    def _texts(self) -> list[list[str]]:
        rows = ([cell.text if isinstance(cell, Cell) else cell for cell in row] for row in self.rows)
        return [list(self.columns), *rows]


def markdown(text: str) -> str:
    """The text so that Markdown shows it as it is."""
    return re.sub(r"([\\`*|<\[])", r"\\\1", " ".join(text.splitlines()))


Measures = Mapping[str, int | float | None]
"""By name; None where the trace gives no such thing."""


def as_json(data: Mapping[str, Any]) -> str:
    """JSON text, for programs first."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def listing(scenarios: Iterable[tuple[str, Scenario]]) -> Table:
    """The scenarios by name."""
    table = Table(("name", "clients", "title", "source"), numeric=("clients",))
    for name, scenario in scenarios:
        source = " ".join(scenario.source.split())
        table.rows.append((name, f"{scenario.client.count:,}", scenario.title, source))
    return table


def measures(values: Measures) -> Table:
    """The measures of one trace; their names end with their unit."""
    table = Table(("measure", "value"), numeric=("value",))
    for name, value in values.items():
        table.rows.append((name, number(value)))
    return table


def queue(counted: Queue) -> Table:
    """What the orchestrator's queue came to (O5)."""
    return measures(
        {
            "requests": counted.offered,
            "turned_away": counted.turned_away,
            "turned_away_share": counted.turned_away_share,
            "utilisation": counted.utilisation,
            **{f"wait_p{percent}_s": counted.wait_s(percent / 100) for percent in (50, 95, 99)},
            "wait_max_s": counted.wait_s(1.0),
            "last_wait_at_s": counted.last_wait_at_s,
        }
    )


def number(value: float | None) -> str:
    """A measure as people read it: counts whole, others with at most six decimals, `-` where there is none."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def happenings(trace: Trace) -> Table:
    """A trace as a timeline: one line for all that happens at one instant."""
    table = Table(("time_s", "what happens"), numeric=("time_s",))
    for time_us, rows in groupby(trace.rows, key=lambda row: row[0]):
        told = (_told(kind, event, detail) for _, _, kind, event, detail in rows)
        table.rows.append((number(time_us / 1e6), ", ".join(told)))
    return table


def _told(kind: str, event: int, detail: str) -> str:
    told = kind.replace("_", " ").replace("websocket", "WebSocket")
    told += f" {event}" if event >= 0 else ""
    if kind == "timer_armed":
        return f"{told} to {number(float(detail))}"
    return f"{told} ({detail})" if detail else told
