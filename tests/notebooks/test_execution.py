"""The tests.notebooks.executed from the top, each in a folder of its own."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.execute import executed, notebooks

pytestmark = pytest.mark.slow


def told(notebook: Any) -> list[str]:
    """What people read below the cells, in order; of a figure its title, since how it looks is tested elsewhere."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type in ("display_data", "execute_result"), output
            found += [text for kind, text in output.data.items() if kind != "image/svg+xml"]
    return found


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_it_executes_from_the_top_and_tells_what_is_committed_wherever_no_clock_decides(
    path: Path, tmp_path: Path
) -> None:
    now = executed(path, tmp_path)
    committed: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    assert not list(tmp_path.iterdir()), "it leaves no files"
    if any('"live"' in cell.source for cell in committed.cells):
        assert len(told(now)) == len(told(committed))
    else:
        assert told(now) == told(committed), f"make notebooks-run refreshes {path.name}"
