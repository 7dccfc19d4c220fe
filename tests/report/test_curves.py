from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.contract.totals import Totals
from sim.report.curves import LOOKS, latency_cdf, polls_over_time


def totals(latencies_s: dict[float, int], never: int = 0, polls: tuple[int, ...] = (0, 3, 1, 0)) -> Totals:
    """So many events with each latency, in ascending order."""
    none = np.zeros(len(polls), np.int64)
    times_s, shown = np.array(list(latencies_s)), np.array(list(latencies_s.values()), np.int64)
    return Totals("made", 1, {"events_lost": never}, times_s, shown, np.array(polls), none, none)


def curves(figure: Figure) -> dict[str, list[tuple[float, float]]]:
    """The points of each curve, without those outside the axes that carry it to their edges."""
    (axes,) = figure.axes
    found = {}
    for line in axes.lines:
        points = zip(np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist(), strict=True)
        found[str(line.get_label())] = list(points)[1:-1]
    return found


def heights(axes: Axes) -> dict[str, list[float]]:
    return {str(one.get_label()): one.get_data().values.tolist() for one in axes.patches}  # type: ignore[attr-defined]


def test_a_latency_has_the_share_of_events_shown_by_then() -> None:
    found = curves(latency_cdf({"a": totals({0.0: 6, 1.0: 3, 8.0: 1})}))["a"]
    assert found[:2] == [(0.0, 0.6), (1.0, pytest.approx(0.9))]


def test_events_that_are_never_shown_keep_the_curve_below_all() -> None:
    found = curves(latency_cdf({"a": totals({0.0: 6, 1.0: 3}, never=1)}))["a"]
    assert found == [(0.0, 0.6), (1.0, 0.9)]


def test_a_curve_of_all_events_ends_at_the_tick_of_all_and_stays_there_to_the_edge() -> None:
    figure = latency_cdf({"a": totals({0.0: 1, 1.0: 1}), "late": totals({50.0: 1})})
    (axes,) = figure.axes
    ticks = {label.get_text(): label.get_position()[1] for label in axes.get_yticklabels()}
    first = axes.lines[0]
    assert np.asarray(first.get_ydata())[-1] == ticks["100 %"]
    assert np.asarray(first.get_xdata())[-1] > axes.get_xlim()[1] > 50


def test_where_nothing_is_shown_the_curve_is_flat_at_none() -> None:
    figure = latency_cdf({"nothing": totals({}, never=3)})
    assert set(np.asarray(figure.axes[0].lines[0].get_ydata()).tolist()) == {0.0}


@settings(max_examples=15)  # each draws a figure
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=200, unique=True), st.integers(0, 50))
def test_a_drawn_point_is_one_of_the_distribution_and_the_last_is_always_drawn(
    latencies_s: list[float], never: int
) -> None:
    made = totals(dict.fromkeys(sorted(latencies_s), 1), never)
    (axes,) = latency_cdf({"a": made}).axes
    highest = dict(zip([label.get_text() for label in axes.get_yticklabels()], axes.get_yticks(), strict=True))["100 %"]
    drawn = list(zip(*(np.asarray(data).tolist()[1:-1] for data in axes.lines[0].get_data()), strict=True))
    shares = (np.arange(len(latencies_s)) + 1) / (len(latencies_s) + never)
    exact = dict(zip(sorted(latencies_s), np.minimum(shares, highest).tolist(), strict=True))
    assert all(exact[time_s] == share for time_s, share in drawn)
    assert drawn[-1][0] == max(latencies_s)


def test_a_million_latencies_are_drawn_with_few_points() -> None:
    many_s = np.sort(np.random.default_rng(0).exponential(1.0, 1_000_000))
    crowd = replace(totals({}), latencies_s=many_s, shown=np.ones_like(many_s, np.int64))
    assert len(curves(latency_cdf({"a": crowd}))["a"]) <= 801, "one per cell along each of the two axes"


def test_polls_are_drawn_second_by_second_without_the_one_of_the_horizon() -> None:
    figure = polls_over_time({"a": totals({}, polls=(0, 3, 1, 9)), "b": totals({}, polls=(5, 0, 0, 0))})
    (axes,) = figure.axes
    assert heights(axes) == {"a": [0, 3, 1], "b": [5, 0, 0]}
    assert axes.get_xlim()[0] == axes.get_ylim()[0] == 0


def test_curves_are_told_apart_by_pattern_or_width_as_well_as_by_colour() -> None:
    colours, lines = zip(*LOOKS, strict=True)
    assert len(set(colours)) == len(set(map(str, lines))) == len(LOOKS)


@pytest.mark.parametrize("draw", [latency_cdf, polls_over_time])
def test_axes_have_labels_with_units_and_nothing_is_clipped(draw: Any) -> None:
    names = [f"a policy with a name {number}" for number in range(4)]
    figure: Figure = draw(dict.fromkeys(names, totals({0.0: 5, 3.0: 5})))
    figure.canvas.draw()
    (axes,) = figure.axes
    assert axes.get_xlabel().endswith("(s)")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == names
    low, high = axes.get_ylim()
    ticks = [tick.label1 for tick in axes.yaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    for part in (axes.xaxis.label, axes.yaxis.label, *ticks):
        box = part.get_window_extent()
        assert min(box.x0, box.y0) >= 0
        assert box.y1 <= figure.bbox.y1
