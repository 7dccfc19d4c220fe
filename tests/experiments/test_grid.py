from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.experiments import grid


def one(text: str) -> tuple[object, ...]:
    ((_, values),) = grid.parse([text]).items()
    return values


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 30), st.sampled_from([1, 10, 100, 8]))
def test_a_range_holds_every_step_from_the_first_to_the_last_exactly(
    first: int, span: int, step: int, per: int
) -> None:
    bounds = [Decimal(number) / per for number in (first, first + span, step)]
    expected = [float(Decimal(first + number * step) / per) for number in range(span // step + 1)]
    assert one(f"k={':'.join(map(str, bounds))}") == tuple(expected)


def test_a_range_includes_its_last_only_where_steps_lead_there() -> None:
    assert one("k=1:15:1") == tuple(range(1, 16))
    assert one("k=0:1:0.3") == (0.0, 0.3, 0.6, 0.9)
    assert one("k=4:4:1") == (4,)


def test_a_range_of_whole_numbers_stays_whole() -> None:
    assert all(type(value) is int for value in one("orchestrator.workers=1:3:1"))
    assert all(type(value) is float for value in one("k=1:2:0.5"))


def test_a_list_holds_values_as_toml_writes_them_and_bare_words_as_strings() -> None:
    assert one("client.policy=hybrid,polling-only") == ("hybrid", "polling-only")
    assert one("k=1, 2.5,true") == (1, 2.5, True)
    assert one('k="a,b",c') == ('"a', 'b"', "c")
    assert one('k="a,b","c"') == ("a,b", "c")
    assert one("k={ uniform = [0, 4] },0.5") == ({"uniform": [0, 4]}, 0.5)
    assert one("k=hybrid,4") == ("hybrid", 4)
    assert one("k=host:port") == ("host:port",)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["k"], "--over 'k' must be KEY=VALUES, such as client.poll_interval_s=1:15:1"),
        (["k="], "--over 'k=' must be KEY=VALUES, such as client.poll_interval_s=1:15:1"),
        (["=1"], "--over '=1' must be KEY=VALUES, such as client.poll_interval_s=1:15:1"),
        (["k=1:5"], "--over k=1:5: a range is first:last:step, such as 1:15:1"),
        (["k=1:5:x"], "--over k=1:5:x: a range is first:last:step, such as 1:15:1"),
        (["k=1:5:inf"], "--over k=1:5:inf: a range is first:last:step, such as 1:15:1"),
        (["k=5:1:1"], "--over k=5:1:1: a range goes up from first to last by a step above 0"),
        (["k=1:5:0"], "--over k=1:5:0: a range goes up from first to last by a step above 0"),
        (["k=0:1:1e-9"], "--over k=0:1:1e-9: 1,000,000,001 values; take a wider step, at most 10,000 are performed"),
        (["k=1", "k=2"], "--over names k twice; give all its values at once"),
    ],
)
def test_what_is_no_axis_is_said_in_one_sentence(texts: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        grid.parse(texts)
    assert str(caught.value) == sentence


def test_the_grid_holds_every_combination_and_the_last_key_changes_fastest() -> None:
    assert grid.points({"a": [1, 2], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_a_grid_over_nothing_is_the_scenario_as_it_is() -> None:
    assert grid.points({}) == [{}]
    assert grid.name({}) == "the scenario as it is"


def test_a_value_given_twice_no_value_and_too_many_points_are_refused() -> None:
    with pytest.raises(InputError, match=r"^a takes the value 4 twice; give each value once$"):
        grid.points({"a": [4, 4.0]})
    with pytest.raises(InputError, match=r"^a has no values; name at least one$"):
        grid.points({"a": []})
    with pytest.raises(InputError, match=r"^the grid has 10,302 points; take a wider step"):
        grid.points({"a": range(102), "b": range(101)})
