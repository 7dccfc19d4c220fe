"""Grids: which keys of a scenario take which values, and the points that come of it."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from sim.contract.errors import InputError

Point = Mapping[str, Any]
"""A value, as TOML gives it, for each key of a scenario that is varied; keys are dotted: `fault.0.probability`."""

Over = Mapping[str, Sequence[Any]]
"""The values of each key that is varied."""

MOST_POINTS = 10_000


def label(value: Any) -> str:
    """A value as people read it: numbers and bare strings as they are, tables as JSON."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def name(point: Point) -> str:
    """A point as people read it; equal points have equal names."""
    return ", ".join(f"{key} = {label(value)}" for key, value in point.items()) or "the scenario as it is"


def points(over: Over) -> list[Point]:
    """The points of the grid; the last key's values change fastest. Raises InputError where there are too many."""
    for key, values in over.items():
        names = [label(value) for value in values]
        twice = next((text for text in names if names.count(text) > 1), None)
        if twice is not None:
            raise InputError(f"{key} takes the value {twice} twice; give each value once")
        if not names:
            raise InputError(f"{key} has no values; name at least one")
    grid = [dict(zip(over, values, strict=True)) for values in product(*over.values())]
    if len(grid) > MOST_POINTS:
        raise InputError(f"the grid has {len(grid):,} points; take a wider step, at most {MOST_POINTS:,} are performed")
    return list(grid)


def parse(texts: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Keys and values out of texts such as `client.poll_interval_s=1:15:1` and `client.policy=hybrid,polling-only`.

    `first:last:step` includes the last where a whole number of steps leads there. A list holds values as TOML writes
    them; what is no such value is a string. Raises InputError.
    """
    over: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        key = key.strip()
        if not (key and equals and values.strip()):
            raise InputError(f"--over {text!r} must be KEY=VALUES, such as client.poll_interval_s=1:15:1")
        if key in over:
            raise InputError(f"--over names {key} twice; give all its values at once")
        over[key] = _values(values.strip(), f"--over {text}")
    return over


def _values(text: str, where: str) -> tuple[Any, ...]:
    numbers = [_number(part) for part in text.split(":")]
    if len(numbers) > 1 and any(number is not None for number in numbers):
        first, last, step = numbers if len(numbers) == 3 else (None, None, None)
        if first is None or last is None or step is None:
            raise InputError(f"{where}: a range is first:last:step, such as 1:15:1")
        return _range(first, last, step, where)
    try:
        return tuple(tomllib.loads(f"values = [{text}]")["values"])
    except tomllib.TOMLDecodeError:
        return tuple(_value(part.strip()) for part in text.split(","))


def _range(first: Decimal, last: Decimal, step: Decimal, where: str) -> tuple[float, ...]:
    if step <= 0 or last < first:
        raise InputError(f"{where}: a range goes up from first to last by a step above 0")
    count = int((last - first) / step) + 1
    if count > MOST_POINTS:
        raise InputError(f"{where}: {count:,} values; take a wider step, at most {MOST_POINTS:,} are performed")
    steps = [first + number * step for number in range(count)]
    whole = all(value == value.to_integral_value() for value in steps)
    return tuple(int(value) if whole else float(value) for value in steps)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
