"""A page of any content, in Markdown and in HTML."""

import re

import pytest

from sim.report.page import (
    Badge,
    Check,
    Code,
    Grid,
    Lines,
    Link,
    Page,
    Paragraph,
    Picture,
    Points,
    Section,
    anchor,
    spans,
)
from sim.report.page_html import SHORT, SHOWN, as_html
from sim.report.page_markdown import as_markdown

from .pages import read

SVG = '<svg role="img" aria-labelledby="p-title" viewBox="0 0 1 1"><title id="p-title">A plot</title></svg>'


def page(*blocks: object, title: str = "A title") -> Page:
    inner = Section("Inner <b> part", (Paragraph("deep"),))
    section = Section("First: part (1)", blocks, (inner,))  # type: ignore[arg-type]
    summary = Section("Summary", (Paragraph("first of all"),))
    return Page("name", title, "in a sentence", summary, (section, Section("Last", ())))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_an_anchor_is_as_github_makes_it() -> None:
    assert anchor("Scenario 1: WebSocket Working (Happy Path)") == "scenario-1-websocket-working-happy-path"
    assert anchor("1. WebSocket Endpoint") == "1-websocket-endpoint"
    assert anchor("How_to - do") == "how_to---do"


def test_backticks_mark_code_and_a_single_one_marks_nothing() -> None:
    assert list(spans("a `b` c")) == [("text", "a "), ("code", "b"), ("text", " c")]
    assert list(spans("it`s")) == [("text", "it`s")]
    assert list(spans(("see ", Link("there", "x.md")))) == [("text", "see "), Link("there", "x.md")]


@pytest.mark.parametrize(
    "level", ["# A title", "## Summary", "## Contents", "## First: part (1)", "### Inner \\<b> part"]
)
def test_markdown_has_a_heading_per_section(level: str) -> None:
    assert level in as_markdown(page()).splitlines()


def test_the_summary_comes_before_the_contents_and_these_before_the_rest() -> None:
    order = ["Summary", "Contents", "First: part (1)", "Inner <b> part", "Last"]
    headings = [line.lstrip("# ").replace("\\", "") for line in as_markdown(page()).splitlines() if line[:2] == "##"]
    assert headings == order
    assert [words for tag, words in read(as_html(page())).headings if tag != "h1"] == order


def test_the_contents_lead_to_every_section_in_both() -> None:
    for anchors in (
        re.findall(r"\]\(#([^)]+)\)", as_markdown(page())),
        [to[1:] for to in read(as_html(page())).leads_to if to[0] == "#"],
    ):
        assert anchors == ["first-part-1", "inner-b-part", "last"]


def test_markdown_shows_text_as_it_is() -> None:
    text = as_markdown(page(Paragraph("a | b * c <d> [e] `f|g`")))
    assert r"a \| b \* c \<d> \[e] `f\|g`" in text


def test_html_shows_text_as_it_is() -> None:
    text = as_html(page(Paragraph('a <d> & "e" `<f>`'), title="<script>"))
    assert "<p>a &lt;d&gt; &amp; &#34;e&#34; <code>&lt;f&gt;</code></p>" in text
    assert "<script>" not in text


def test_links_lead_where_they_say() -> None:
    given = page(Paragraph(("see ", Link("the rules", "../docs/a.md"), ".")))
    assert "see [the rules](../docs/a.md)." in as_markdown(given)
    assert '<p>see <a href="../docs/a.md">the rules</a>.</p>' in as_html(given)


def test_points_are_a_list_and_code_stays_code() -> None:
    given = page(Points(["one", "two"]), Code("run <this>\nand that"))
    assert "- one\n- two\n" in as_markdown(given)
    assert "```sh\nrun <this>\nand that\n```" in as_markdown(given)
    assert "<li>one</li>" in as_html(given)
    assert "<pre><code>run &lt;this&gt;\nand that</code></pre>" in as_html(given)


