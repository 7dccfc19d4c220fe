"""One clear sentence out of pydantic's findings: which key, what is wrong with it, and what would be right."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.contract import fault, fields
from sim.contract.errors import ScenarioError

AnyTable = TypeVar("AnyTable", bound=fields.Table)


def validated(table: type[AnyTable], data: Mapping[str, Any], where: str) -> AnyTable:
    """The object that this table of TOML or JSON holds; raises ScenarioError with one sentence naming `where`."""
    for name, field in table.model_fields.items():
        if field.alias and name in data:
            raise ScenarioError(f"{where}: {name}: unknown key; did you mean {field.alias}?")
    try:
        return table.model_validate(data, context={"where": where})
    except ValidationError as error:
        raise ScenarioError(f"{where}: {first_problem(error, data)}") from None


def first_problem(error: ValidationError, data: Mapping[str, Any]) -> str:
    """The first finding as `key: reason`, `key` written as a person would find it in the file."""
    problems = error.errors(include_url=False)
    unknown = [p for p in problems if p["type"] == "extra_forbidden"]
    problem = (unknown or problems)[0]
    location = problem["loc"]
    if problem["type"] in ("union_tag_invalid", "union_tag_not_found"):
        location = (*location, "kind")
    key = _key(location, data)
    reason = _reason(problem)
    return f"{key}: {reason}" if key else reason


def _key(location: tuple[int | str, ...], data: Any) -> str:
    """The path into the data; pydantic also names union members on the way, which no file holds."""
    path = ""
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if part in fields.DISTRIBUTIONS and not last and location[position - 1] not in fields.DISTRIBUTIONS:
            continue  # the union member of that name; its key, the same once more, comes next
        if isinstance(location[position - 1], int) and isinstance(data, Mapping) and part == data.get("kind"):
            continue  # the kind of fault
        if isinstance(data, list | tuple) and isinstance(part, int):
            path += f"[{part}]"
            data = data[part] if part < len(data) else None
        elif isinstance(data, Mapping) and (part in data or last):
            name = str(part) if _BARE_KEY.fullmatch(str(part)) else json.dumps(part)
            path += f".{name}" if path else name
            data = data.get(part)
        elif isinstance(data, list | tuple) and part in _SPAN_KEYS:
            path += f"[{_SPAN_KEYS.index(str(part))}]"
            data = data[_SPAN_KEYS.index(str(part))]
    return path


_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_SPAN_KEYS = ("first_s", "last_s")
_TYPE_WANTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a string",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "finite_number": "a finite number",
}
_FIXED = {"missing": "is required", "string_too_short": "must not be empty"}


def _reason(problem: ErrorDetails) -> str:
    kind, context, value = problem["type"], problem.get("ctx", {}), problem["input"]
    if kind == "extra_forbidden":
        key, known = str(problem["loc"][-1]), dict(_known_keys())
        if key in known:
            return "not a key of this table"
        inside = len(problem["loc"]) > 1  # where no list of tables can stand
        candidates = sorted(name for name, of_tables in known.items() if not (inside and of_tables))
        close = difflib.get_close_matches(key, candidates, n=1)
        return "unknown key" + (f"; did you mean {close[0]}?" if close else "")
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "value_error":
        return str(context["error"])
    if kind in _TYPE_WANTED:
        return f"must be {_TYPE_WANTED[kind]}, not {_shown(value)}"
    if kind == "greater_than_equal" and context["ge"] == 0:
        return f"must not be negative, but is {_shown(value)}"
    if kind == "greater_than_equal":
        return f"must be at least {_limit(context['ge'])}, but is {_shown(value)}"
    if kind == "less_than_equal":
        return f"must be at most {_limit(context['le'])}, but is {_shown(value)}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}, not {_shown(value)}"
    if kind == "union_tag_invalid":
        return f"must be one of {', '.join(_fault_kinds())}, not {_shown(value['kind'])}"
    if kind == "union_tag_not_found":
        return f"is required: one of {', '.join(_fault_kinds())}"
    if kind == "too_long":
        return f"must have {context['max_length']} items, not {context['actual_length']}"
    return problem["msg"][0].lower() + problem["msg"][1:] + f", not {_shown(value)}"


def _limit(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        text = str(value).lower()
    else:
        text = value.isoformat() if isinstance(value, date | time) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fault_kinds() -> Iterator[str]:
    for cls in get_args(get_args(fault.Fault)[0]):
        yield get_args(cls.model_fields["kind"].annotation)[0]


def _known_keys() -> Iterator[tuple[str, bool]]:
    """Every key that some table of a scenario file may hold, and whether it is one of `[[lists]]` of tables."""
    package = __name__.rpartition(".")[0]
    tables = (table for table in fields.Table.__subclasses__() if table.__module__.startswith(f"{package}."))
    for table in tables:  # other packages' tables are of other files
        for name, field in table.model_fields.items():
            yield field.alias or name, field.alias is not None
