from collections import Counter

from sim.report.book import book
from sim.report.page import Check, Grid, Lines, Link, Page, Paragraph, Picture, Points, Section
from sim.report.page_html import as_html

from .pages import Read, read


def page(name: str) -> Page:
    to = Link("the details", "#details")
    svg = f'<svg aria-labelledby="{name}-plot"><title id="{name}-plot">A plot</title></svg>'
    details = Section("Details", (Points([("see ", to)]), Picture(f"{name}-plot", svg, "", ("see ", to))))
    grid = Grid("g", ("a",), [(Lines([Check(("see ", to), True)]),), ((to, " and ", Link("a file", "../a.md")),)])
    summary = Section("Summary", (Paragraph(("see ", to)), grid))
    return Page(name, f"Page {name}", ("all about ", Link("it", "../b.md")), summary, (Section("All", (), (details,)),))


def bound() -> Read:
    return read(as_html(book("index", "All pages", [page("one"), page("two")])))


def test_each_page_is_a_chapter_with_its_summary_and_its_sections() -> None:
    chapter = [("h3", "Summary"), ("h3", "All"), ("h4", "Details")]
    assert bound().headings == [
        ("h1", "All pages"),
        ("h2", "Summary"),
        ("h2", "Contents"),
        ("h2", "Page one"),
        *chapter,
        ("h2", "Page two"),
        *chapter,
    ]


def test_every_anchor_is_there_once_and_links_stay_on_their_own_page() -> None:
    found = bound()
    assert [name for name, count in Counter(found.ids).items() if count > 1] == []
    assert Counter(to for to in found.leads_to if to.endswith("details")) == {"#one-details": 5, "#two-details": 5}
    assert {to[1:] for to in found.leads_to if to.startswith("#")} <= set(found.ids)


def test_links_to_files_lead_where_they_led() -> None:
    assert Counter(to for to in bound().leads_to if not to.startswith("#")) == {"../a.md": 2, "../b.md": 2}


def test_the_contents_hold_the_pages_and_their_sections() -> None:
    html = as_html(book("index", "All pages", [page("one"), page("two")]))
    contents = read(html[html.index("<nav") : html.index("</nav>")])
    assert contents.leads_to == ["#page-one", "#one-summary", "#one-all", "#page-two", "#two-summary", "#two-all"]


def test_the_summary_tells_what_each_page_is_about() -> None:
    words = " ".join("".join(bound().text).split())
    assert "Page one: all about it Page two: all about it Contents" in words
