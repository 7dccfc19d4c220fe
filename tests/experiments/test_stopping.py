import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.experiments.stopping import FEWEST, MOST, Stopping

from .small import sample

SPREADS = st.lists(st.floats(0, 100), min_size=10, max_size=60)


@given(SPREADS, st.floats(0.01, 100))
def test_it_goes_on_until_the_half_width_is_reached_or_the_most_are_done(ages: list[float], half_width: float) -> None:
    stopping = Stopping(10, 40, {"age_mean_s": half_width})
    found = sample(age_mean_s=ages)
    wanted = stopping.wanted(found)
    estimate = found.estimate("age_mean_s")
    assert estimate is not None
    narrow = (estimate.high - estimate.low) / 2 <= half_width
    assert stopping.reached(found) == narrow
    assert (wanted == found.count) == (narrow or found.count >= 40)
    assert found.count <= wanted <= max(40, found.count)
    assert wanted <= 2 * found.count


def test_a_half_width_three_times_too_large_asks_for_twice_as_many_and_one_a_tenth_too_large_for_a_fifth_more() -> None:
    ages = [1.0, 3.0] * 10
    half = sample(age_mean_s=ages).estimate("age_mean_s")
    assert half is not None
    width = half.high - half.value
    assert Stopping(10, 200, {"age_mean_s": width / 3}).wanted(sample(age_mean_s=ages)) == 40
    assert Stopping(10, 200, {"age_mean_s": width / 1.1}).wanted(sample(age_mean_s=ages)) == 25


def test_the_widest_of_several_measures_decides() -> None:
    stopping = Stopping(2, 200, {"age_mean_s": 1.0, "stale_s": 1.0})
    assert stopping.wanted(sample(age_mean_s=[1.0, 1.0], stale_s=[0.0, 50.0])) == 4
    assert stopping.wanted(sample(age_mean_s=[1.0, 1.0], stale_s=[1.0, 1.0])) == 2


def test_a_measure_that_there_is_not_is_not_waited_for() -> None:
    stopping = Stopping(2, 200, {"latency_p99_s": 0.1})
    assert stopping.wanted(sample(latency_p99_s=[None, None])) == 2


def test_without_half_widths_a_sample_has_enough_at_once() -> None:
    assert Stopping(10, 10).wanted(sample(age_mean_s=[1.0, 99.0])) == 2


def test_what_is_chosen_is_a_number_or_half_widths_or_the_default() -> None:
    assert Stopping.chosen(7, None) == Stopping(7, 7)
    assert Stopping.chosen(None, None) == Stopping(FEWEST, FEWEST)
    assert Stopping.chosen(None, {"polls_per_s": 2.0}) == Stopping(FEWEST, MOST, {"polls_per_s_mean": 2.0})


@pytest.mark.parametrize(
    ("replications", "half_widths", "sentence"),
    [
        (1, None, "an interval needs two replications or more, not 1"),
        (5, {"age_mean_s": 1.0}, "give a number of replications or half-widths, not both"),
        (None, {"age_mean_s": 0.0}, "the half-width of age_mean_s must be above 0, not 0"),
        (None, {"age_mean_s": float("nan")}, "the half-width of age_mean_s must be above 0, not nan"),
        (None, {"age_mean": 1.0}, "there is no measure 'age_mean'; did you mean age_mean_s?"),
    ],
)
def test_what_gives_no_interval_is_refused(
    replications: int | None, half_widths: dict[str, float] | None, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        Stopping.chosen(replications, half_widths)
    assert str(caught.value) == sentence
