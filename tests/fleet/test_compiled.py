"""What is compiled is kept for these very sources."""

import subprocess
import sys
from pathlib import Path

from sim.fleet import compiled


def test_another_source_gives_another_digest(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text("a = 1\n")
    before = compiled.digest_of(tmp_path)
    assert compiled.digest_of(tmp_path) == before
    (tmp_path / "two.py").write_text("a = 2\n")
    assert compiled.digest_of(tmp_path) != before


def test_the_first_performance_says_that_it_compiles(tmp_path: Path) -> None:
    """In a copy of the sources, where nothing is kept; a second process finds what the first one kept."""
    program = (
        "import sys, sim.fleet.compiled as c, pathlib\n"
        f"c.CACHE = pathlib.Path({str(tmp_path)!r})\n"
        "@c.entry('int64(int64)')\n"
        "def twice(n):\n    return 2 * n\n"
        "assert twice(3) == 6\n"
    )
    file = tmp_path / "program.py"
    file.write_text(program)
    told = [subprocess.run([sys.executable, file], capture_output=True, text=True, check=True).stderr for _ in range(2)]
    assert told == ["Compiling __main__ for this machine, once; it takes some seconds\n", ""]
