"""Every link on the pages and in the reports that leads within the repository leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import DOCUMENT, PAGES, ROOT, prose

READ = [*PAGES, *sorted((ROOT / "reports").glob("*.md"))]
_TARGET = re.compile(r"\]\(\s*<?([^)>\s]+)>?[^)]*\)")
_TARGET_HTML = re.compile(r"""(?:href|src)=["']([^"']+)["']""")


def anchors(path: Path) -> set[str]:
    """The names of a page's headings as GitHub makes them, and those given by hand."""
    text = prose(path)
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ +(.*?) *$", text, flags=re.MULTILINE):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found[name] = found.get(name, 0) + 1
    repeated = {f"{name}-{number}" for name, count in found.items() for number in range(1, count)}
    return {*found, *repeated, *re.findall(r'(?:id|name)="([^"]+)"', text)}


def leads_nowhere(page: Path, target: str) -> bool:
    file, _, anchor = unquote(target).partition("#")
    path = page if not file else (page.parent / file).resolve()
    return not path.exists() or bool(anchor and path.suffix == ".md" and anchor not in anchors(path))


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in READ])
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    text = prose(page)
    targets = [target for target in _TARGET.findall(text) + _TARGET_HTML.findall(text) if "://" not in target]
    assert [target for target in targets if leads_nowhere(page, target)] == []


def test_a_missing_file_and_a_missing_heading_are_noticed() -> None:
    here = ROOT / "docs" / "README.md"
    assert not leads_nowhere(here, "behaviour.md#the-rules")
    assert leads_nowhere(here, "behaviour.md#no-such-heading")
    assert leads_nowhere(here, "no-such-page.md")


def test_every_page_is_named_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in [*PAGES, DOCUMENT] if path.parent.name == "docs"} - {"README.md"}
    assert pages <= set(_TARGET.findall(index))
