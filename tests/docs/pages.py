"""What a reader finds on the pages: blocks of code with their lines, and words set as code."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

DOCUMENT = ROOT / "docs" / "REALTIME_UPDATES.md"
"""The document that is judged; what it shows is not ours."""

PAGES = [
    path
    for pattern in ("*.md", "docs/*.md", "notebooks/*.md")
    for path in sorted(ROOT.glob(pattern))
    if path != DOCUMENT
]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code. page: below the root. number: from 0, of all blocks on its page. language: as named there."""

    page: str
    number: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.page}, block {self.number}"

    @property
    def lines(self) -> list[str]:
        """Its commands: one a line, continued lines joined, without remarks."""
        joined = self.text.replace("\\\n", " ").splitlines()
        bare = (re.sub(r"(^|\s+)#.*", "", line) for line in joined)
        return [" ".join(line.split()) for line in bare if line.strip()]


def blocks(*languages: str) -> list[Block]:
    """All blocks of these languages, page by page."""
    return [
        Block(path.relative_to(ROOT).as_posix(), number, *found)
        for path in PAGES
        for number, found in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8")))
        if found[0] in languages
    ]


def prose(path: Path) -> str:
    """A page without its blocks."""
    return _BLOCK.sub("", path.read_text(encoding="utf-8"))


def words_as_code(path: Path) -> list[str]:
    """What is set as code between words, each once, in order."""
    return list(dict.fromkeys(" ".join(found.split()) for found in re.findall(r"`([^`]+)`", prose(path))))
