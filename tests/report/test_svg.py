import re
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from sim.report.style import new_figure, styled
from sim.report.svg import picture, svg


def figure() -> Figure:
    with styled():
        drawn = new_figure()
        axes = drawn.subplots()
        axes.plot([1, 2, 3], [1 / 3, 2 / 3, 1e-9], marker="o", label="a & b")
        axes.set_xlabel("seconds")
        axes.set_ylabel("0.001 of all")
        drawn.legend()
    return drawn


def text(name: str = "plot") -> str:
    return svg(figure(), name, "A <plot>", "It rises & falls.")


def test_it_is_well_formed_and_says_what_it_shows() -> None:
    root = ElementTree.fromstring(text())
    assert root.get("role") == "img"
    names = {child.get("id"): child.text for child in root.iter() if child.get("id")}
    assert [names[name] for name in (root.get("aria-labelledby") or "").split()] == ["A <plot>", "It rises & falls."]


def test_ids_are_its_own_so_that_figures_can_share_a_page() -> None:
    ids = re.findall(r' id="([^"]+)"', text("first"))
    assert ids
    assert all(name.startswith("first-") for name in ids)
    assert len(set(ids)) == len(ids)


def test_every_reference_inside_it_leads_somewhere() -> None:
    drawn = text()
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', drawn)) <= set(re.findall(r' id="([^"]+)"', drawn))


def test_text_stays_text() -> None:
    assert [found.strip() for found in re.findall(r"<text[^>]*>([^<]*)", text()) if "seconds" in found] == ["seconds"]
    assert "a &amp; b" in text()


def test_numbers_that_are_read_are_left_as_they_are() -> None:
    assert "0.001 of all" in text()


def test_no_coordinate_tells_more_than_a_hundredth_of_a_point() -> None:
    tags = "".join(re.findall(r"<[^>]*>", text()))
    assert not re.search(r"\d\.\d{3,}", tags)
    assert not re.search(r"\d[eE]-?\d", tags)


def test_it_neither_styles_nor_loads_nor_dates_anything() -> None:
    drawn = text()
    assert not any(word in drawn for word in ("<style", "<metadata", "<!--", "xlink", "@import", "date"))
    assert set(re.findall(r"https?://[^\"]+", drawn)) == {"http://www.w3.org/2000/svg"}


def test_the_same_figure_gives_the_same_text() -> None:
    assert text() == text()


@pytest.mark.parametrize(("caption", "shown"), [("", "A <plot>."), ("Look!", "Look!")])
def test_a_picture_without_a_caption_has_its_title_for_one(caption: str, shown: str) -> None:
    block = picture("plot", figure(), "A <plot>", "It rises & falls.", caption)
    assert (block.name, block.says, block.caption) == ("plot", "It rises & falls.", shown)
    assert block.svg == text()
