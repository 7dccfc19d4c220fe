"""docs/measures.md: every measure that there is and no other, its unit, and whether it can be absent."""

import re

from sim import Trace, measure
from sim.contract.claim import MEASURES
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
ROWS = [
    (name, *(cell.strip() for cell in cells.split("|")))
    for name, cells in re.findall(r"^\| `(\w+)` \|(.+)\|$", PAGE, flags=re.MULTILINE)
]


def unit(name: str) -> str:
    """The unit that a name tells of: its last words, or a count."""
    if "_per_s_" in name:
        return "1/s"
    if name.startswith("bytes_"):
        return "bytes"
    return "s" if name.endswith("_s") else "share" if name.endswith("_ratio") else "count"


def test_it_lists_the_measures_that_there_are_in_their_order() -> None:
    assert [row[0] for row in ROWS] == list(MEASURES) == list(measure(Trace([])))


def test_each_has_its_unit_and_says_what_it_is() -> None:
    assert [row[1] for row in ROWS] == [unit(row[0]) for row in ROWS]
    assert all(row[2] for row in ROWS)


def test_it_says_where_one_is_absent_and_only_of_those_that_can_be() -> None:
    nothing = measure(Trace([]))
    assert [row[0] for row in ROWS if row[3]] == [name for name, value in nothing.items() if value is None]
