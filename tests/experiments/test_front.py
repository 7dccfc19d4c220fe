from hypothesis import given
from hypothesis import strategies as st

from sim.experiments.front import front

COSTS = st.lists(st.none() | st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12)


@given(COSTS)
def test_it_holds_the_points_that_no_other_dominates_and_one_of_equal_ones(costs: list[tuple[int, int] | None]) -> None:
    known = {cost for cost in costs if cost is not None}
    best = {a for a in known if not any(b != a and b[0] <= a[0] and b[1] <= a[1] for b in known)}
    found = front(costs)
    assert [costs[number] for number in found] == sorted(best)


def test_of_equal_points_the_first_is_taken() -> None:
    assert front([(1, 1), (1, 1)]) == [0]
