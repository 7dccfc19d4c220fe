"""Losses in bursts (L8): the two-state chain of Gilbert and Elliott, against its theory.

Rows are independent chains of n = 65,536. Shares are binomial; each may be off by five standard errors, which a right
chain exceeds with probability 6e-7.
"""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.draws import BLOCK, Draws
from sim.contract.fault import Burst
from sim.contract.script import realize
from tests.contract.drawing import scenario

CHAINS = [
    Burst(enter=0.1, leave=0.4),
    Burst(enter=0.02, leave=0.2, lost=0.7),
    Burst(enter=0.9, leave=0.6, lost=0.5),
]
SEED = 7


def drawn(burst: Burst, columns: int, *, rows: int = BLOCK, stream: str = "s") -> npt.NDArray[np.bool_]:
    return Draws(SEED, 0, rows).bursts(stream, burst, columns)


def assert_share(hits: npt.NDArray[np.bool_], p: float) -> None:
    assert abs(hits.mean() - p) < 5 * math.sqrt(p * (1 - p) / hits.size)


@pytest.mark.parametrize("burst", CHAINS)
def test_the_first_message_is_lost_as_often_as_every_other(burst: Burst) -> None:
    """The chain starts in its stationary state, bad with enter / (enter + leave)."""
    bad = burst.enter / (burst.enter + burst.leave)
    lost = drawn(burst, 12)
    for column in range(12):
        assert_share(lost[:, column], bad * burst.lost)


@pytest.mark.parametrize("burst", CHAINS)
@pytest.mark.parametrize("apart", [1, 2, 3])
def test_two_messages_are_lost_together_as_often_as_the_chain_says(burst: Burst, apart: int) -> None:
    """From bad to bad in k steps: bad + (1 - bad) x (1 - enter - leave)^k."""
    bad = burst.enter / (burst.enter + burst.leave)
    again = bad + (1 - bad) * (1 - burst.enter - burst.leave) ** apart
    lost = drawn(burst, 5)
    assert_share(lost[:, 1] & lost[:, 1 + apart], bad * again * burst.lost**2)


@pytest.mark.parametrize("burst", [Burst(enter=0.3, leave=0.4), Burst(enter=0.05, leave=0.2)])
def test_bursts_have_geometric_lengths_of_mean_one_over_leave(burst: Burst) -> None:
    """Where everything is lost in a bad state: of the bursts that begin, (1 - leave)^(k - 1) reach k messages."""
    lost = drawn(burst, 8)
    begun = lost[~lost[:, 0] & lost[:, 1], 1:]
    assert len(begun) > 1_000
    for length in range(2, 8):
        assert_share(np.logical_and.reduce(begun[:, :length], axis=1), (1 - burst.leave) ** (length - 1))


@pytest.mark.parametrize("burst", [Burst(enter=0.3, leave=0.4), Burst(enter=0.05, leave=0.2)])
def test_a_good_link_turns_bad_with_probability_enter(burst: Burst) -> None:
    lost = drawn(burst, 4)
    assert_share(lost[~lost[:, 2], 3], burst.enter)


def test_a_link_that_never_turns_bad_loses_nothing() -> None:
    assert not drawn(Burst(enter=0.0, leave=0.5), 6).any()
    assert not drawn(Burst(enter=0.0, leave=0.0), 6).any()


def test_a_link_that_never_recovers_is_bad_from_the_start() -> None:
    assert drawn(Burst(enter=0.1, leave=0.0), 6).all()


def test_a_link_that_turns_at_every_message_loses_every_other() -> None:
    lost = drawn(Burst(enter=1.0, leave=1.0), 6, rows=50)
    assert (lost[:, 1:] != lost[:, :-1]).all()


def test_in_a_bad_state_nothing_is_lost_where_the_chance_is_zero() -> None:
    assert not drawn(Burst(enter=1.0, leave=0.0, lost=0.0), 6).any()


@given(st.integers(1, 50), st.integers(1, 6))
def test_more_clients_or_messages_change_no_loss(rows: int, columns: int) -> None:
    burst = Burst(enter=0.3, leave=0.4, lost=0.8)
    assert np.array_equal(drawn(burst, columns, rows=rows), drawn(burst, 6, rows=60)[:rows, :columns])


def test_what_a_smaller_chance_loses_a_larger_one_loses_too() -> None:
    """So that a sweep compares the same bursts."""
    less, more = (drawn(Burst(enter=0.3, leave=0.4, lost=lost), 6) for lost in (0.5, 0.9))
    assert (more | ~less).all()


def test_clients_own_and_other_messages_have_a_chain_each() -> None:
    """Independent samples of n correlate by no more than five standard errors, 1/sqrt(n) each."""
    fault = {"kind": "message-lost", "burst": {"enter": 0.3, "leave": 0.3}}
    block = realize(scenario(client={"count": BLOCK}, fault=[fault])).block(0)
    own, other = block.event_lost[:, 0], block.other_lost[:, 0]
    for one, another in [(own, other), (own[1:], own[:-1])]:
        assert abs(np.corrcoef(one, another)[0, 1]) < 5 / math.sqrt(BLOCK - 1)


def test_two_faults_of_bursts_lose_each_for_themselves() -> None:
    """A message is lost if either takes it: 1 - (1 - p)^2."""
    fault = {"kind": "message-lost", "burst": {"enter": 0.1, "leave": 0.4}}
    block = realize(scenario(client={"count": BLOCK}, fault=[fault, fault])).block(0)
    assert_share(block.event_lost[:, 2], 1 - (1 - 0.2) ** 2)
