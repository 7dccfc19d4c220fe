"""Executes notebooks from the top and writes them back with their outputs.

`python -m tests.notebooks.execute [FILE...]`, by default all.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
TIMEOUT_S = 300
"""For any one cell."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""Of every notebook: nothing that changes from machine to machine."""


def notebooks() -> list[Path]:
    """All of them, in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path, folder: Path) -> Any:
    """The notebook with its outputs, every cell performed in this folder; the file stays as it is.

    Raises CellExecutionError where a cell fails.
    """
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def main(names: list[str]) -> None:
    """Execute these files, by default all, each in the folder that it lies in."""
    for entry in ("sim.fleet.alone", "sim.fleet.together"):
        import_module(entry)  # compiled now, so that no notebook says that it is
    for path in [Path(name) for name in names] or notebooks():
        sys.stderr.write(f"executing {path.name}\n")
        nbformat.write(executed(path, path.parent), path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main(sys.argv[1:])
