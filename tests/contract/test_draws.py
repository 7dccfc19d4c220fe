"""Draws: seconds to microseconds, named streams, and the distributions' stated quantiles and means.

Statistical tests use a fixed seed and n = 65,536 draws. Each asks for at most five standard errors: a right
distribution fails one with probability 6e-7, and a parameter that is off by 2 % or more is found.
"""

import math
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.draws import BLOCK, NEVER, Draws, generator, microseconds, to_us
from sim.contract.fields import DISTRIBUTIONS, LONGEST_S, Duration, Exponential, ExponentialParameters, Table

STANDARD_ERRORS = 5.0


def durations(
    duration: Duration, rows: int, columns: int, *, seed: int, stream: str, block: int
) -> npt.NDArray[np.float64]:
    return Draws(seed, block, rows).times(stream, duration, columns) / 1e6


def chances(
    probability: float, rows: int, columns: int, *, seed: int, stream: str, block: int
) -> npt.NDArray[np.bool_]:
    return Draws(seed, block, rows).chances(stream, probability, columns)


def drawn(table: dict[str, object], columns: int = 1, **where: object) -> npt.NDArray[np.float64]:
    (name,) = table
    duration: Table = DISTRIBUTIONS[name].model_validate(table)
    address = {"seed": 0, "stream": "s", "block": 0} | where
    return durations(duration, BLOCK, columns, **address)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "time_us"),
    [
        (0.0, 0),
        (0.0000004, 0),
        (0.0000005, 0),
        (0.0000015, 2),
        (0.0000025, 2),
        (0.0000026, 3),
        (0.1, 100_000),
        (0.29, 290_000),
        (3 * 0.1, 300_000),
        (1e9, 10**15),
    ],
)
def test_seconds_become_microseconds_by_rint(seconds: float, time_us: int) -> None:
    """Section 3: to the nearest, halves to even."""
    assert to_us(seconds) == time_us


@given(st.integers(0, 10**15))
def test_whole_microseconds_are_kept(time_us: int) -> None:
    assert to_us(time_us / 1e6) == time_us


@given(st.lists(st.floats(0, 1e9)))
def test_one_and_many_are_rounded_alike(seconds: list[float]) -> None:
    array = microseconds(np.array(seconds, dtype=np.float64))
    assert array.dtype == np.int64
    assert array.tolist() == [to_us(s) for s in seconds]


@given(st.floats(LONGEST_S, math.inf))
def test_no_time_is_longer_than_the_longest(seconds: float) -> None:
    assert to_us(seconds) == LONGEST_S * 1e6 < NEVER


def test_a_constant_is_itself() -> None:
    assert np.array_equal(durations(1.25, 3, 2, seed=0, stream="s", block=0), np.full((3, 2), 1.25))


@pytest.mark.parametrize(
    ("table", "quantiles"),
    [
        ({"uniform": [2, 6]}, {0.1: 2.4, 0.5: 4.0, 0.9: 5.6}),
        ({"exponential": {"mean": 3.0}}, {p: -3.0 * math.log(1 - p) for p in (0.1, 0.5, 0.9, 0.99)}),
        ({"lognormal": {"median": 0.05, "p99": 0.4}}, {0.01: 0.05**2 / 0.4, 0.5: 0.05, 0.99: 0.4}),
    ],
)
def test_a_distribution_has_its_quantiles(table: dict[str, object], quantiles: dict[float, float]) -> None:
    """How many draws lie below the p-quantile is binomial(n, p)."""
    values = drawn(table)
    for p, value in quantiles.items():
        share = (values < value).mean()
        assert abs(share - p) < STANDARD_ERRORS * math.sqrt(p * (1 - p) / BLOCK), p


@pytest.mark.parametrize(
    ("table", "mean", "deviation"),
    [
        ({"uniform": [2, 6]}, 4.0, 4 / math.sqrt(12)),
        ({"exponential": {"mean": 3.0}}, 3.0, 3.0),
    ],
)
def test_a_distribution_has_its_mean(table: dict[str, object], mean: float, deviation: float) -> None:
    assert abs(drawn(table).mean() - mean) < STANDARD_ERRORS * deviation / math.sqrt(BLOCK)


