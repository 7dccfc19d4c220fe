"""Reads an HTML page back: is it whole, what does it name, where does it lead, what does it say?"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from sim.report.book import book
from sim.report.page import Grid, Page, Section
from sim.report.page_html import as_html
from sim.report.page_markdown import as_markdown

REPORTS = Path(__file__).parents[2] / "reports"

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Read:
    ids: list[str] = field(default_factory=list)
    leads_to: list[str] = field(default_factory=list)
    labelled_by: list[str] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    badly_nested: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found, self.open = Read(), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in given:
            self.found.ids.append(given["id"])
        if "href" in given:
            self.found.leads_to.append(given["href"])
        self.found.labelled_by += given.get("aria-labelledby", "").split()
        if "src" in given or tag in {"link", "script", "iframe", "object"}:
            self.found.loads.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.found.badly_nested.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"h1", "h2", "h3", "h4"}:
            self.found.headings.append((self.open[-1], data))
        if not {"style", "svg"} & set(self.open):
            self.found.text.append(data)


def read(html: str) -> Read:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.found.badly_nested += [f"<{tag}> never closed" for tag in reader.open]
    return reader.found


def problems(page: Page) -> list[str]:
    """What a visitor of this page would stumble over, in its own HTML and bound with itself."""
    told: list[str] = []
    for html in (as_html(page), as_html(book("index", "All", [page]))):
        found = read(html)
        twice = [name for name, count in Counter(found.ids).items() if count > 1]
        nowhere = [to for to in found.leads_to if not _leads(to, found.ids)]
        told += [*found.badly_nested, *found.loads, *twice, *nowhere, *(set(found.labelled_by) - set(found.ids))]
    told += [f"{picture.name} says nothing" for picture in page.pictures() if len(picture.says) < 40]
    told += [f"{word} stands in the page" for word in (" nan", "None", "inf ") if word in as_markdown(page)]
    return told


def _leads(to: str, ids: list[str]) -> bool:
    return to[1:] in ids if to.startswith("#") else (REPORTS / to).resolve().is_file()


def section(title: str, inside: Page | Section) -> Section:
    """The section of this title, at any depth; LookupError where there is none."""
    for one in inside.sections:
        if one.title == title:
            return one
        with suppress(LookupError):
            return section(title, one)
    raise LookupError(title)


def grids(of: Section) -> list[Grid]:
    """The tables of a section."""
    return [block for block in of.blocks if isinstance(block, Grid)]
