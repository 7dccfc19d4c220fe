"""Faults (DESIGN.md section 5): the rule of `fraction`, exact and known without the other clients."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.fault import exact, hit_mask
from sim.verify.generate_wide import FRACTIONS


@pytest.mark.parametrize("written", ["0.29", "0.1", "0.7", "0.3333333333333333", "1e-05", "0.0", "1.0"])
def test_a_number_is_taken_as_written(written: str) -> None:
    assert exact(float(written)) == Fraction(written)


@pytest.mark.parametrize(
    ("fraction", "hits"),
    [(0.0, []), (0.1, [9]), (0.25, [3, 7]), (0.29, [3, 6]), (0.5, [1, 3, 5, 7, 9]), (1.0, list(range(10)))],
)
def test_a_fraction_spreads_its_hits_evenly(fraction: float, hits: list[int]) -> None:
    assert np.flatnonzero(hit_mask(fraction, 0, 10)).tolist() == hits


@given(FRACTIONS | st.sampled_from([0.07, 0.57, 0.58, 1e-9]), st.integers(0, 2_000))
def test_of_the_first_n_clients_floor_n_f_are_hit(fraction: float, n: int) -> None:
    assert hit_mask(fraction, 0, n).sum() == floor(n * Fraction(repr(fraction)))


@pytest.mark.parametrize(("fraction", "n"), [(0.29, 100), (0.57, 100), (0.58, 50), (0.07, 100), (1 / 3, 90_000)])
def test_the_count_is_exact_where_floating_point_is_not(fraction: float, n: int) -> None:
    assert hit_mask(fraction, 0, n).sum() == floor(n * Fraction(repr(fraction)))


@given(FRACTIONS, st.integers(0, 10**8), st.integers(0, 50))
def test_a_client_is_hit_or_not_whatever_the_others(fraction: float, client: int, rows: int) -> None:
    f = Fraction(repr(fraction))
    alone = hit_mask(fraction, client, 1)[0]
    assert alone == (floor((client + 1) * f) > floor(client * f))
    assert hit_mask(fraction, max(0, client - rows), rows + 1)[min(client, rows)] == alone


def test_the_count_is_exact_across_blocks() -> None:
    first, second = hit_mask(0.29, 0, 65_536), hit_mask(0.29, 65_536, 65_536)
    assert first.sum() + second.sum() == 131_072 * 29 // 100
