"""Figures of experiments: measures along a sweep, and the front of a search with its answer."""

import math
import textwrap
from collections.abc import Sequence
from itertools import product

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from sim.experiments import grid
from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import AGE, REQUESTS, Tuning
from sim.measure.statistics import Estimate
from sim.report.experiments.axes import OF_MEASURES, of_key
from sim.report.experiments.tables import short
from sim.report.marks import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from sim.report.style import GROUND, WIDTH_IN, clean_axes, legend_below, new_figure, styled

PANEL_IN, WORDS_IN = 2.6, 0.7
"""How high a panel is, and what words below it take besides."""

_COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY)
_MARKERS = ("o", "^", "s", "X", "D", "v", "P")
_MOST_NAMED = 12
"""Lines that a legend still names."""


def sweep(found: Sweep, measures: Sequence[str]) -> Figure:
    """A panel per measure, over the first key that is varied; a line per combination of the others.

    found: over one key at least.
    """
    first, *others = found.over
    lines = _lines(found, others)
    with styled():
        below_in = 0.0 if _numeric(found.over[first]) else WORDS_IN
        figure, panels = _panels(len(measures), PANEL_IN + below_in, bool(others))
        for axes, name in zip(panels, measures, strict=True):
            for number, (label, samples) in enumerate(lines.items()):
                known = [(s.point[first], e) for s in samples if (e := s.estimate(name)) is not None]
                _line(axes, known, found.over[first], number, label)
            _ticks(axes, found.over[first])
            axes.set_xlabel(of_key(first))
            axes.set_ylabel(_lines_of(OF_MEASURES[name]))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
            _begin_at_zero(axes)
            clean_axes(axes, "both")
        if others and len(lines) <= _MOST_NAMED:
            legend_below(figure, panels[0], title=" and ".join(map(of_key, others)))
    return figure


def tuning(found: Tuning) -> Figure:
    """The front of age and requests, and a panel per SLO with its bound; the answer is marked in all."""
    with styled():
        figure, panels = _panels(1 + len(found.slos), PANEL_IN, legend=True)
        _candidates(panels[0], found, REQUESTS, AGE)
        _name_best(panels[0], found)
        line = [_of(found.samples[number], REQUESTS, AGE) for number in found.front]
        panels[0].plot(
            [one[0].value for one in line if one],
            [one[1].value for one in line if one],
            color=BLACK,
            linewidth=1.2,
            label="Pareto front",
            zorder=1,
        )
        for axes, slo in zip(panels[1:], found.slos, strict=True):
            _candidates(axes, found, found.minimised, slo.measure)
            axes.axhline(
                slo.bound, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.4, label="bound of the SLO", zorder=1
            )
            low, high = axes.get_ylim()
            axes.axhspan(*((slo.bound, high) if slo.is_upper else (low, slo.bound)), color=GROUND, zorder=-1)
            axes.set_ylim(low, high)
        handles: dict[str, Artist] = {}
        for axes in panels:
            for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
                handles.setdefault(name, handle)
        figure.legend(
            list(handles.values()),
            list(handles),
            loc="outside lower center",
            ncols=3,
            frameon=False,
        )
    return figure


def _panels(count: int, height_in: float, legend: bool) -> tuple[Figure, list[Axes]]:
    """So many panels, two a row; the last one alone where their number is odd."""
    figure = new_figure()
    rows = math.ceil(count / 2)
    figure.set_size_inches(WIDTH_IN, height_in * rows + (0.6 if legend else 0.0))
    panels = list(figure.subplots(rows, min(count, 2), squeeze=False).flat)
    for spare in panels[count:]:
        spare.remove()
    return figure, panels[:count]


def _lines(found: Sweep, others: Sequence[str]) -> dict[str, list[Sample]]:
    """The samples of each combination of the other keys' values."""
    lines: dict[str, list[Sample]] = {}
    for values in product(*(found.over[key] for key in others)):
        some = [s for s in found.samples if all(s.point[k] == v for k, v in zip(others, values, strict=True))]
        lines[", ".join(map(grid.label, values))] = some
    return lines


