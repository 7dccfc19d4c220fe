"""Over which times the fanout server hears what is published, worked out by hand (F7, R4, R5)."""

from typing import Any

import pytest

from sim.verify.subscription import recoveries, subscribed_windows
from tests.verify.faults import redis_outage, restart, script

TRIES = {"resubscribe_s": 0.5, "resubscribe_max_s": 2.0}
"""Tries come 0.5, 1.5, 3.5, 5.5, 7.5, ... s after a loss."""


def heard(*faults: dict[str, Any]) -> list[tuple[float, float]]:
    """The windows in seconds, within a horizon of 20 s; a try hears from its next microsecond on."""
    windows = subscribed_windows(script(faults=list(faults), fanout=TRIES))
    return [(window.from_us / 1e6, window.until_us / 1e6) for window in windows]


END = 20.000001

WINDOWS: dict[str, tuple[list[dict[str, Any]], list[tuple[float, float]]]] = {
    "F7: it is there from the start": ([], [(0, END)]),
    "F7: it is back with the first try that finds Redis": ([redis_outage(2, 1)], [(0, 2), (3.500001, END)]),
    "F7: a try at the instant at which Redis is back finds it": (
        [redis_outage(2, 1.5)],
        [(0, 2), (3.500001, END)],
    ),
    "F7: tries grow rarer": ([redis_outage(2, 1.6)], [(0, 2), (5.500001, END)]),
    "F7: but not beyond the longest delay": ([redis_outage(2, 6)], [(0, 2), (9.500001, END)]),
    "F7: a server that starts tries at once": ([restart(2, 1)], [(0, 2), (3, END)]),
    "R4: Redis is back before the server that starts": ([redis_outage(1, 2), restart(2, 1)], [(0, 1), (3, END)]),
    "F7: where Redis is away it goes on as after a loss": (
        [restart(2, 1), redis_outage(2.5, 1.5)],
        [(0, 2), (4.500001, END)],
    ),
    "F7: a start as Redis goes hears it go": (
        [restart(2, 1), redis_outage(3, 1)],
        [(0, 2), (3, 3), (4.500001, END)],
    ),
    "F7: a stop ends the tries": ([redis_outage(2, 1.6), restart(4, 3)], [(0, 2), (7, END)]),
    "F7: a stop at the instant of a try comes before it": ([redis_outage(2, 1), restart(3.5, 2)], [(0, 2), (5.5, END)]),
    "R4: what is back is lost again": (
        [redis_outage(2, 1), redis_outage(6, 1)],
        [(0, 2), (3.500001, 6), (7.500001, END)],
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_the_server_hears(name: str) -> None:
    faults, wanted = WINDOWS[name]
    assert heard(*faults) == wanted


def test_short_tries_over_a_long_outage_are_skipped_over() -> None:
    given = script(
        faults=[redis_outage(0.5, 900)],
        horizon=1.0,
        policy="websocket-only",
        fanout={"resubscribe_s": 1e-6, "resubscribe_max_s": 1e-6},
    )
    (recovery,) = recoveries(given)
    assert recovery[:4] == (500_000, 900_499_999, 900_500_000, 900_500_001)
