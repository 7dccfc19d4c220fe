"""Names: which measures there are to ask for."""

import difflib

from sim.contract.claim import MEASURES
from sim.contract.errors import InputError

SHORT = {"polls_per_s": "polls_per_s_mean"}
"""Names that are taken for others."""


def measure_name(text: str) -> str:
    """The measure of this name, or of this short name; raises InputError."""
    name = SHORT.get(text.strip(), text.strip())
    if name not in MEASURES:
        close = difflib.get_close_matches(name, MEASURES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"they are {', '.join(MEASURES)}"
        raise InputError(f"there is no measure {name!r}; {hint}")
    return name
