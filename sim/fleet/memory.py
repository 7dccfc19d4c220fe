"""Memory: arrays that the kernel reaches by address, so that one record can hold all that it works on.

Numba passes an array as nine values. Two dozen of them made every function and its compilation slow; a record is one
pointer. As in all compiled code, nothing checks bounds.
"""

from typing import Any

from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.fleet.compiled import inlined


def _loading(kind, bits):
    @intrinsic
    def load(typingctx, address):
        def generate(context, builder, signature, arguments):
            value = builder.load(builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer()))
            return value if bits == 64 else builder.zext(value, ir.IntType(64))

        return types.int64(types.int64), generate

    return load


def _storing(bits):
    @intrinsic
    def store(typingctx, address, value):
        def generate(context, builder, signature, arguments):
            pointer = builder.inttoptr(arguments[0], ir.IntType(bits).as_pointer())
            value = arguments[1] if bits == 64 else builder.trunc(arguments[1], ir.IntType(bits))
            builder.store(value, pointer)
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return store


def local(dtype: Any) -> Any:
    """A function that makes a record of nobody else, all zero; compiled code keeps it in registers as far as it can."""
    record = from_dtype(dtype)

    @intrinsic
    def make(typingctx):
        def generate(context, builder, signature, arguments):
            return cgutils.alloca_once(builder, ir.ArrayType(ir.IntType(8), dtype.itemsize), zfill=True)

        return record(), generate

    return make


_load, _load_byte = _loading(types.int64, 64), _loading(types.uint8, 8)
_store, _store_byte = _storing(64), _storing(8)


@inlined
def at(array, row, column):
    """The whole number at this place of an array of int64."""
    return _load(array.address + row * array.by_row + column * array.by_column)


@inlined
def put(array, row, column, value):
    """Set it."""
    _store(array.address + row * array.by_row + column * array.by_column, value)


@inlined
def add(array, row, column, value):
    """Add to it."""
    address = array.address + row * array.by_row + column * array.by_column
    _store(address, _load(address) + value)


@inlined
def around(number, columns):
    """The column that this number takes where draws go round (B20, C10); a division only where they do."""
    return number if number < columns else number % columns


@inlined
def byte(array, row, column):
    """The byte at this place of an array of bytes or flags."""
    return _load_byte(array.address + row * array.by_row + column * array.by_column)


@inlined
def put_byte(array, row, column, value):
    """Set it."""
    _store_byte(array.address + row * array.by_row + column * array.by_column, value)
