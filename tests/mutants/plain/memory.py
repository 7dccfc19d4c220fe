"""In place of sim/fleet/memory.py: numbers at an address, within the bounds of their array."""

from ctypes import c_int64, c_uint8
from types import SimpleNamespace
from typing import Any


def local(dtype: Any) -> Any:
    """A function that makes a record of nobody else, all zero."""
    return lambda: SimpleNamespace(**dict.fromkeys(dtype.names, 0))


def at(array: Any, row: int, column: int) -> int:
    """The whole number at this place of an array of int64."""
    return c_int64.from_address(_address(array, row, column)).value


def put(array: Any, row: int, column: int, value: int) -> None:
    """Set it."""
    c_int64.from_address(_address(array, row, column)).value = int(value)


def add(array: Any, row: int, column: int, value: int) -> None:
    """Add to it."""
    put(array, row, column, at(array, row, column) + value)


def around(number: int, columns: int) -> int:
    """The column that this number takes where draws go round (B20, C10)."""
    return number % columns


def byte(array: Any, row: int, column: int) -> int:
    """The byte at this place of an array of bytes or flags."""
    return c_uint8.from_address(_address(array, row, column)).value


def put_byte(array: Any, row: int, column: int, value: int) -> None:
    """Set it."""
    c_uint8.from_address(_address(array, row, column)).value = value


def _address(array: Any, row: int, column: int) -> int:
    """Raises IndexError beyond the array, which nothing notices in compiled code."""
    if not (0 <= row < array.rows and 0 <= column < array.columns):
        raise IndexError(f"row {row}, column {column} of an array of {array.rows} rows and {array.columns} columns")
    return int(array.address + row * array.by_row + column * array.by_column)
