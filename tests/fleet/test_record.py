"""Histograms: where a latency counts, as sim/fleet/record.py computes it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.totals import RESOLUTION
from sim.fleet.layout import BINS
from sim.fleet.limits import MOST_SECONDS
from sim.fleet.record import bin_of

LONGEST_US = MOST_SECONDS * 1_000_000
LATENCIES = st.integers(0, 40).flatmap(lambda bits: st.integers(0, min(2**bits, LONGEST_US))) | st.just(LONGEST_US)


def place(latency_us: int) -> int:
    return int(bin_of.py_func(np.int64(latency_us)))


@given(LATENCIES, LATENCIES)
def test_a_longer_latency_counts_in_the_same_bin_or_a_later_one(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert 0 <= place(shorter) <= place(longer) < BINS


@given(LATENCIES.filter(bool), st.floats(0, 2 * RESOLUTION))
def test_what_counts_in_one_bin_differs_by_less_than_the_resolution(latency_us: int, more: float) -> None:
    longer_us = latency_us + round(more * latency_us)
    if place(longer_us) == place(latency_us):
        assert longer_us - latency_us < RESOLUTION * latency_us
    else:
        assert longer_us > latency_us


def test_bins_are_as_wide_as_the_resolution_allows() -> None:
    """Of each doubling 256: else memory is wasted."""
    for bits in range(20, 43):
        assert place(2 ** (bits + 1)) - place(2**bits) == 1 / RESOLUTION


def test_short_latencies_have_bins_of_their_own_and_none_is_the_first() -> None:
    places = [place(latency_us) for latency_us in range(int(1 / RESOLUTION))]
    assert places[0] == 0
    assert len(set(places)) == len(places)
