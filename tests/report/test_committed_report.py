"""The committed report is what `fanout-sim report` makes now."""

from pathlib import Path

import pytest

from sim.report import publish, reports
from sim.report.reality.recording import read

from .drift import first_difference

FOLDER = Path(__file__).parents[2] / "reports"

CURVE = '<path d="M 0 1.25 L 3 4"/>'


@pytest.mark.slow
@pytest.mark.slow
def test_the_committed_report_is_what_the_command_makes_now() -> None:
    """Takes minutes. Every process has its own hash seed, so this also holds the pages against set and dict orders."""
    fresh = publish.files(reports.pages(read(FOLDER / "live.json")))
    committed = {name: (FOLDER / name).read_text(encoding="utf-8") for name in fresh if (FOLDER / name).exists()}
    assert list(committed) == list(fresh), "a file of the report is missing; run `fanout-sim report`"
    found = [first_difference(name, committed[name], content) for name, content in fresh.items()]
    assert [difference for difference in found if difference] == []
    drawings = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.svg")}
    assert drawings <= fresh.keys(), "a drawing of the report is no longer made; delete it"


@pytest.mark.parametrize(
    ("name", "committed", "fresh"),
    [
        ("a.md", "one\ntwo 1.00", "one\ntwo 1.01"),
        ("a.html", "one\n2 1.00", "one\n2 1.01"),
        ("a.svg", 'one\n<path d="M 0 1"/>', 'one\n<path d="M 0 1.1"/>'),
        ("a.svg", 'one\n<path d="M 0 1"/>', 'one\n<path d="L 0 1"/>'),
        ("a.html", "<svg>1</svg>\n1.00", "<svg>1</svg>\n1.01"),
        ("a.md", "one", "one\ntwo"),
        ("a.md", "one\ntwo", "one"),
    ],
)
def test_the_first_line_that_differs_is_named_and_what_to_do(name: str, committed: str, fresh: str) -> None:
    told = first_difference(name, committed, fresh)
    assert told is not None
    assert told.startswith(f"{name} differs in line 2: it says ")
    assert told.endswith("; run `fanout-sim report`")


@pytest.mark.parametrize(
    ("name", "committed"),
    [("a.svg", CURVE), ("a.html", f"<p>1.25</p>\n<svg>\n{CURVE}\n</svg>\n<p>1.25</p>"), ("a.md", "1.25")],
)
def test_coordinates_of_drawings_may_differ_in_their_last_digits_and_nothing_else(name: str, committed: str) -> None:
    moved = committed.replace(CURVE, CURVE.replace("1.25", "1.26"))
    assert first_difference(name, committed, committed) is None
    assert first_difference(name, committed, moved) is None
    everywhere = committed.replace("1.25", "1.26")
    assert (first_difference(name, committed, everywhere) is None) == (name == "a.svg")
