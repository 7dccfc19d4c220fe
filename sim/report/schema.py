"""Scenario files as JSON Schema, for editors: made from the tables of the contract and what their docstrings say."""

import inspect
import re
from typing import Any

from sim.contract.fields import Table
from sim.contract.policy import Policy
from sim.contract.scenario import Client, Scenario

Node = dict[str, Any]

DIALECT = "http://json-schema.org/draft-04/schema#"
"""The newest that Taplo, which most editors use for TOML, understands whole."""

_KEYS = re.compile(r"(\w+(?:, \w+)*): (.+)")


def json_schema() -> Node:
    """The schema: every table in its place, without references, each key with its sentence.

    What a schema cannot say, such as that one key excludes another, is left to `Scenario`.
    """
    schema = Scenario.model_json_schema()
    tables = {table.__name__: table for table in _below(Table)}
    return {"$schema": DIALECT, "title": "A scenario of fanout-sim", **_plain(schema, schema.pop("$defs"), tables)}


def told(table: type) -> tuple[str, dict[str, str]]:
    """What a docstring says of the whole, and of each key: there a line `key: sentence`, and deeper ones after it."""
    whole: list[str] = []
    keys: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(table.__doc__ or "").splitlines():
        found = _KEYS.fullmatch(line)
        if found:
            names = found[1].split(", ")
            keys |= dict.fromkeys(names, found[2])
        elif names and line.startswith(" "):
            keys |= {name: f"{keys[name]} {line.strip()}" for name in names}
        elif line:
            names = []
            whole.append(line)
    return " ".join(whole), {name: sentence.removesuffix(".") for name, sentence in keys.items()}


def _below(table: type[Table]) -> list[type[Table]]:
    return [below for child in table.__subclasses__() for below in (child, *_below(child))]


def _plain(node: Node, named: Node, tables: dict[str, type[Table]]) -> Node:
    """This node in words of the dialect: references put in, null left out, since TOML has none."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return _plain(named[name] | {key: value for key, value in node.items() if key != "$ref"}, named, tables)
    plain = {
        key: value
        for key, value in node.items()
        if key not in ("title", "discriminator", "description", "anyOf", "oneOf", "prefixItems", "const")
        if (key, value) != ("default", None)
    }
    if "const" in node:
        plain["enum"] = [node["const"]]
    if "prefixItems" in node:
        plain["items"] = node["prefixItems"][0]  # no list of a scenario mixes types
    if "items" in plain:
        plain["items"] = _plain(plain["items"], named, tables)
    choices = [_plain(one, named, tables) for one in node.get("anyOf") or node.get("oneOf") or () if one != _NULL]
    if len(choices) == 1:
        plain = choices[0] | plain
    elif choices:
        plain["anyOf"] = choices
    if "properties" in node:
        table = tables[node["title"]]
        whole, keys = told(table)
        if table is Client:
            keys = told(Policy)[1] | keys
        plain["description"] = whole
        plain["properties"] = {
            name: _plain(key, named, tables) | ({"description": keys[name]} if name in keys else {})
            for name, key in node["properties"].items()
        }
    return plain


_NULL = {"type": "null"}
