import pytest

from sim.measure.statistics import Estimate
from sim.report.experiments import tables

from .made import sweep, tuning


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.8, "1,234,568"),
        (12345.6, "12,346"),
        (123.456, "123.5"),
        (3.1, "3.1"),
        (-3.14159, "-3.142"),
        (0.12345, "0.1235"),
        (0.00004567, "4.6e-05"),
        (1000.0, "1,000"),
    ],
)
def test_a_number_has_some_four_digits(value: float, text: str) -> None:
    assert tables.short(value) == text


def test_an_interval_stands_beside_its_value_and_a_difference_has_its_sign() -> None:
    assert tables.interval(Estimate(1.5, 1.25, 1.75)) == "1.5 [1.25, 1.75]"
    assert tables.interval(Estimate(1.5, 1.25, 1.75), signed=True) == "+1.5 [1.25, 1.75]"
    assert tables.interval(Estimate(-1.5, -1.75, -1.25), signed=True) == "-1.5 [-1.75, -1.25]"
    assert tables.interval(None) == "-"


def test_a_sweep_is_a_row_per_point_compared_with_the_base() -> None:
    found = tables.of_sweep(sweep(), ["polls_per_s_mean", "latency_p99_s"])
    assert list(found.columns[:2]) == ["client.poll_interval_s", "client.policy"]
    assert [row[:2] for row in found.rows] == [(k, p) for k in ("1", "2", "4") for p in ("hybrid", "polling-only")]
    assert [row[-1] == "the base" for row in found.rows] == [False] * 4 + [True, False]
    assert str(found.rows[0][-1]).startswith("+")


def test_a_search_tells_what_is_best_what_is_kept_and_what_is_broken() -> None:
    verdicts = [row[-1] for row in tables.of_tuning(tuning()).rows]
    assert [getattr(verdict, "text", "") for verdict in verdicts] == ["kept", "best", "breaks latency_p99_s <= 2"]
