"""A page of a report, written down once for Markdown and for HTML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere: to a file beside the page, or to `#anchor`."""

    words: str
    to: str


Text = str | Sequence[str | Link]
"""What is read in one go; `between backticks` is code."""

Tone = Literal["good", "doubtful", "bad", "open"]


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict in a cell."""

    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Check:
    """A line of a cell that speaks for something, against it, or neither (None)."""

    text: Text
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Several lines in one cell."""

    lines: Sequence[Text | Check | Badge]


Cell = Text | Badge | Lines


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: Text


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    points: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code."""

    code: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. says: what it shows. numeric: the columns aligned to the right. wide: those that take what is left."""

    says: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numeric: Sequence[str] = ()
    wide: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure. svg: from `<svg` on. says: the same in words, for who does not see it. caption: what to see in it."""

    name: str
    svg: str
    says: str
    caption: Text


Block = Paragraph | Points | Code | Grid | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it. within: the page that it belongs to, where several are bound together."""

    title: str
    blocks: Sequence[Block]
    sections: Sequence["Section"] = ()
    within: str = ""

    @property
    def anchor(self) -> str:
        """Where links to it lead, in Markdown as GitHub makes it."""
        return f"{self.within}-{anchor(self.title)}" if self.within else anchor(self.title)


@dataclass(frozen=True, slots=True)
class Page:
    """The whole.

    name: what its files are called. abstract: the whole in a sentence or two.
    summary: what a visitor reads first; the contents come after it.
    """

    name: str
    title: str
    abstract: Text
    summary: Section
    sections: Sequence[Section]

    def pictures(self) -> Iterator[Picture]:
        """All figures in order."""
        for section in (self.summary, *self.sections):
            yield from _pictures(section)


def _pictures(section: Section) -> Iterator[Picture]:
    yield from (block for block in section.blocks if isinstance(block, Picture))
    for inner in section.sections:
        yield from _pictures(inner)


def anchor(title: str) -> str:
    """The anchor of a heading: small letters, digits, hyphens and underscores."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def spans(text: Text) -> Iterator[tuple[str, str] | Link]:
    """The text piece by piece: ("text", words), ("code", words) or a link."""
    for piece in [text] if isinstance(text, str) else text:
        if isinstance(piece, Link):
            yield piece
            continue
        pieces = piece.split("`") if piece.count("`") % 2 == 0 else [piece]
        for number, words in enumerate(pieces):
            if words:
                yield ("code" if number % 2 else "text", words)
