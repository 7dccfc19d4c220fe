"""Plots of the audit: how surely a dropped event is lost, what is missed per run, what the approaches cost."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from sim.audit.benefits import Benefits
from sim.audit.loss import (
    INTERVAL_S,
    INTERVALS_S,
    RATE_PER_S,
    EachDropped,
    OneDropped,
    each_in_theory,
    one_in_theory,
)
from sim.measure.statistics import Estimate
from sim.report.marks import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from sim.report.style import WIDTH_IN, bands, clean_axes, legend_below, new_figure, styled

LOOKS = {
    "websocket-only": (VERMILLION, "X"),
    "polling-only": (ORANGE, "^"),
    "hybrid": (BLUE, "o"),
    "hybrid-backoff": (SKY, "v"),
    "hybrid-cursor": (GREEN, "s"),
}
"""Colour and marker of each policy, the same in all plots."""

OF_INTERVALS = dict(zip(INTERVALS_S, ((SKY, "v"), (ORANGE, "^"), (BLUE, "o"), (PURPLE, "D")), strict=True))


def one_dropped(found: Sequence[OneDropped]) -> Figure:
    """How surely the event of one dropped message is lost, over the rate of messages, for several intervals."""
    low, high = min(one.rate_per_s for one in found) / 2, max(one.rate_per_s for one in found) * 1.5
    rates = np.geomspace(low, high, 81).tolist()
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 3.9)
        axes = figure.subplots()
        for interval_s, (colour, marker) in OF_INTERVALS.items():
            points = [one for one in found if one.interval_s == interval_s]
            theory = [one_in_theory(rate, interval_s) for rate in rates]
            axes.plot(rates, theory, color=colour, linewidth=1.8)
            label = f"{interval_s:g} s" + (" (document)" if interval_s == INTERVAL_S else "")
            _points(axes, [p.rate_per_s for p in points], [p.model for p in points], colour, marker, label=label)
        axes.axvline(RATE_PER_S, color=BLACK, linestyle=(0, (1, 2)), linewidth=1.2, zorder=1)
        axes.annotate(
            "the document's\n10 events in 30 s",
            (RATE_PER_S, 0.97),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=10,
        )
        axes.set_xscale("log")
        axes.set_xlim(low, high)
        ticks = [0.1, 0.2, 0.5, 1, 2, 5]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_ylim(-0.02, 1.03)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("messages per second (logarithmic)")
        axes.set_ylabel("lost for good (% of runs)")
        clean_axes(axes, "both")
        _legend(figure, axes, "poll interval:")
    return figure


def each_dropped(found: Sequence[EachDropped]) -> Figure:
    """What is missed and what is asked for, over the probability of a loss, for each policy."""
    most = max(each.loss for each in found)
    losses = np.linspace(0, most * 1.04, 53).tolist()
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 3.6)
        missed, polls = figure.subplots(1, 2)
        missed.plot(losses, [each_in_theory(loss) for loss in losses], color=LOOKS["hybrid"][0], linewidth=1.8)
        for policy in dict.fromkeys(each.policy for each in found):
            colour, marker = LOOKS[policy]
            points = [each for each in found if each.policy == policy]
            at = [each.loss for each in points]
            _points(missed, at, [each.never_shown for each in points], colour, marker, label=policy)
            _points(polls, at, [each.polls for each in points], colour, marker)
        missed.set_ylabel("events never shown, per run")
        polls.set_ylabel("polls per run")
        missed.set_ylim(-0.01, None)
        polls.set_ylim(0, None)
        for axes in (missed, polls):
            axes.set_xlim(0, most * 1.04)
            axes.xaxis.set_major_formatter(PercentFormatter(1.0))
            axes.set_xlabel("messages lost")
            clean_axes(axes, "both")
        _legend(figure, missed)
    return figure


def approaches(benefits: Benefits) -> Figure:
    """What each policy misses and asks for under each condition: one line of marks per condition."""
    panels = {"runs_missing_share": "runs that miss an event", "polls_per_run": "polls per run"}
    conditions = [condition.name for condition in benefits.conditions]
    with styled():
        figure = new_figure()
        figure.set_size_inches(WIDTH_IN, 1.4 + 0.66 * len(conditions))
        both = figure.subplots(1, 2, sharey=True)
        for axes, (measure, label) in zip(both, panels.items(), strict=True):
            for number, policy in enumerate(benefits.policies):
                colour, marker = LOOKS[policy]
                heights = [row + 0.17 * (number - (len(benefits.policies) - 1) / 2) for row in range(len(conditions))]
                values = [benefits.of(condition, policy)[measure] for condition in conditions]
                _points(axes, heights, values, colour, marker, across=True, label=policy)
            axes.set_xlabel(label)
            bands(axes, len(conditions))
            clean_axes(axes, "x")
        both[0].xaxis.set_major_formatter(PercentFormatter(1.0))
        both[0].set_xlim(-0.03, 1.03)
        both[1].set_xlim(-0.3, None)
        both[0].set_ylim(len(conditions) - 0.5, -0.5)
        both[0].set_yticks(range(len(conditions)), conditions)
        _legend(figure, both[0])
    return figure


def _points(
    axes: Axes,
    at: Iterable[float],
    values: Sequence[Estimate],
    colour: str,
    marker: str,
    *,
    across: bool = False,
    label: str = "",
) -> None:
    """Values with their intervals, upwards over `at` or across at these heights."""
    centres = [value.value for value in values]
    spans = [[v.value - v.low for v in values], [v.high - v.value for v in values]]
    where: dict[str, Any] = {"x": centres, "y": at, "xerr": spans} if across else {"x": at, "y": centres, "yerr": spans}
    axes.errorbar(
        **where,
        fmt=marker,
        color=colour,
        markersize=7,
        markeredgecolor="white",
        markeredgewidth=0.6,
        elinewidth=1.6,
        label=label or "_",
        zorder=3,
    )


def _legend(figure: Figure, axes: Axes, title: str = "") -> None:
    _, names = axes.get_legend_handles_labels()
    legend_below(figure, axes, most=3 if len(names) == 5 else 4, title=title)
