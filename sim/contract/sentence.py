"""One clear sentence out of pydantic's findings: which key, what is wrong with it, and what would be right."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.contract import claim, fault, fields, workload


def first_problem(error: ValidationError, data: Mapping[str, Any]) -> str:
    """The first finding as `key: reason`, `key` written as a person would find it in the file."""
    problems = error.errors(include_url=False)
    unknown = [p for p in problems if p["type"] == "extra_forbidden"]
    problem = (unknown or problems)[0]
    key = _key(problem["loc"], data)
    reason = _reason(problem, error)
    return f"{key}: {reason}" if key else reason


def _key(location: tuple[int | str, ...], data: Any) -> str:
    """The path into the data; pydantic also names union members on the way, which no file holds."""
    path = ""
    for position, part in enumerate(location):
        last = position == len(location) - 1
        if isinstance(data, list | tuple) and isinstance(part, int):
            path += f"[{part}]"
            data = data[part] if part < len(data) else None
        elif isinstance(data, Mapping) and (part in data or last):
            path += f".{part}" if path else str(part)
            data = data.get(part)
        elif isinstance(data, list | tuple) and part in _SPAN_KEYS:
            path += f"[{_SPAN_KEYS.index(str(part))}]"
            data = data[_SPAN_KEYS.index(str(part))]
    return path


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
}


def _reason(problem: ErrorDetails, error: ValidationError) -> str:
    kind, context, value = problem["type"], problem.get("ctx", {}), problem["input"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(problem["loc"][-1]), sorted(set(_known_keys())), n=1)
        return "unknown key" + (f"; did you mean {close[0]}?" if close else "")
    if kind == "missing":
        return "is required"
    if kind == "value_error":
        return str(context["error"])
    if kind in _TYPE_WANTED:
        return f"must be {_TYPE_WANTED[kind]}, not {_shown(value)}"
    if kind == "finite_number":
        return f"must be a finite number, not {_shown(value)}"
    if kind == "greater_than_equal" and context["ge"] == 0:
        return f"must not be negative, but is {_shown(value)}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']:g}, but is {_shown(value)}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']:g}, but is {_shown(value)}"
    if kind in ("literal_error", "union_tag_invalid"):
        expected = context.get("expected") or context.get("expected_tags")
        return f"must be one of {expected}, not {_shown(value if kind == 'literal_error' else context['tag'])}"
    if kind == "union_tag_not_found":
        return f"kind is required: one of {', '.join(_fault_kinds())}"
    if kind == "string_too_short":
        return "must not be empty"
    return problem["msg"][0].lower() + problem["msg"][1:] + f", not {_shown(value)}"


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "..."


def _fault_kinds() -> Iterator[str]:
    for cls in get_args(get_args(fault.Fault)[0]):
        yield get_args(cls.model_fields["kind"].annotation)[0]


def _known_keys() -> Iterator[str]:
    """Every key that some table of a scenario file may hold."""
    from sim.contract import scenario

    for module in (scenario, workload, fault, claim, fields):
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, BaseModel):
                for name, field in cls.model_fields.items():
                    yield field.alias or name
