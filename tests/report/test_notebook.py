"""What a notebook shows."""

import re
from typing import Any

import IPython.display
import pytest
from matplotlib.figure import Figure

from sim.report.notebook import show
from sim.report.style import new_figure, styled
from sim.report.tables import Table


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def display(data: dict[str, str], *, raw: Any) -> None:
        assert raw
        found.append(data)

    monkeypatch.setattr(IPython.display, "display", display)
    return found


def line(height: float) -> Figure:
    with styled():
        figure = new_figure()
        figure.subplots().plot([0, 1], [0, height], marker="o")
    return figure


def ids(drawing: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', drawing))


def test_a_figure_is_drawn_with_the_title_that_it_is_given_and_says_it(shown: list[dict[str, str]]) -> None:
    show(line(1), "Higher and higher")
    drawing = shown[0]["image/svg+xml"]
    assert re.search(r"<text [^>]*>Higher and higher</text>", drawing)
    assert re.search(r"<title [^>]*>Higher and higher</title>", drawing)
    assert shown[0]["text/plain"] == "Higher and higher"


def test_a_title_takes_no_room_from_the_figure(shown: list[dict[str, str]]) -> None:
    figure = line(1)
    before_in = figure.get_figheight()
    show(figure, "Higher and higher")
    assert figure.get_figheight() > before_in


def test_a_figure_keeps_the_title_that_it_has(shown: list[dict[str, str]]) -> None:
    figure = line(1)
    with styled():
        figure.suptitle("Two\nlines")
    show(figure)
    assert shown[0]["text/plain"] == "Two lines"


def test_figures_of_one_title_share_no_id_so_that_a_page_can_hold_both(shown: list[dict[str, str]]) -> None:
    for height in (1, 2):
        show(line(height), "Higher and higher")
    first, second = (ids(one["image/svg+xml"]) for one in shown)
    assert first
    assert not first & second


def test_the_same_figure_is_the_same_text(shown: list[dict[str, str]]) -> None:
    for _ in range(2):
        show(line(1), "Higher and higher")
    assert shown[0] == shown[1]


def test_a_table_and_a_sentence_are_markdown(shown: list[dict[str, str]]) -> None:
    show(Table(("a",), [("1",)]), "Counted")
    show("**Two** words")
    assert [one["text/markdown"] for one in shown] == ["**Counted**\n\n| a |\n| --- |\n| 1 |\n", "**Two** words"]
