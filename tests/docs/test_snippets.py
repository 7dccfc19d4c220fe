"""Every Python block on the pages runs, as it stands but for what would take long; tests in it too."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, Block, blocks

QUICK = {'"live"': '"virtual"', "1_000_000": "20_000", "999_999": "19_999", "100_000": "20_000"}
"""World `live` is performed by the same code under a virtual clock; many clients are fewer."""


@pytest.mark.parametrize("block", [pytest.param(block, id=block.name) for block in blocks("python")])
def test_a_python_block_runs(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    text = block.text
    for slow, quick in QUICK.items():
        text = text.replace(slow, quick)
    names: dict[str, Any] = {"__name__": block.name}
    exec(compile(text, block.name, "exec"), names)
    for name, value in names.items():
        if name.startswith("test_"):
            value(*map(request.getfixturevalue, inspect.signature(value).parameters))
