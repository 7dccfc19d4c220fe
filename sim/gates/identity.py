"""Identity: what decides a scenario's numbers, and what changed of it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.contract.scenario import Scenario


def described(scenario: Scenario) -> dict[str, Any]:
    """What decides a scenario's numbers, flat: every key with its value, a preset's too, a digest for recorded runs.

    Titles, claims and gates decide none.
    """
    table = scenario.to_dict()
    for key in ("title", "source", "claim", "gate"):
        table.pop(key, None)
    table["client"] |= asdict(scenario.policy)
    if scenario.workload.recorded is not None:
        content = Path(scenario.workload.recorded.file).read_bytes()
        table["workload"]["recorded"] = {"sha256": hashlib.sha256(content).hexdigest()}
    return dict(_flat(table))


def changes(was: Mapping[str, Any], is_now: Mapping[str, Any]) -> list[str]:
    """How a scenario differs from the one that was recorded, key by key."""
    keys = [*was, *(key for key in is_now if key not in was)]
    return [
        f"{key} was {_said(was, key)} and is {_said(is_now, key)}" for key in keys if was.get(key) != is_now.get(key)
    ]


def _said(table: Mapping[str, Any], key: str) -> str:
    return json.dumps(table[key], ensure_ascii=False) if key in table else "not there"


def _flat(value: Any, above: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{above}.{key}" if above else key)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _flat(item, f"{above}[{number}]")
    else:
        yield above, value
