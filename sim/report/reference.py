"""docs/scenario-reference.md: every table and key of scenario files, from their JSON Schema and the presets."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sim.contract.policy import PRESETS, Policy
from sim.report.schema import Node, json_schema

HEAD = """\
# Scenario reference

Every table and key of a scenario file, made by `fanout-sim schema --markdown` from what reads the file
([scenario.py](../sim/contract/scenario.py)). [formats.md](formats.md) shows a whole file; [behaviour.md](behaviour.md),
[protocol.md](protocol.md) and [listings.md](listings.md) hold the rules that are cited here.

Times are seconds. Unknown keys, wrong types and impossible combinations are refused in one sentence (exit status 2).

## In an editor

The same is shipped as JSON Schema ([scenario.schema.json](../sim/scenarios/scenario.schema.json)): an editor completes
keys, shows what they mean, and underlines what is wrong. Put it beside your scenario,

```sh
fanout-sim schema > scenario.schema.json
```

and name it in the scenario's first line, which Taplo reads, and so Even Better TOML in VS Code:

```toml
#:schema ./scenario.schema.json
title     = "My scenario"
horizon_s = 30.0
```

The schema knows tables, keys, types, ranges and names. What goes together it does not know; the commands do.
"""

CHOICES = """\
The choices of a policy are those of the preset where they are left out. The defaults above are those of `hybrid`; the
other presets differ in these (`listing` is no key: only presets set it):
"""

FAULTS = """\
What goes wrong, one table for each; `kind` says what. A `fraction` f hits client i iff floor((i + 1) f) > floor(i f):
exactly that share, and known without the other clients.
"""

DURATIONS = """\
A *time or distribution* is a number of seconds, the same every time, or one of these tables, drawn for each message,
poll, attempt or client.
"""

FEW = 4
"""So many names fit into a cell."""

_RULE = re.compile(r"\b([WRFOLCBPD])\d+\b")
_PAGES = {"P": "protocol.md", "D": "listings.md"}


def page() -> str:
    """The page, in Markdown."""
    schema = json_schema()
    return "\n".join([HEAD, *_sections(schema["properties"], schema)])


def _sections(tables: dict[str, Node], schema: Node) -> Iterator[str]:
    yield from _section("## The file", {**schema, "properties": {k: v for k, v in tables.items() if _simple(v)}})
    for name, node in tables.items():
        if node["type"] == "object":
            yield from _section(f"## `[{name}]`", node)
        if name == "client":
            yield from (CHOICES, _presets())
    yield f"## `[[fault]]`\n\n{FAULTS}"
    for fault in tables["fault"]["items"]["anyOf"]:
        (kind,) = fault["properties"]["kind"]["enum"]
        yield from _section(f"### `{kind}`", fault)
    for name in ("claim", "gate"):
        yield from _section(f"## `[[{name}]]`", tables[name]["items"])
    yield f"## Distributions\n\n{DURATIONS}"
    kinds = tables["websocket"]["properties"]["latency_s"]["anyOf"][1:]
    yield _table([row for kind in kinds for row in _rows(kind)])


def _simple(node: Node) -> bool:
    """Whether it is a value and neither a table nor a list of tables."""
    return node["type"] != "object" and "items" not in node


def _section(heading: str, node: Node) -> Iterator[str]:
    whole, names = _linked(node["description"]), list(_many(node))
    yield f"{heading}\n\n{whole}\n"
    yield _table(list(_rows(node)))
    for key, known in names:
        yield f"`{key}` is one of {', '.join(f'`{name}`' for name in known)}.\n"


def _table(rows: list[tuple[str, ...]]) -> str:
    lines = [("key", "type", "default", "range", "what it is"), ("---",) * 5, *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def _rows(node: Node, above: str = "") -> Iterator[tuple[str, ...]]:
    """One row per key, those of tables inside after their table, `a.b`, of lists of tables `a[].b`."""
    for key, value in node["properties"].items():
        if key == "kind" and len(value.get("enum", ())) == 1:
            continue  # the heading says it
        required = key in node.get("required", ())
        default = "required" if required else _default(key, value, above)
        yield (
            f"`{above}{key}`",
            _type(key, value),
            default,
            _range(value),
            _linked(value["description"].removesuffix(".")),
        )
        if "properties" in value:
            yield from _rows(value, f"{above}{key}.")
        elif "properties" in value.get("items", {}):
            yield from _rows(value["items"], f"{above}{key}[].")


def _default(key: str, value: Node, above: str) -> str:
    if "default" in value:
        return _written(value["default"])
    return _written(getattr(Policy(), key)) if not above and key in Policy.__slots__ else "-"


def _type(key: str, value: Node) -> str:
    if "enum" in value:
        return " or ".join(f"`{name}`" for name in value["enum"]) if len(value["enum"]) <= FEW else "a name, see below"
    if "anyOf" in value:
        return "[time or distribution](#distributions)"
    if value["type"] == "array":
        if value.get("maxItems") == 2:
            return "`[from, to]`"
        return {"object": "list of tables", "integer": "list of numbers"}.get(value["items"]["type"], "list of times")
    number = "time" if key.endswith("_s") and "_per_" not in key else "number"
    return {"object": "table", "integer": "whole number", "number": number, "boolean": "true or false"}.get(
        value["type"], "text"
    )


def _range(value: Node) -> str:
    inner = value.get("items", value)
    low, high = inner.get("minimum"), inner.get("maximum")
    if value.get("minLength"):
        return "not empty"
    if low is None:
        return ""
    return f"from {_number(low)}" if high is None else f"{_number(low)} to {_number(high)}"


def _many(node: Node, above: str = "") -> Iterator[tuple[str, list[str]]]:
    """Keys with more names than fit into a cell."""
    for key, value in node["properties"].items():
        if len(value.get("enum", ())) > FEW:
            yield f"{above}{key}", value["enum"]
        if "properties" in value:
            yield from _many(value, f"{above}{key}.")


def _presets() -> str:
    lines = ["| preset | differs from `hybrid` in |", "| --- | --- |"]
    plain = asdict(PRESETS["hybrid"])
    for name, policy in PRESETS.items():
        other = [f"`{key} = {_toml(value)}`" for key, value in asdict(policy).items() if value != plain[key]]
        lines.append(f"| `{name}` | {', '.join(other) or '-'} |")
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    return "none" if value in ([], ()) else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _linked(text: str) -> str:
    """The text with each rule a link to its page, in a cell."""
    return _RULE.sub(lambda rule: f"[{rule[0]}]({_PAGES.get(rule[1], 'behaviour.md')})", text).replace("|", "\\|")
