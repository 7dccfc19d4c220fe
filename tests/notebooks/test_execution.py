"""The tests.notebooks.executed from the top, each in a folder of its own."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.execute import executed, notebooks

pytestmark = pytest.mark.slow


def shown(notebook: Any) -> list[str]:
    """What people see below the cells, in order."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type in ("display_data", "execute_result"), output
            found.append("\n".join(output.data.values()))
    return found


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_it_executes_from_the_top_and_shows_what_is_committed_wherever_no_clock_decides(
    path: Path, tmp_path: Path
) -> None:
    now = executed(path, tmp_path)
    committed: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    live = any('"live"' in cell.source or "perform_together" in cell.source for cell in committed.cells)
    assert not list(tmp_path.iterdir()), "it leaves no files"
    if live:
        assert len(shown(now)) == len(shown(committed))
    else:
        assert shown(now) == shown(committed), f"make notebooks-run refreshes {path.name}"
