"""What small and wide random scenarios are both drawn from."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

Table = dict[str, Any]

POLL_MANNERS = st.sampled_from(["error", "timeout"])
LOSS_MANNERS = st.sampled_from(["closed", "half-open"])
RESTART_MANNERS = st.sampled_from(["graceful", "killed"])
RECONNECTS = st.sampled_from(["fixed", "exponential"])
JITTERS = st.sampled_from(["none", "equal", "full"])


@cache
def presets(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One of these policies."""
    return st.sampled_from(names)


def in_time_order(events: list[Table]) -> list[Table]:
    """As W1 wants them."""
    return sorted(events, key=lambda event: float(event["at_s"]))
