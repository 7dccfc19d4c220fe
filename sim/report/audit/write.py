"""The files of the report: Markdown, HTML and figures."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.report.files import whole_file, writing
from sim.report.page import Page
from sim.report.page_html import as_html
from sim.report.page_markdown import as_markdown

NAME = "document-audit"


def files(page: Page) -> dict[str, str]:
    """The content of each file by its path within the folder of reports."""
    return {
        **{f"{NAME}/{picture.name}.svg": picture.svg for picture in page.pictures()},
        f"{NAME}.md": as_markdown(page, NAME),
        f"{NAME}.html": as_html(page),
    }


@contextmanager
def prepared(folder: Path) -> Iterator[None]:
    """The folder of reports is there; where the block fails, what was made for it and is still empty goes again."""
    places = (folder / NAME, folder, *folder.parents)
    made = [place for place in places if not place.exists()]
    with writing(folder):
        (folder / NAME).mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for place in made:
            with suppress(OSError):  # somebody has put something there
                place.rmdir()
        raise


def write(page: Page, folder: Path) -> list[Path]:
    """Write the files into the folder that is prepared, each whole or not at all; their paths, the figures first."""
    contents = files(page)
    for name, content in contents.items():
        with whole_file(folder / name) as stream:
            stream.write(content)
    return [folder / name for name in contents]
