"""A page as Markdown; its figures are files in a folder of its name beside it."""

from collections.abc import Iterator

from sim.report.page import (
    Badge,
    Block,
    Cell,
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
    Text,
    spans,
)
from sim.report.tables import markdown

_MARKS = {True: "✓", False: "✗", None: "·"}


def as_markdown(page: Page) -> str:
    """The page, as it is beside a folder of its name."""
    contents = "".join(_contents(page))
    parts = [f"# {markdown(page.title)}\n", *_section(page.summary, 2, page.name), f"## Contents\n\n{contents}"]
    for section in page.sections:
        parts += _section(section, 2, page.name)
    return "\n".join(parts)


def _contents(page: Page) -> Iterator[str]:
    for section in page.sections:
        yield f"- [{markdown(section.title)}](#{section.anchor})\n"
        for inner in section.sections:
            yield f"  - [{markdown(inner.title)}](#{inner.anchor})\n"


def _section(section: Section, level: int, figures: str) -> Iterator[str]:
    yield f"{'#' * level} {markdown(section.title)}\n"
    for block in section.blocks:
        yield _block(block, figures)
    for inner in section.sections:
        yield from _section(inner, level + 1, figures)


def _block(block: Block, figures: str) -> str:
    match block:
        case Paragraph(text):
            return f"{_text(text)}\n"
        case Points(points):
            return "".join(f"- {_text(point)}\n" for point in points)
        case Code(code):
            return f"```sh\n{code}\n```\n"
        case Picture():
            return f"![{markdown(block.says)}]({figures}/{block.name}.svg)\n\n*{_text(block.caption)}*\n"
        case Grid():
            ruler = ["---:" if name in block.numeric else "---" for name in block.columns]
            rows = [
                [_cell(name) for name in block.columns],
                ruler,
                *([_cell(cell) for cell in row] for row in block.rows),
            ]
            return f"{_text(block.says)}:\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(cell: Cell) -> str:
    return "<br>".join(map(_line, cell.lines)) if isinstance(cell, Lines) else _line(cell)


def _line(line: Text | Check | Badge) -> str:
    if isinstance(line, Badge):
        return f"**{line.words}**"
    return f"{_MARKS[line.holds]} {_text(line.text)}" if isinstance(line, Check) else _text(line)


def _text(text: Text) -> str:
    return "".join(map(_span, spans(text)))


def _span(span: tuple[str, str] | Link) -> str:
    if isinstance(span, Link):
        return f"[{markdown(span.words)}]({span.to})"
    kind, words = span
    if kind == "code":
        return f"`{words.replace('|', chr(92) + '|')}`"
    return markdown(words) if words.strip() else words
