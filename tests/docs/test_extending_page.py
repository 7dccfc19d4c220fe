"""docs/extending.md: the files that it names are there, and for its examples they are all that there are."""

import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))

NAMES = {
    "A fault": r'\b(Partition|partition_windows|partitioned)\b|"partition"',
    "A policy": r"\bretry_after\b",
}
"""By section, the names of its example in code."""


def files(text: str) -> list[str]:
    """Paths below the root that are set as code."""
    return re.findall(r"`((?:sim|tests)/[\w./-]+|pyproject\.toml)`", text)


@cache
def code(path: Path) -> str:
    """A source without its comments and docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return " ".join(t.string for t in tokens if t.type != tokenize.COMMENT and not t.string.startswith('"""'))


@pytest.mark.parametrize("file", dict.fromkeys(files(PAGE)))
def test_a_file_that_it_names_is_there(file: str) -> None:
    assert (ROOT / file).exists()


@pytest.mark.parametrize("section", NAMES)
def test_the_sources_in_which_an_example_stands_are_those_of_its_table(section: str) -> None:
    (table, *_) = re.findall(r"^\| place \|.*?(?=\n\n)", SECTIONS[section], re.DOTALL | re.MULTILINE)
    sources = sorted((ROOT / "sim").rglob("*.py"))
    found = {path.relative_to(ROOT).as_posix() for path in sources if re.search(NAMES[section], code(path))}
    assert set(files(table)) == found