def _line(
    axes: Axes, known: Sequence[tuple[object, Estimate]], values: Sequence[object], number: int, label: str
) -> None:
    if not known:
        return
    places = [_place(value, values) for value, _ in known]
    estimates = [estimate for _, estimate in known]
    axes.errorbar(
        places,
        [one.value for one in estimates],
        yerr=[[one.value - one.low for one in estimates], [one.high - one.value for one in estimates]],
        color=_COLOURS[number % len(_COLOURS)],
        marker=_MARKERS[number % len(_MARKERS)],
        linestyle="-" if _numeric(values) else "none",
        linewidth=1.2,
        markersize=6,
        markeredgecolor="white",
        markeredgewidth=0.6,
        elinewidth=1.6,
        label=label or "_",
    )


def _numeric(values: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _place(value: object, values: Sequence[object]) -> float:
    """Where a value stands: at itself where it is a number, else by its turn."""
    return float(value) if _numeric(values) and isinstance(value, int | float) else float(list(values).index(value))


def _ticks(axes: Axes, values: Sequence[object]) -> None:
    if _numeric(values):
        axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    else:
        axes.set_xticks(range(len(values)), [grid.label(value) for value in values], rotation=20, ha="right")
        axes.set_xlim(-0.5, len(values) - 0.5)


def _begin_at_zero(axes: Axes) -> None:
    """Where that does not press the data together, and nothing lies below."""
    low, high = axes.dataLim.intervaly
    if low == high == 0:
        axes.set_ylim(-0.05, 1)
    elif 0 <= low < 0.5 * high:
        axes.set_ylim(bottom=-0.02 * high)


def _of(sample: Sample, across: str, upwards: str) -> tuple[Estimate, Estimate] | None:
    x, y = sample.estimate(across), sample.estimate(upwards)
    return (x, y) if x and y else None


def _candidates(axes: Axes, found: Tuning, across: str, upwards: str) -> None:
    """Every candidate with its intervals, told apart by whether it keeps the SLOs."""
    looks = {"best": ("*", GREEN, 15), "keeps the SLOs": ("o", BLUE, 6), "breaks an SLO": ("X", VERMILLION, 7)}
    for number, sample in enumerate(found.samples):
        both = _of(sample, across, upwards)
        if both is None:
            continue
        x, y = both
        name = "best" if number == found.best else "breaks an SLO" if found.broken(number) else "keeps the SLOs"
        marker, colour, size = looks[name]
        axes.errorbar(
            [x.value],
            [y.value],
            xerr=[[x.value - x.low], [x.high - x.value]],
            yerr=[[y.value - y.low], [y.high - y.value]],
            color=colour,
            marker=marker,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.6,
            elinewidth=1.6,
            linestyle="none",
            label=name,
            zorder=4 if name == "best" else 3,
        )
    _stretch(axes)
    axes.set_xlabel(OF_MEASURES[across])
    axes.set_ylabel(_lines_of(OF_MEASURES[upwards]))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    clean_axes(axes, "both")


def _stretch(axes: Axes) -> None:
    """Take a logarithmic scale across where candidates span more than a decade."""
    low, high = axes.dataLim.intervalx
    if low > 0 and high > 10 * low:
        axes.set_xscale("log")
        if high < 100 * low:
            axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _lines_of(label: str) -> str:
    """In two lines of about one length where one would be higher than the panel."""
    return label if len(label) <= 25 else textwrap.fill(label, len(label) // 2 + 4)


def _name_best(axes: Axes, found: Tuning) -> None:
    """The best candidate's values where a front leaves room, above to the right."""
    if found.best is not None:
        lines = [f"{of_key(key)}: {grid.label(value)}" for key, value in found.samples[found.best].point.items()]
        text = "\n".join(["best", *lines])
        axes.text(0.97, 0.96, text, transform=axes.transAxes, ha="right", va="top", fontsize=10, color=GREEN)
