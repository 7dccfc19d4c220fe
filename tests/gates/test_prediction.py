import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.gates.prediction import prediction

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


@pytest.mark.parametrize("further", [1, 5])
def test_it_holds_the_mean_of_further_runs_as_often_as_it_says(further: int) -> None:
    random = np.random.default_rng(1)
    trials = 4000
    hits = 0
    for _ in range(trials):
        found = prediction(random.normal(size=10).tolist(), further)
        hits += found.low <= random.normal(size=further).mean() <= found.high
    # four standard errors of 4,000 trials at 95 %
    assert abs(hits / trials - 0.95) < 4 * (0.95 * 0.05 / trials) ** 0.5


@given(VALUES, st.integers(1, 50))
def test_it_is_narrower_for_the_mean_of_more_runs(values: list[float], further: int) -> None:
    fewer, more = prediction(values, further), prediction(values, further + 1)
    assert more.high - more.low <= fewer.high - fewer.low
    assert more.value == fewer.value


def test_runs_that_are_all_alike_predict_a_point() -> None:
    found = prediction([3, 3, 3], 1)
    assert (found.low, found.high) == (3, 3)
