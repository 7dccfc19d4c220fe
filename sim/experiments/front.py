"""The Pareto front: the points of which no other is better in one of two measures and no worse in the other."""

from collections.abc import Sequence


def front(costs: Sequence[tuple[float, float] | None]) -> list[int]:
    """The numbers of the points on the front, from the cheapest by the first cost to the dearest.

    costs: two of each point, the less the better, in any units; None for a point that has none and is not considered.
    Of points with equal costs the first is taken.
    """
    known = sorted((cost, number) for number, cost in enumerate(costs) if cost is not None)
    found: list[int] = []
    least = float("inf")
    for (_, second), number in known:
        if second < least:
            found.append(number)
            least = second
    return found
