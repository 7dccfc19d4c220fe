import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.experiments.slo import Slo, parse
from sim.measure.statistics import Estimate

NUMBERS = st.floats(-100, 100)
INTERVALS = st.lists(NUMBERS, min_size=3, max_size=3).map(sorted).map(lambda ends: Estimate(ends[1], ends[0], ends[2]))


def test_it_reads_a_measure_a_relation_and_a_bound() -> None:
    assert parse("latency_p99_s<=2") == Slo("latency_p99_s", "<=", 2.0)
    assert parse(" polls_per_s < 1e3 ") == Slo("polls_per_s_mean", "<", 1000.0)
    assert str(parse("empty_poll_ratio>=0.25")) == "empty_poll_ratio >= 0.25"


@pytest.mark.parametrize(
    "text", ["", "latency_p99_s", "latency_p99_s<=", "<=2", "latency_p99_s=2", "latency_p99_s<=2s"]
)
def test_what_is_no_slo_is_said_with_an_example(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert str(caught.value) == f"--slo {text!r} must be MEASURE<=NUMBER or MEASURE>=NUMBER, such as latency_p99_s<=2"


def test_an_unknown_measure_and_an_endless_bound_are_refused() -> None:
    with pytest.raises(InputError, match=r"^there is no measure 'latency_p999_s'; did you mean latency_p99_s\?$"):
        parse("latency_p999_s<=2")
    with pytest.raises(InputError, match="the bound must be a finite number"):
        parse("latency_p99_s<=inf")


@given(INTERVALS, NUMBERS)
def test_it_holds_only_where_the_whole_interval_keeps_it(found: Estimate, bound: float) -> None:
    assert Slo("age_mean_s", "<=", bound).holds(found) == (found.high <= bound)
    assert Slo("age_mean_s", "<", bound).holds(found) == (found.high < bound)
    assert Slo("age_mean_s", ">=", bound).holds(found) == (found.low >= bound)
    assert Slo("age_mean_s", ">", bound).holds(found) == (found.low > bound)


def test_what_is_not_measured_keeps_no_bound() -> None:
    assert not Slo("latency_p99_s", "<=", 2.0).holds(None)
    assert Slo("latency_p99_s", "<=", 2.0).excess(None) == float("inf")


def test_an_excess_is_a_share_of_the_bound_and_of_a_bound_of_0_as_it_is() -> None:
    found = Estimate(2.5, 2.0, 3.0)
    assert Slo("age_mean_s", "<=", 2.0).excess(found) == 0.5
    assert Slo("age_mean_s", ">=", 4.0).excess(found) == 0.5
    assert Slo("age_mean_s", "<=", 0.0).excess(found) == 3.0
    assert Slo("age_mean_s", "<=", 3.0).excess(found) == 0.0
