"""The command schema, a thin one over sim.report."""

import sys
from typing import Annotated

import typer

from sim.commands_report import app

__all__ = ["app"]


@app.command(epilog="\b\nExample:\n  fanout-sim schema > scenario.schema.json")
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/scenario-reference.md instead.")] = False,
) -> None:
    """Print the format of scenario files as JSON Schema, for editors."""
    from sim.report import reference, tables, terminal
    from sim.report.schema import json_schema

    with terminal.printing():
        sys.stdout.write(reference.page() if markdown else tables.as_json(json_schema()))
