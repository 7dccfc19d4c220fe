"""The herd lab's results: a table for people, table.csv, and requests per second as a figure."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from sim.experiments.herd import Case, columns
from sim.report.experiments.tables import short
from sim.report.files import Pending
from sim.report.marks import BLACK, BLUE, GREEN, ORANGE, VERMILLION
from sim.report.style import WIDTH_IN, bands, clean_axes, legend_below, new_figure, save, styled
from sim.report.tables import Table

_LOOKS = {"none": (VERMILLION, "-"), "equal": (ORANGE, "--"), "full": (BLUE, "-")}
_MARKS = ((BLUE, "o"), (VERMILLION, "^"), (GREEN, "s"))


def table(cases: Sequence[Case]) -> Table:
    """A row per case; times are seconds after the restart."""
    numeric = (
        "clients",
        "level/s",
        "peak/s",
        "in theory",
        "after s",
        "calm s",
        "503",
        "wait p99 s",
        "recovered s",
        "hub p99 s",
    )
    shown = Table(
        ("clients", "jitter", *numeric[1:], "hub backlog", "stays under capacity"),
        numeric=(*numeric, "hub backlog"),
    )
    for case in cases:
        shown.rows.append(
            (
                f"{case.clients:,}",
                case.jitter,
                _text(case.level_per_s),
                f"{case.peak_per_s:,}",
                "-" if case.expected_peak_per_s is None else f"{case.expected_peak_per_s:,.0f}",
                str(case.peak_after_s),
                _or_never(case.calm_after_s),
                f"{case.queue.turned_away_share:.1%}",
                _text(case.queue.wait_s(0.99)),
                _or_never(case.recovered_after_s),
                _text(case.hub.handshake_wait_s(0.99)),
                f"{case.hub.largest_backlog:,}",
                advice(case),
            )
        )
    return shown


def advice(case: Case) -> str:
    """What it takes to stay under the capacity."""
    capacity = f"{_text(case.capacity_per_s)}/s"
    if case.delay_s is not None:
        return f"{capacity}: reconnect_delay_s >= {short(case.delay_s)}"
    if case.level_per_s > case.capacity_per_s:
        return f"{capacity}: impossible, more come before the restart already"
    if case.jitter == "none":
        return f"{capacity}: impossible, without jitter all come at once"
    return f"{capacity}: no delay up to 64 s does"


def figure(cases: Sequence[Case]) -> Figure:
    """Requests per second over time: a panel per number of clients, a line per kind of jitter."""
    counts = list(dict.fromkeys(case.clients for case in cases))
    with styled():
        made = new_figure()
        made.set_size_inches(WIDTH_IN, 2.4 * len(counts) + 0.6)
        panels = list(made.subplots(len(counts), 1, squeeze=False, sharex=True).flat)
        for axes, count in zip(panels, counts, strict=True):
            some = [case for case in cases if case.clients == count]
            for case in some:
                colour, style = _LOOKS[case.jitter]
                seconds = np.arange(len(case.requests_per_s)) - case.restart_s
                shown = np.maximum(case.requests_per_s, case.level_per_s / 100 or 0.5)
                axes.step(
                    seconds,
                    shown,
                    where="post",
                    color=colour,
                    linestyle=style,
                    linewidth=1.6,
                    label=f"jitter {case.jitter}",
                )
            axes.axhline(some[0].capacity_per_s, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.2, label="capacity")
            axes.axvline(0, color=BLACK, linestyle=":", linewidth=1.0, label="restart")
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
            axes.set_ylabel("requests per second")
            axes.set_title(f"{count:,} clients", loc="left")
            clean_axes(axes, "both")
        panels[-1].set_xlabel("seconds after the restart")
        legend_below(made, panels[0], most=5)
    return made


def peaks(cases: Sequence[Case]) -> Figure:
    """Requests in the fullest second as a share of the clients: a line per kind of jitter, a mark per population.

    cases: whose level before the restart and capacity, as shares, are nearly the same for every number of clients.
    """
    counts = list(dict.fromkeys(case.clients for case in cases))
    jitters = list(dict.fromkeys(case.jitter for case in cases))
    with styled():
        made = new_figure()
        made.set_size_inches(WIDTH_IN, 1.5 + 0.5 * len(jitters))
        axes = made.subplots()
        for number, count in enumerate(counts):
            some = [case for case in cases if case.clients == count]
            colour, marker = _MARKS[number % len(_MARKS)]
            heights = [jitters.index(case.jitter) + 0.22 * (number - (len(counts) - 1) / 2) for case in some]
            shares = [case.peak_per_s / count for case in some]
            label = f"{count:,} clients"
            axes.plot(shares, heights, marker, color=colour, markersize=8, markeredgecolor="white", label=label)
        first = cases[0]
        for name, value, style in (("before", first.level_per_s, ":"), ("capacity", first.capacity_per_s, (0, (4, 2)))):
            axes.axvline(value / first.clients, color=BLACK, linestyle=style, linewidth=1.4, label=name, zorder=1)
        bands(axes, len(jitters))
        axes.set_xlim(left=0)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("requests in the fullest second (% of the clients)")
        axes.set_ylim(len(jitters) - 0.5, -0.5)
        axes.set_yticks(range(len(jitters)), [f"jitter {jitter}" for jitter in jitters])
        clean_axes(axes, "x")
        legend_below(made, axes)
    return made


def write(cases: Sequence[Case], provenance: Mapping[str, Any], folder: Pending) -> None:
    """table.csv, requests.csv, figure.svg, figure.png and provenance.json."""
    rows = [dict(columns(case)) for case in cases]
    with (folder.part / "table.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with (folder.part / "requests.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream, lineterminator="\n")
        lines.writerow(("clients", "jitter", "second", "requests", "expected"))
        for case in cases:
            expected = [] if case.expected_per_s is None else case.expected_per_s.tolist()
            later = dict(enumerate(expected, start=case.restart_s))
            for second, requests in enumerate(case.requests_per_s.tolist()):
                lines.writerow((case.clients, case.jitter, second, requests, later.get(second)))
    drawn = figure(cases)
    for suffix in ("svg", "png"):
        save(drawn, Path(folder.part / f"figure.{suffix}"))
    text = json.dumps(provenance, indent=2, ensure_ascii=False) + "\n"
    (folder.part / "provenance.json").write_text(text, encoding="utf-8")


def _text(value: float | None) -> str:
    return "-" if value is None else short(value)


def _or_never(value: int | None) -> str:
    return "never" if value is None else str(value)
