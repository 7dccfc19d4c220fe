"""What a notebook shows: a figure as SVG, a table or a sentence as Markdown. Needs the extra `notebooks`."""

import hashlib

from matplotlib.figure import Figure

from sim.report.style import styled
from sim.report.svg import svg
from sim.report.tables import Table

TITLE_IN = 0.3
"""What a title adds to the height of a figure."""

_NAME = "figure-of-this-cell"


def show(what: Figure | Table | str, title: str = "") -> None:
    """Show it below the cell; text may be Markdown.

    title: of a figure that has none yet, or of a table.
    """
    from IPython.display import display

    if isinstance(what, Figure):
        shown = _figure(what, title)
    else:
        text = what.to_markdown() if isinstance(what, Table) else what
        shown = {"text/markdown": f"**{title}**\n\n{text}" if title else text}
    display(shown, raw=True)  # type: ignore[no-untyped-call]


def _figure(figure: Figure, title: str) -> dict[str, str]:
    """As SVG text whose ids are its own, since the figures of a notebook may share a page; its title for who reads."""
    if title:
        with styled():
            figure.suptitle(title, fontsize=12.5)
        figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + TITLE_IN)
    told = " ".join(figure.get_suptitle().split())
    drawn = svg(figure, _NAME, told, told)
    own = f"figure-{hashlib.sha256(drawn.encode()).hexdigest()[:8]}"
    return {"image/svg+xml": drawn.replace(_NAME, own), "text/plain": told}
