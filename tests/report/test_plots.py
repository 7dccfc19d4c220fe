from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.audit.benefits import Benefits, Measured
from sim.audit.conditions import CONDITIONS
from sim.audit.loss import (
    INTERVALS_S,
    LOSSES,
    POLICIES,
    RATES_PER_S,
    EachDropped,
    OneDropped,
    each_in_theory,
    one_in_theory,
)
from sim.measure.statistics import Estimate
from sim.report import plots

ONE = [
    OneDropped(rate, interval, one_in_theory(rate, interval), Estimate(0.5, 0.4, 0.7))
    for interval in INTERVALS_S
    for rate in RATES_PER_S
]
EACH = [
    EachDropped(policy, loss, None, Estimate(0.1, 0.05, 0.2), Estimate(4.0, 3.0, 5.5))
    for policy in POLICIES
    for loss in LOSSES
]


def benefits() -> Benefits:
    policies = ("websocket-only", "polling-only", "hybrid", "hybrid-backoff", "hybrid-cursor")
    values = {"runs_missing_share": Estimate(0.2, 0.1, 0.4), "polls_per_run": Estimate(3.0, 2.0, 4.0)}
    measured = tuple(Measured(condition.name, policy, values) for condition in CONDITIONS for policy in policies)
    return Benefits(CONDITIONS, policies, 2, 5, measured, (), ())


def curves(axes: Axes) -> list[Any]:
    """The lines without markers that are not upright."""
    return [line for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() == "None"]


def points(axes: Axes) -> dict[str, list[tuple[float, float]]]:
    """The marked points of each label, those without one under ''."""
    found: dict[str, list[tuple[float, float]]] = {}
    for bars in axes.containers:
        line = bars.lines[0]  # type: ignore[attr-defined]
        at = zip(np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist(), strict=True)
        found.setdefault(str(bars.get_label()).strip("_"), []).extend(at)
    return found


def spans(axes: Axes, upright: bool = True) -> set[tuple[float, float]]:
    """From where to where the intervals of the points reach."""
    segments = [segment for bars in axes.collections for segment in getattr(bars, "get_segments", list)()]
    return {tuple(np.round(segment[:, int(upright)], 6).tolist()) for segment in segments}


def test_each_interval_has_its_curve_and_its_points() -> None:
    (axes,) = plots.one_dropped(ONE).axes
    assert len(curves(axes)) == len(INTERVALS_S)
    for curve, interval_s in zip(curves(axes), INTERVALS_S, strict=True):
        x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
        assert y == pytest.approx([one_in_theory(rate, interval_s) for rate in x])
    assert list(points(axes)) == ["1 s", "2 s", "4 s (document)", "10 s"]
    assert all(found == [(rate, 0.5) for rate in RATES_PER_S] for found in points(axes).values())
    assert spans(axes) == {(0.4, 0.7)}


def test_each_policy_has_its_points_and_the_documented_one_its_curve() -> None:
    missed, polls = plots.each_dropped(EACH).axes
    (curve,) = curves(missed)
    x, y = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert y == pytest.approx([each_in_theory(loss) for loss in x])
    assert points(missed) == {policy: [(loss, 0.1) for loss in LOSSES] for policy in POLICIES}
    assert sorted(points(polls)[""]) == sorted((loss, 4.0) for loss in LOSSES for _ in POLICIES)
    assert (spans(missed), spans(polls)) == ({(0.05, 0.2)}, {(3.0, 5.5)})


def test_each_condition_is_a_line_of_marks_by_policy_that_do_not_share_a_height() -> None:
    missing, polls = plots.approaches(benefits()).axes
    assert [label.get_text() for label in missing.get_yticklabels()] == [condition.name for condition in CONDITIONS]
    for axes, value, span in ((missing, 0.2, (0.1, 0.4)), (polls, 3.0, (2.0, 4.0))):
        found = [point for of_policy in points(axes).values() for point in of_policy]
        assert {x for x, _ in found} == {value}
        assert sorted({round(y) for _, y in found}) == list(range(len(CONDITIONS)))
        assert len({y for _, y in found}) == len(found) == 5 * len(CONDITIONS)
        assert spans(axes, upright=False) >= {span}


@pytest.mark.parametrize("figure", [plots.one_dropped(ONE), plots.each_dropped(EACH), plots.approaches(benefits())])
def test_axes_have_labels_and_nothing_is_clipped(figure: Figure) -> None:
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.get_xlabel()
        low, high = sorted(axes.get_ylim())
        ticks = [
            tick.label1 for tick in axes.yaxis.get_major_ticks() if low <= tick.get_loc() <= high
        ]  # others are not drawn
        texts = [axes.xaxis.label, axes.yaxis.label, *ticks, *axes.texts]
        assert all(_inside(text.get_window_extent(), figure.bbox) for text in texts if text.get_text())
    (legend,) = figure.legends
    assert _inside(legend.get_window_extent(), figure.bbox)


def test_policies_and_intervals_are_told_apart_by_shape_as_well_as_by_colour() -> None:
    for looks in (plots.LOOKS.values(), plots.OF_INTERVALS.values()):
        colours, markers = zip(*looks, strict=True)
        assert len(set(colours)) == len(set(markers)) == len(looks)


def _inside(box: Any, page: Any) -> bool:
    return bool(box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1)
