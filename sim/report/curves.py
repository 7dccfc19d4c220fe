"""Curves of totals, so that a million clients are drawn as one: latencies as a distribution, polls over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from sim.contract.totals import Totals
from sim.report.marks import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from sim.report.style import WIDTH_IN, clean_axes, legend_below, new_figure, styled

Line = tuple[str | tuple[float, Sequence[float]], float]
"""Pattern and width in points."""

LOOKS: Sequence[tuple[str, Line]] = (
    (BLUE, ("-", 2.6)),
    (ORANGE, ((0, (5, 1.5)), 2.0)),
    (GREEN, ((0, (1.2, 1.2)), 2.4)),
    (VERMILLION, ((0, (7, 1.5, 1.5, 1.5)), 1.8)),
    (PURPLE, ("-", 1.2)),
    (SKY, ((0, (2.5, 2.5)), 1.8)),
    (BLACK, ((0, (1, 2.5)), 1.8)),
)
"""Colour and line of each curve in order: one that lies on another leaves the other to be seen."""

LINEAR_S = 0.01
"""Latencies below are drawn in proportion, those above by their logarithm: so there is a place for 0."""

_TIMES_S = (0.0, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
_HIGHEST = 0.9997
"""Shares above are drawn here, as all of them: a stretched axis has no place for 100 %."""

_SHARES = {0.0: "0 %", 0.5: "50 %", 0.9: "90 %", 0.95: "95 %", 0.99: "99 %", 0.999: "99.9 %", _HIGHEST: "100 %"}
_TOP = 0.99976

_LINE_EM = 2.6
"""Of a line in the legend, so that its pattern is seen."""

_CELLS = 400
"""Along each axis; two points in one cell are drawn as one."""


def latency_cdf(named: Mapping[str, Totals]) -> Figure:
    """The share of all events that are shown within a time from their emission, a curve for each name.

    named: what is compared, such as worlds or policies, at least one, at most as many as there are LOOKS.

    Events that are never shown count too, so a curve ends below 100 % by their share. Time is logarithmic from LINEAR_S
    on; shares are stretched towards 100 %, evenly in log(1 - share), so that percentiles can be read off.
    """
    curves = {name: _shown_within(totals) for name, totals in named.items()}
    longest_s = max((float(times_s[-1]) for times_s, _ in curves.values() if len(times_s)), default=0.0)
    right_s = 1.6 * max(longest_s, LINEAR_S)
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 3.9)
        axes = figure.subplots()
        axes.set_xscale("symlog", linthresh=LINEAR_S, linscale=0.5)
        axes.set_yscale("function", functions=(_stretched, _unstretched))
        for number, (name, (times_s, shares)) in enumerate(curves.items()):
            x = np.concatenate([[-LINEAR_S], times_s, [10 * right_s]])
            y = np.concatenate([[0.0], shares, shares[-1:] if len(shares) else [0.0]])
            axes.step(x, np.minimum(y, _HIGHEST), where="post", label=name, **_look(number))
        axes.set_xlim(-0.15 * LINEAR_S, right_s)
        axes.set_ylim(0.0, _TOP)
        axes.xaxis.set_major_locator(FixedLocator([time_s for time_s in _TIMES_S if time_s <= right_s]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.set_yticks(list(_SHARES), list(_SHARES.values()))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("time from emission to first shown (s)")
        axes.set_ylabel("events shown by then")
        clean_axes(axes, "both")
        legend_below(figure, axes, handlelength=_LINE_EM)
    return figure


def polls_over_time(named: Mapping[str, Totals]) -> Figure:
    """Polls sent in each second, a curve for each name; the second in which the horizon lies is left out.

    named: what is compared, at least one, at most as many as there are LOOKS.
    """
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 3.4)
        axes = figure.subplots()
        for number, (name, totals) in enumerate(named.items()):
            polls = totals.polls_per_s[:-1] if len(totals.polls_per_s) > 1 else totals.polls_per_s
            axes.stairs(polls, np.arange(len(polls) + 1), label=name, **_look(number))
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.set_xlabel("time since the start (s)")
        axes.set_ylabel("polls per second")
        clean_axes(axes, "both")
        legend_below(figure, axes, handlelength=_LINE_EM)
    return figure


def _shown_within(totals: Totals) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Times in seconds, ascending, and the share of all emitted events that are shown within each."""
    shown = np.cumsum(totals.shown)
    if not len(shown):
        return np.empty(0), np.empty(0)
    never = totals.named["events_lost"]
    assert never is not None, "events are emitted in every world"
    shares = shown / (shown[-1] + never)
    cells = np.stack([np.arcsinh(totals.latencies_s / LINEAR_S), _stretched(shares)])
    spans = np.ptp(cells, axis=1, keepdims=True)
    rounded = np.rint(_CELLS * (cells - cells[:, :1]) / np.where(spans > 0, spans, 1))
    last = np.append(np.any(np.diff(rounded, axis=1) != 0, axis=0), True)
    return totals.latencies_s[last], shares[last]


def _stretched(share: npt.ArrayLike) -> npt.NDArray[np.float64]:
    stretched: npt.NDArray[np.float64] = -np.log1p(-np.minimum(share, _TOP))
    return stretched


def _unstretched(height: npt.ArrayLike) -> npt.NDArray[np.float64]:
    share: npt.NDArray[np.float64] = -np.expm1(-np.asarray(height))
    return share


def _look(number: int) -> dict[str, Any]:
    colour, (pattern, width) = LOOKS[number]
    return {"color": colour, "linestyle": pattern, "linewidth": width}
