"""Intervals against theory: numbers from tables, and how often an interval holds the true value."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from sim.contract.errors import InputError
from sim.measure.statistics import Estimate, difference, mean, proportion

SETS = 4_000
"""Samples per distribution: the standard error of a coverage near 0.95 is sqrt(0.95 x 0.05 / 4,000) = 0.0034."""

FOUR_ERRORS = 4 * 0.0034


def coverage(true: float, interval: Callable[[np.random.Generator], Estimate]) -> float:
    draws = np.random.default_rng(0)
    found = [interval(draws) for _ in range(SETS)]
    return sum(one.low <= true <= one.high for one in found) / SETS


# a mean


def test_a_mean_s_interval_is_that_of_student_s_table() -> None:
    # n = 5: t(4, 0.975) = 2.776; mean 3, s = sqrt(2.5)
    found = mean([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.value == 3.0
    assert found.high - found.value == pytest.approx(2.776 * (2.5 / 5) ** 0.5, abs=1e-3)
    assert found.value - found.low == pytest.approx(found.high - found.value)


@pytest.mark.parametrize("count", [2, 5, 20])
def test_19_of_20_intervals_of_normal_values_hold_the_true_mean(count: int) -> None:
    held = coverage(7.0, lambda draws: mean(draws.normal(7.0, 3.0, count).tolist()))
    assert held == pytest.approx(0.95, abs=FOUR_ERRORS)


def test_so_do_those_of_means_of_fifty_exponential_values_as_a_replication_is_one() -> None:
    # a mean of 50 exponentials has skewness 2 / sqrt(50) = 0.28; with 20 of them that costs less than 0.01 of coverage
    held = coverage(3.0, lambda draws: mean(draws.exponential(3.0, (20, 50)).mean(axis=1).tolist()))
    assert held == pytest.approx(0.95, abs=FOUR_ERRORS + 0.01)


def test_more_confidence_makes_a_wider_interval() -> None:
    less, more = mean([1.0, 2.0, 4.0], 0.9), mean([1.0, 2.0, 4.0], 0.99)
    assert more.low < less.low < less.high < more.high


def test_equal_values_leave_no_doubt() -> None:
    assert mean([2.5, 2.5, 2.5]) == Estimate(2.5, 2.5, 2.5)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_one_replication_has_no_interval(values: list[float]) -> None:
    with pytest.raises(InputError, match=f"two replications or more, not {len(values)}"):
        mean(values)


# a proportion


def test_a_proportion_s_interval_is_wilson_s() -> None:
    # Brown, Cai, DasGupta 2001, (4), by hand for 2 of 10: (0.2 + 0.192) / 1.384 -+ 1.384^-1 x sqrt(...)
    found = proportion(2, 10)
    assert (found.low, found.value, found.high) == pytest.approx((0.0567, 0.2, 0.5098), abs=1e-4)


def test_no_hit_in_a_thousand_leaves_up_to_four_in_a_thousand() -> None:
    # z^2 / (n + z^2) = 3.84 / 1003.84
    found = proportion(0, 1000)
    assert (found.low, found.value) == (0.0, 0.0)
    assert found.high == pytest.approx(0.00383, abs=1e-5)


@given(st.integers(1, 3000), st.data())
def test_the_bounds_of_a_proportion_are_where_the_hits_just_surprise(count: int, data: st.DataObject) -> None:
    """Wilson's bounds p solve |share - p| = z x sqrt(p (1 - p) / count)."""
    hits = data.draw(st.integers(0, count))
    found = proportion(hits, count)
    assert 0 <= found.low <= found.value <= found.high <= 1
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            assert abs(found.value - bound) == pytest.approx(1.959964 * (bound * (1 - bound) / count) ** 0.5, rel=1e-6)


@pytest.mark.parametrize("true", [0.01, 0.1, 0.5])
def test_19_of_20_intervals_of_a_thousand_trials_hold_the_true_share(true: float) -> None:
    # summed over all outcomes, so without chance; hits are whole, and one outcome more or less moves the sum
    covered = [hits for hits in range(1001) if (found := proportion(hits, 1000)).low <= true <= found.high]
    one_outcome = binom.pmf(min(covered), 1000, true) + binom.pmf(max(covered), 1000, true)
    assert binom.pmf(covered, 1000, true).sum() == pytest.approx(0.95, abs=one_outcome)


@pytest.mark.parametrize(("hits", "count"), [(0, 0), (-1, 5), (6, 5)])
def test_hits_are_among_one_trial_or_more(hits: int, count: int) -> None:
    with pytest.raises(InputError, match=f"not {hits} among {count}"):
        proportion(hits, count)


# a difference on the same scripts


def test_what_two_policies_have_in_common_drops_out_of_their_difference() -> None:
    shared = [10.0, 400.0, 90.0, 1000.0]
    found = difference([number + 5 for number in shared], shared)
    assert found == Estimate(5.0, 5.0, 5.0)
    assert mean(shared).high - mean(shared).low > 1000


def test_a_difference_has_the_sign_of_first_less_second() -> None:
    assert difference([1.0, 2.0], [3.0, 5.0]).value == -2.5


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_of_the_same_numbers_there_is_no_difference(values: list[float]) -> None:
    assert difference(values, values) == Estimate(0.0, 0.0, 0.0)


def test_19_of_20_intervals_hold_the_true_difference() -> None:
    def drawn(draws: np.random.Generator) -> Estimate:
        shared = draws.normal(0.0, 10.0, 8)
        return difference((shared + draws.normal(2.0, 1.0, 8)).tolist(), shared.tolist())

    assert coverage(2.0, drawn) == pytest.approx(0.95, abs=FOUR_ERRORS)


def test_only_as_many_of_both_can_be_paired() -> None:
    with pytest.raises(InputError, match="as many of both, not 3 and 2"):
        difference([1.0, 2.0, 3.0], [1.0, 2.0])
