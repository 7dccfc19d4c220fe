"""Several pages bound together as one: each becomes a section, and anchors begin with the name of its page."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sim.report.page import Link, Page, Points, Section, Text, anchor


def book(name: str, title: str, pages: Sequence[Page]) -> Page:
    """The pages in order; the summary leads to each, with its abstract."""
    names = [picture.name for page in pages for picture in page.pictures()]
    assert len(set(names)) == len(names), "figures of two pages share a name, which begins their ids"
    points: list[Text] = [(Link(page.title, f"#{anchor(page.title)}"), ": ", *_pieces(page.abstract)) for page in pages]
    chapters = [Section(page.title, (), _within((page.summary, *page.sections), page.name)) for page in pages]
    return Page(name, title, "", Section("Summary", (Points(points),)), chapters)


def _pieces(text: Text) -> Sequence[str | Link]:
    return [text] if isinstance(text, str) else text


def _within(value: Any, name: str) -> Any:
    """The same with sections that know their page, and with links that still lead to them."""
    if isinstance(value, Link):
        return replace(value, to=f"#{name}-{value.to[1:]}") if value.to.startswith("#") else value
    if isinstance(value, list | tuple):
        return [_within(one, name) for one in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    inner = {field.name: _within(getattr(value, field.name), name) for field in fields(value)}
    return replace(value, **inner | ({"within": name} if isinstance(value, Section) else {}))
