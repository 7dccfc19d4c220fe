"""The shipped JSON Schema, read by a validator that is not ours: it takes what is valid, and refuses what it can."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

BEYOND = re.compile(
    r"\.csv: |needs|takes one of|goes with|cannot be chosen|would (hear|show)|"  # what goes together
    r"must not be less than|is before|numbered from 0|allows more than|"  # one value against another
    r"finite number, not nan|one line|control characters|NUL character|due seconds"  # what JSON Schema has no word for
)
"""Sentences about what the schema does not know, as docs/scenario-reference.md says."""


def read(path: Path) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except (ValueError, RecursionError):
        return None  # no TOML, so that no schema is asked


VALID = [
    *sorted((ROOT / "sim" / "scenarios").glob("*.toml")),
    *(path for path in sorted((ROOT / "examples").glob("*.toml")) if "title" in (read(path) or ())),  # no gates alone
    *sorted((ROOT / "tests" / "corpus" / "valid").glob("*.toml")),
]
INVALID = [path for path in sorted((ROOT / "tests" / "corpus" / "invalid").glob("*.toml")) if read(path) is not None]


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "sim" / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_scenario_is_valid_by_the_schema(path: Path, validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(read(path))] == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_schema_refuses_an_invalid_scenario_wherever_it_can_tell(path: Path, validator: Any) -> None:
    """Each of these is refused by the commands; the first line is what they say."""
    sentence = path.read_text(encoding="utf-8").partition("\n")[0]
    assert validator.is_valid(read(path)) == bool(BEYOND.search(sentence)), sentence