def test_a_uniform_stays_within_its_ends() -> None:
    values = drawn({"uniform": [2, 6]})
    assert values.min() >= 2
    assert values.max() <= 6


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ({"uniform": [2, 2]}, 2.0),
        ({"exponential": {"mean": 0.0}}, 0.0),
        ({"lognormal": {"median": 0.1, "p99": 0.1}}, 0.1),
    ],
)
def test_a_distribution_without_spread_is_a_constant(table: dict[str, object], value: float) -> None:
    assert np.array_equal(drawn(table), np.full((BLOCK, 1), value))


def test_the_widest_lognormal_still_gives_times() -> None:
    values = microseconds(drawn({"lognormal": {"median": 1e-6, "p99": 1e9}}))
    assert values.min() >= 0
    assert values.max() <= LONGEST_S * 1e6


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.9])
def test_a_chance_has_its_probability(probability: float) -> None:
    share = chances(probability, BLOCK, 1, seed=0, stream="s", block=0).mean()
    assert abs(share - probability) < STANDARD_ERRORS * math.sqrt(probability * (1 - probability) / BLOCK)


@pytest.mark.parametrize(("probability", "hits"), [(0.0, 0), (1.0, BLOCK)])
def test_no_chance_never_comes_and_a_sure_one_always(probability: float, hits: int) -> None:
    assert chances(probability, BLOCK, 1, seed=0, stream="s", block=0).sum() == hits


def test_what_a_smaller_chance_hits_a_larger_one_hits_too() -> None:
    """So that a sweep over a probability compares the same clients."""
    small, large = (chances(p, BLOCK, 2, seed=0, stream="s", block=0) for p in (0.1, 0.2))
    assert (large | ~small).all()


def test_seed_stream_column_and_block_each_give_other_draws() -> None:
    """Independent samples of n draws correlate by no more than five standard errors, 1/sqrt(n) each."""
    addresses = [(0, "s", 0, 0), (1, "s", 0, 0), (0, "t", 0, 0), (0, "s", 1, 0), (0, "s", 0, 1)]
    samples = [generator(*address).random(BLOCK) for address in addresses]
    for one, other in combinations(samples, 2):
        assert abs(np.corrcoef(one, other)[0, 1]) < STANDARD_ERRORS / math.sqrt(BLOCK)


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_more_rows_or_columns_change_no_draw(name: str) -> None:
    table = {"uniform": [0, 1], "exponential": {"mean": 1.0}, "lognormal": {"median": 1.0, "p99": 9.0}}[name]
    duration = DISTRIBUTIONS[name].model_validate({name: table})
    few = durations(duration, 7, 2, seed=3, stream="s", block=1)  # type: ignore[arg-type]
    many = durations(duration, 1_000, 5, seed=3, stream="s", block=1)  # type: ignore[arg-type]
    assert np.array_equal(few, many[:7, :2])


def test_a_running_sum_is_rounded_once_not_part_by_part() -> None:
    gap = Exponential(exponential=ExponentialParameters(mean=1.0))
    gaps_s = np.stack([generator(3, "s", column, 1).standard_exponential(1_000) for column in range(5)], axis=1)
    sums_us = Draws(3, 1, 1_000).sums("s", gap, 5)
    assert np.array_equal(sums_us, microseconds(np.cumsum(gaps_s, axis=1)))
    assert not np.array_equal(sums_us, np.cumsum(microseconds(gaps_s), axis=1))


def test_more_rows_or_columns_change_no_chance() -> None:
    few = chances(0.5, 7, 2, seed=3, stream="s", block=1)
    many = chances(0.5, 1_000, 5, seed=3, stream="s", block=1)
    assert np.array_equal(few, many[:7, :2])


def test_columns_draw_each_for_themselves() -> None:
    values, hits = drawn({"uniform": [0, 1]}, columns=2), chances(0.5, BLOCK, 2, seed=0, stream="s", block=0)
    assert not np.array_equal(values[:, 0], values[:, 1])
    assert not np.array_equal(hits[:, 0], hits[:, 1])
