"""A page as one HTML file that needs nothing else: its style and its figures stand in it."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.report.page import Badge, Check, Grid, Lines, Link, Page, Picture, spans

SHORT, SHOWN = 6, 4
"""Of a cell with more lines than the first, as many as the second are shown; the others at a click."""

_MARKS: Mapping[bool | None, tuple[str, str, str]] = {
    True: ("good", "✓", "speaks for it: "),
    False: ("bad", "✗", "speaks against it: "),
    None: ("open", "·", ""),
}


def as_html(page: Page) -> str:
    """The page; the same page gives the same bytes."""
    environment = Environment(
        loader=PackageLoader("sim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"spans": spans, "marks": _MARKS, "short": SHORT, "shown": SHOWN}
    kinds = {"badge": Badge, "check": Check, "lines": Lines, "link": Link, "grid": Grid, "picture": Picture}
    environment.tests |= {name: lambda value, kind=kind: isinstance(value, kind) for name, kind in kinds.items()}
    return environment.get_template("page.html").render(page=page)
