"""The generated pages: the schema that is shipped, and the reference made of it."""

from pathlib import Path
from typing import Any

from sim.report import reference, tables
from sim.report.schema import json_schema

ROOT = Path(__file__).parents[2]


def undescribed(node: dict[str, Any], path: str = "") -> list[str]:
    """Keys without a sentence, but for `kind`, which the fault's own sentence explains."""
    found = []
    for key, value in node.get("properties", {}).items():
        if "description" not in value and len(value.get("enum", ())) != 1:
            found.append(f"{path}{key}")
        found += undescribed(value, f"{path}{key}.")
    for inner in (*([node["items"]] if "items" in node else []), *node.get("anyOf", ())):
        found += undescribed(inner, f"{path}[]")
    return found


def test_the_shipped_schema_is_what_the_command_prints_now() -> None:
    shipped = (ROOT / "sim/scenarios/scenario.schema.json").read_text(encoding="utf-8")
    assert shipped == tables.as_json(json_schema()), "fanout-sim schema > sim/scenarios/scenario.schema.json"


def test_the_committed_reference_is_what_the_command_prints_now() -> None:
    committed = (ROOT / "docs/scenario-reference.md").read_text(encoding="utf-8")
    assert committed == reference.page(), "fanout-sim schema --markdown > docs/scenario-reference.md"


def test_every_key_has_a_sentence() -> None:
    assert undescribed(json_schema()) == []
