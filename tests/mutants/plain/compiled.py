"""In place of sim/fleet/compiled.py: nothing is compiled; records of NumPy are objects for the time of a call."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as it is."""
    return function


def entry(_: Any) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """The function as it is, with each record it is passed as an object, and each array of numbers as a memoryview."""

    def plain(function: Callable[..., Any]) -> Callable[..., None]:
        @wraps(function)
        def call(*arguments: Any) -> None:
            inside = [_inside(argument) for argument in arguments]
            try:
                function(*inside)
            finally:
                for argument, records in zip(arguments, inside, strict=True):
                    if isinstance(records, list):
                        argument[:] = [_outside(record) for record in records]

        return call

    return plain


def _inside(argument: Any) -> Any:
    if not isinstance(argument, np.ndarray):
        return argument
    if argument.dtype.names is None:
        return argument.data
    return [record_of(argument.dtype, values) for values in argument.tolist()]


def record_of(dtype: Any, values: tuple[Any, ...]) -> Any:
    """An object with an attribute per field, and no others."""
    record = _class(dtype.names)()
    for name, value in zip(dtype.names, values, strict=True):
        field = dtype[name]
        setattr(record, name, value if field.names is None else record_of(field, value))
    return record


def _outside(value: Any) -> Any:
    names = getattr(value, "__slots__", None)
    return value if names is None else tuple(_outside(getattr(value, name)) for name in names)


@cache
def _class(names: tuple[str, ...]) -> type:
    return type("Record", (), {"__slots__": names})
