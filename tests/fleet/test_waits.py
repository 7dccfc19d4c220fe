"""Jitter in whole numbers: exact, and within 63 bits up to the limits that the fleet has (P10, C10)."""

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.fleet.limits import LARGEST
from sim.fleet.waits import _share
from sim.worlds import perform

BELOW = LARGEST - 1
LONGEST_S = BELOW / 1e6


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """A wait, a fraction up to 1, and a draw of 32 bits; the largest of each are among them."""
    wait, denominator = draw(st.integers(0, BELOW)), draw(st.integers(1, BELOW))
    numerator = draw(st.integers(0, denominator))
    return wait, numerator, denominator, draw(st.integers(0, 2**32 - 1))


@settings(max_examples=500)
@given(shares() | st.just((BELOW, BELOW, BELOW, 2**32 - 1)))
def test_p10_a_share_of_a_wait_is_exact_and_overflows_nowhere(drawn: tuple[int, int, int, int]) -> None:
    """NumPy warns of what does not fit into 63 bits, and a warning is an error here."""
    wait, numerator, denominator, draw = drawn
    found = _share.py_func(*map(np.int64, drawn))
    assert int(found) == floor(Fraction(wait * numerator * draw, denominator * 2**32))


def agree(client: dict[str, Any], horizon_s: float, fault: dict[str, Any]) -> None:
    table = {
        "title": "long waits",
        "horizon_s": horizon_s,
        "client": {"count": 3} | client,
        "workload": {"events": []},
        "fanout": {"ping_every_s": 1e4},
        "fault": [fault],
    }
    script = realize(Scenario.from_dict(table), 1)
    rows = perform(script, "fleet").rows
    assert rows == perform(script).rows
    assert len({row[0] for row in rows}) > 2 * client.get("count", 3), "the clients wait differently"


@settings(max_examples=25)
@given(st.floats(1000, LONGEST_S), st.integers(1, 10**9))
def test_p10_the_fleet_jitters_long_waits_as_the_model(interval_s: float, billionths: int) -> None:
    client = {"policy": "hybrid-cursor", "poll_interval_s": round(interval_s, 6), "poll_jitter": billionths / 1e9}
    never = {"kind": "connection-refused", "from_s": 0.0, "until_s": 1e5}
    agree(client | {"reconnect": "none", "jitter": "none", "error_backoff_factor": 1.0}, 1e4, never)


@settings(max_examples=25)
@given(st.floats(0.001, LONGEST_S), st.integers(0, 9), st.sampled_from(["equal", "full"]))
def test_c10_the_fleet_jitters_long_delays_as_the_model(longest_s: float, doublings: int, jitter: str) -> None:
    delays = {"reconnect_delay_s": round(longest_s / 2**doublings, 6), "reconnect_max_s": round(longest_s, 6)}
    client = {"policy": "websocket-only", "reconnect": "exponential", "jitter": jitter}
    agree(client | delays, 10 * longest_s, {"kind": "connection-refused", "from_s": 0.0, "until_s": 1e5})
