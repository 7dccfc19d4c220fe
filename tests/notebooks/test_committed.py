"""The notebooks as they are committed: with outputs, readable, and the same whoever executes them."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.execute import FOLDER, METADATA, notebooks

pytestmark = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)

MOST_LINES_OF_CODE = 15
MOST_LINES_OF_PROSE = 12

INTERVAL = re.compile(r"\d\*{0,2} \[-?[\d,.]+, -?[\d,.]+\]")
"""A value and its interval, as `sim.report.experiments.tables.interval` writes them."""

OF_ONE_MACHINE = re.compile(
    r"/home/|/root/|/tmp/|/work/|/Users/|\\Users\\|site-packages|ipykernel_\d|\d\d:\d\d:\d\d|20\d\d-\d\d-\d\d|0x[0-9a-f]{6}"
)
"""Paths, addresses, dates and times of day."""

LITERAL = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)", re.DOTALL)
"""Code, and where links lead to."""


def read(path: Path) -> list[Any]:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return list(notebook.cells)


def code(path: Path) -> list[Any]:
    return [cell for cell in read(path) if cell.cell_type == "code"]


def outputs(path: Path) -> list[Any]:
    return list(chain.from_iterable(cell.outputs for cell in code(path)))


def test_every_cell_was_executed_once_from_the_top(path: Path) -> None:
    cells = code(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_nothing_failed_and_nothing_was_printed_beside_the_results(path: Path) -> None:
    assert {output.output_type for output in outputs(path)} <= {"display_data", "execute_result"}


def test_cells_are_short(path: Path) -> None:
    for cell in read(path):
        most = MOST_LINES_OF_CODE if cell.cell_type == "code" else MOST_LINES_OF_PROSE
        assert len(cell.source.splitlines()) <= most, cell.source


def test_it_begins_with_its_title_and_every_heading_begins_a_cell(path: Path) -> None:
    first, *others = [cell.source for cell in read(path) if cell.cell_type == "markdown"]
    assert re.match(r"# [A-Z]", first)
    assert not any(re.search(r"(^# |\n#+ )", LITERAL.sub("", source)) for source in others)


def test_a_cell_of_code_follows_prose_that_says_why(path: Path) -> None:
    kinds = "".join(cell.cell_type[0] for cell in read(path))
    assert kinds.startswith("mc")
    assert "cccc" not in kinds


def test_no_number_in_prose_is_typed_by_hand(path: Path) -> None:
    for cell in read(path):
        if cell.cell_type == "markdown":
            assert not re.search(r"\d", LITERAL.sub("", cell.source)), cell.source


def test_it_ends_with_an_answer_that_holds_a_number_and_its_interval(path: Path) -> None:
    *_, heading, answer = read(path)
    assert heading.source.startswith("## Answer")
    told = [output.data["text/markdown"] for output in answer.outputs]
    assert INTERVAL.search("\n".join(told)), told


def test_every_figure_has_a_title_and_names_its_axes(path: Path) -> None:
    figures = [output.data["image/svg+xml"] for output in outputs(path) if "image/svg+xml" in output.data]
    assert figures
    for figure in figures:
        assert re.search(r"<title[^>]*>\S[^<]+</title>", figure)
        assert re.search(r">[^<]*(\(s\)|per second|second|seconds)[^<]*</text>", figure), "an axis with its unit"


def test_nothing_tells_on_which_machine_or_when_it_was_executed(path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    assert notebook.metadata == METADATA
    assert not any(cell.metadata for cell in notebook.cells)
    assert not any(output.metadata for output in outputs(path))
    for output in outputs(path):
        for text in output.data.values():
            assert not OF_ONE_MACHINE.search(str(text)), OF_ONE_MACHINE.search(str(text))


def test_it_is_listed_where_readers_look(path: Path) -> None:
    assert f"({path.name})" in (FOLDER / "README.md").read_text(encoding="utf-8")
