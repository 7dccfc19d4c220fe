"""Faults as TOML."""


def fault(kind: str, **keys: str | float | list[int]) -> str:
    """A `[[fault]]` table."""
    lines = (f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in keys.items())
    return "\n".join([f'[[fault]]\nkind = "{kind}"', *lines, ""])


def partition(from_s: float, until_s: float) -> str:
    """A partition of all clients over this window."""
    return fault("partition", at_s=from_s, for_s=until_s - from_s)
