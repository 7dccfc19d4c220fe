from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import fanout_sim

__all__ = ["fanout_sim"]


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time; what is composed leaves an empty file."""
    from matplotlib.figure import Figure

    def touch(_: Figure, target: Any, **__: Any) -> None:
        if isinstance(target, Path):
            target.touch()

    monkeypatch.setattr(Figure, "savefig", touch)
