"""How to make a page again: the section that ends each."""

from importlib.metadata import version

from sim.report.page import Block, Code, Paragraph, Section, Text

TITLE = "How to make this page again"


def again(seed: int, *more: tuple[Text, str]) -> Section:
    """seed: that all numbers follow from. more: sentences, each with the command that it introduces."""
    told: list[Block] = [
        Paragraph(
            f"Every number follows from seed {seed} and fanout-sim {version('fanout-sim')}; the same seed and version "
            "give the same page. It takes some minutes and writes all reports, as Markdown, as HTML and with their "
            "figures:"
        ),
        Code("fanout-sim report"),
    ]
    for text, command in more:
        told += [Paragraph(text), Code(command)]
    return Section(TITLE, told)
