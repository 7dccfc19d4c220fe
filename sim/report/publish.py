"""The files of reports: each page as Markdown with its figures and as HTML, and all of them as one HTML page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.report.book import book
from sim.report.files import whole_file, writing
from sim.report.page import Page
from sim.report.page_html import as_html
from sim.report.page_markdown import as_markdown

INDEX, TITLE = "index", "fanout-sim: the reports"


def files(pages: Sequence[Page]) -> dict[str, str]:
    """The content of each file by its path within the folder of reports."""
    contents: dict[str, str] = {}
    for page in pages:
        contents |= of_page(page)
    return contents | {f"{INDEX}.html": as_html(book(INDEX, TITLE, pages))}


def of_page(page: Page) -> dict[str, str]:
    """Those of one page."""
    return {
        **{f"{page.name}/{picture.name}.svg": picture.svg for picture in page.pictures()},
        f"{page.name}.md": as_markdown(page),
        f"{page.name}.html": as_html(page),
    }


@contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """The folder of reports is there; where the block fails, what was made for it and is still empty goes again."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for place in made:
            with suppress(OSError):  # somebody has put something there
                place.rmdir()
        raise


def write(pages: Sequence[Page], folder: Path) -> list[Path]:
    """Write the files into the folder that is prepared, each whole or not at all; their paths."""
    contents = files(pages)
    for name, content in contents.items():
        path = folder / name
        with writing(path.parent):
            path.parent.mkdir(exist_ok=True)
        with whole_file(path) as stream:
            stream.write(content)
    return [folder / name for name in contents]