def test_a_table_has_a_caption_and_aligns_its_numbers() -> None:
    given = page(Grid("What there is", ("name", "count"), [("a|b", "1,000"), ("c", "2")], numeric=("count",)))
    assert "What there is:\n\n| name | count |\n| --- | ---: |\n| a\\|b | 1,000 |\n| c | 2 |\n" in as_markdown(given)
    html = as_html(given)
    assert "<caption>What there is</caption>" in html
    assert '<td class="numeric">1,000</td>' in html


def test_a_table_scrolls_in_itself_and_can_be_reached_by_keyboard() -> None:
    html = as_html(page(Grid("What there is", ("name",), [("a",)])))
    assert '<div class="scroll" role="region" tabindex="0" aria-label="What there is">' in html


def test_a_verdict_and_its_checks_say_so_without_colour() -> None:
    cell = Lines(["the condition", Check("it was so", True), Check("it was not", False), Check("who knows", None)])
    given = page(Grid("s", ("v", "e"), [(Badge("holds only if", "doubtful"), cell)]))
    markdown = as_markdown(given)
    assert "| **holds only if** | the condition<br>✓ it was so<br>✗ it was not<br>· who knows |" in markdown
    html = as_html(given)
    assert '<span class="badge doubtful">holds only if</span>' in html
    assert "speaks for it: </span>it was so" in html
    assert "speaks against it: </span>it was not" in html
    assert "</span>who knows" in html


@pytest.mark.parametrize(("count", "hidden"), [(SHORT, 0), (SHORT + 1, SHORT + 1 - SHOWN)])
def test_a_long_cell_shows_its_first_lines_and_how_many_more_there_are(count: int, hidden: int) -> None:
    html = as_html(page(Grid("s", ("e",), [(Lines([f"line {n}" for n in range(count)]),)])))
    assert html.count("<li>line") == count
    assert (f"<summary>{hidden} more</summary>" in html) == (hidden > 0)


def test_a_figure_stands_in_the_html_and_beside_the_markdown() -> None:
    given = page(Picture("plot", SVG, "It [rises]", "See how it rises."))
    assert "![It \\[rises]](name/plot.svg)\n\n*See how it rises.*" in as_markdown(given)
    html = as_html(given)
    assert SVG in html
    assert "<figcaption>See how it rises.</figcaption>" in html
    assert [picture.name for picture in given.pictures()] == ["plot"]


def test_figures_of_inner_sections_are_found_too() -> None:
    inner = Section("inner", (Picture("b", SVG, "", ""),))
    outer = Section("outer", (Picture("a", SVG, "", ""),), (inner,))
    found = Page("n", "t", "", outer, (Section("s", (Picture("c", SVG, "", ""),)),))
    assert [picture.name for picture in found.pictures()] == ["a", "b", "c"]


def test_the_html_needs_nothing_from_elsewhere() -> None:
    html = as_html(page(Picture("plot", SVG, "", "")))
    assert read(html).loads == []
    assert not re.search(r"@import|url\(|https?:", html)


def test_the_html_is_whole() -> None:
    grid = Grid("g", ("a",), [(Lines([Check("x", True)] * 9),), (Badge("b", "bad"),)], numeric=("a",))
    found = read(as_html(page(grid, Points(["p"]), Code("c"), Picture("plot", SVG, "", ""))))
    assert found.badly_nested == []
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.labelled_by) <= set(found.ids)


def test_the_html_is_for_light_and_dark_and_for_small_screens() -> None:
    html = as_html(page())
    assert "@media (prefers-color-scheme: dark)" in html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_text_keeps_its_spaces_beside_code_and_links() -> None:
    given = page(Paragraph(("one `two` three ", Link("four", "x"), " five")))
    assert "one `two` three [four](x) five" in as_markdown(given)
    assert "one two three four five" in flat("".join(read(as_html(given)).text))
