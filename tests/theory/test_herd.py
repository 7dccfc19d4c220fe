"""How many come back in one second, in closed form, held against the fleet."""

import math

import pytest

from sim.contract.errors import InputError
from sim.contract.policy import Jitter
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.scenarios.catalog import load
from sim.theory.herd import delay_for_s, peak_per_s
from sim.worlds import totals

CLIENTS = 100_000
JITTERS: list[Jitter] = ["none", "equal", "full"]


def openings_per_s(jitter: Jitter, delay_s: float) -> list[int]:
    """After a restart that is over before the first attempt; the first openings, at mount, left out."""
    table = load("deploy-herd").to_dict()
    table["client"] |= {"count": CLIENTS, "jitter": jitter, "reconnect_delay_s": delay_s, "reconnect": "fixed"}
    table["fault"][0]["for_s"] = 1e-6
    return [int(n) for n in totals(realize(Scenario.from_dict(table)), "fleet").openings_per_s[10:]]


@pytest.mark.parametrize("jitter", JITTERS)
@pytest.mark.parametrize("delay_s", [4.0, 8.0])
def test_the_fullest_second_has_as_many_as_expected(jitter: Jitter, delay_s: float) -> None:
    expected = peak_per_s(CLIENTS, delay_s, jitter)
    chance = 5 * math.sqrt(expected)  # a count of independent clients is off by five deviations once in a million
    assert abs(max(openings_per_s(jitter, delay_s)) - expected) <= (0 if jitter == "none" else chance)


@pytest.mark.parametrize("jitter", JITTERS[1:])
def test_the_delay_for_a_capacity_has_it_as_its_peak(jitter: Jitter) -> None:
    delay_s = delay_for_s(CLIENTS, 12_500.0, jitter)
    assert delay_s is not None
    assert peak_per_s(CLIENTS, delay_s, jitter) == pytest.approx(12_500.0)


def test_without_jitter_no_delay_helps_but_where_all_fit() -> None:
    assert delay_for_s(CLIENTS, CLIENTS - 1, "none") is None
    assert [delay_for_s(CLIENTS, CLIENTS, jitter) for jitter in JITTERS] == [0.0, 0.0, 0.0]


def test_a_delay_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="delay_s must be more than 0"):
        peak_per_s(CLIENTS, 0.0, "full")
