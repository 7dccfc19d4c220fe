from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.contract.claim import MEASURES
from sim.experiments.stopping import Stopping
from sim.experiments.sweep import Sweep
from sim.report.experiments import figures
from sim.report.experiments.axes import OF_MEASURES, of_key
from sim.report.experiments.tables import HEADLINES
from tests.experiments.small import INTERVAL, SCENARIO, sample

from .made import sweep, tuning


def by_words() -> Sweep:
    """Over a key whose values are no numbers."""
    policies = ("hybrid", "polling-only", "hybrid-cursor")
    samples = tuple(sample({"client.policy": policy}, age_mean_s=[1.0, 2.0]) for policy in policies)
    return Sweep(SCENARIO, {"client.policy": policies}, "model", 0, Stopping(2, 2), samples, 0)


def crowded() -> Sweep:
    """More lines than a legend can name."""
    over = {INTERVAL: (1, 2), "client.count": tuple(range(1, 21))}
    samples = tuple(sample({INTERVAL: i, "client.count": c}, age_mean_s=[1.0, c]) for i in (1, 2) for c in range(1, 21))
    return Sweep(SCENARIO, over, "model", 0, Stopping(2, 2), samples, 0)


FIGURES = {
    "sweep": figures.sweep(sweep(), HEADLINES),
    "of one measure": figures.sweep(sweep(), ["polls_per_s_mean"]),
    "of five": figures.sweep(sweep(), MEASURES[:5]),
    "by words": figures.sweep(by_words(), HEADLINES),
    "crowded": figures.sweep(crowded(), ["age_mean_s"]),
    "tuning": figures.tuning(tuning()),
    "nothing found": figures.tuning(tuning(bound=0.5)),
}


def points(axes: Axes) -> dict[str, list[tuple[float, float]]]:
    """The marked points of each label."""
    found: dict[str, list[tuple[float, float]]] = {}
    for bars in axes.containers:
        line = bars.lines[0]  # type: ignore[attr-defined]
        at = zip(np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist(), strict=True)
        found.setdefault(str(bars.get_label()), []).extend(at)
    return found


def test_a_sweep_has_a_panel_per_measure_and_a_line_per_combination_of_the_other_keys() -> None:
    found = sweep()
    panels = FIGURES["sweep"].axes
    assert [axes.get_ylabel().replace("\n", " ") for axes in panels] == [OF_MEASURES[name] for name in HEADLINES]
    lines = points(panels[0])
    assert list(lines) == ["hybrid", "polling-only"]
    means = [one.value for one in found.values("polls_per_s_mean") if one]
    assert lines["hybrid"] == list(zip((1, 2, 4), means[::2], strict=True))
    assert lines["polling-only"] == list(zip((1, 2, 4), means[1::2], strict=True))


def test_values_that_are_no_numbers_stand_side_by_side() -> None:
    axes = FIGURES["by words"].axes[1]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["hybrid", "polling-only", "hybrid-cursor"]
    assert points(axes)["_"] == [(0, 1.5), (1, 1.5), (2, 1.5)]


def test_a_search_marks_the_best_what_is_kept_and_what_is_broken_on_front_and_slo() -> None:
    front, slo = FIGURES["tuning"].axes
    assert {name: len(places) for name, places in points(front).items()} == {
        "keeps the SLOs": 1,
        "best": 1,
        "breaks an SLO": 1,
    }
    assert points(front)["best"] == [(20.0, 3.2)]
    assert np.round(points(slo)["best"], 9).tolist() == [[20.0, 1.6]]
    (line,) = [line for line in front.lines if line.get_label() == "Pareto front"]
    assert np.asarray(line.get_xdata()).tolist() == pytest.approx([10, 20, 40])
    (bound,) = [line for line in slo.lines if line.get_label() == "bound of the SLO"]
    assert np.asarray(bound.get_ydata()).tolist() == [2.0, 2.0]
    assert "poll interval (s): 2" in front.texts[0].get_text()
    assert len(FIGURES["nothing found"].axes[0].texts) == 0


@pytest.mark.parametrize("name", FIGURES)
def test_axes_have_labels_and_nothing_is_clipped(name: str) -> None:
    figure = FIGURES[name]
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        texts = [
            axes.xaxis.label,
            axes.yaxis.label,
            *_drawn(axes.xaxis, axes.get_xlim()),
            *_drawn(axes.yaxis, axes.get_ylim()),
        ]
        assert all(_inside(text.get_window_extent(), figure) for text in [*texts, *axes.texts] if text.get_text())
    for legend in figure.legends:
        assert _inside(legend.get_window_extent(), figure)


def test_no_two_panels_overlap() -> None:
    for figure in FIGURES.values():
        figure.canvas.draw()
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        pairs = [(a, b) for number, a in enumerate(boxes) for b in boxes[:number] if a and b]
        assert not any(a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1 for a, b in pairs)


def test_a_legend_names_no_more_lines_than_it_can() -> None:
    assert FIGURES["crowded"].legends == []
    assert len(FIGURES["sweep"].legends) == 1


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("client.poll_interval_s", "poll interval (s)"),
        ("fault.0.probability", "probability"),
        ("fault.0.bytes_per_s", "bytes (/s)"),
        ("workload.payload_bytes", "payload (bytes)"),
        ("client.policy", "policy"),
    ],
)
def test_a_key_is_told_in_words_with_its_unit(key: str, words: str) -> None:
    assert of_key(key) == words


def test_every_measure_has_a_name_and_those_in_seconds_say_so() -> None:
    assert OF_MEASURES.keys() == set(MEASURES)
    assert all(("(s)" in words) == name.endswith("_s") for name, words in OF_MEASURES.items())


def _drawn(axis: Any, limits: Sequence[float]) -> list[Any]:
    """The labels of ticks within the axis; others are not drawn."""
    low, high = sorted(limits)
    return [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]


def _inside(box: Any, figure: Figure) -> bool:
    page = figure.bbox
    return bool(box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1)
