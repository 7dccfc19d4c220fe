"""docs/commands.md: every command that there is, and no other."""

import re
from typing import Any

import typer.main

from sim.commands_herd import app
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_it_lists_the_commands_that_there_are() -> None:
    (table,) = re.findall(r"^\| command \|.*?\n\n", PAGE, re.DOTALL | re.MULTILINE)
    group: Any = typer.main.get_command(app)
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == set(group.commands)
