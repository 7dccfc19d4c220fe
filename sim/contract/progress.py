"""How long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called now and then with the share done, from 0 to 1."""
