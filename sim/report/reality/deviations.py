"""How far the live world's times lie from the model's, and from its own second performance, scenario by scenario."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from sim.report.marks import BLACK, BLUE, ORANGE
from sim.report.reality.gather import Held
from sim.report.reality.recording import Performed
from sim.report.style import WIDTH_IN, bands, clean_axes, legend_below, new_figure, styled
from sim.verify.agreement import Agreement

SMALLEST_S = 0.001
"""Smaller deviations are drawn here, so that a logarithmic axis has a place for them."""

_TICKS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def deviations(counted: Sequence[tuple[Held, Performed]], margin_s: float) -> Figure:
    """A line of marks per scenario, at least one; hollow where something is not decided."""
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 1.4 + 0.215 * len(counted))
        axes = figure.subplots()
        _marks(axes, (live.held for _, live in counted), BLUE, "o", -0.14, "live and model")
        _marks(axes, (live.again for _, live in counted), ORANGE, "^", 0.14, "live and live again")
        axes.axvline(margin_s, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.4, label="margin", zorder=1)
        axes.plot([], [], "o", markerfacecolor="white", markeredgecolor=BLACK, label="something not decided")
        bands(axes, len(counted))
        axes.set_xscale("log")
        axes.set_xlim(SMALLEST_S * 0.9, margin_s * 1.25)
        axes.set_xticks(_TICKS_S)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel("largest deviation of any time (s, logarithmic)")
        axes.set_ylim(len(counted) - 0.5, -0.5)
        axes.set_yticks(range(len(counted)), [one.name for one, _ in counted], fontsize=9.5)
        clean_axes(axes, "x")
        legend_below(figure, axes)
    return figure


def _marks(axes: Axes, found: Iterable[Agreement | None], colour: str, marker: str, above: float, label: str) -> None:
    for row, one in enumerate(found):
        if one is not None and one.largest_s is not None:
            face = colour if one.verdict == "agree" else "white"
            at = max(one.largest_s, SMALLEST_S), row + above
            axes.plot(*at, marker, markersize=5.5, markeredgecolor=colour, markerfacecolor=face, zorder=3)
    axes.plot([], [], marker, color=colour, label=label)
