"""Timelines: one client's story, as every world performed it or under several policies."""

import math
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.contract.script import Script
from sim.contract.trace import Row, Trace
from sim.report import labels
from sim.report.marks import AWAY, BLUE, HATCHES, LANES, MARKS, ORANGE, PURPLE, SKY
from sim.report.spans import Span, outage_spans, poll_spans, timer_spans, websocket_spans
from sim.report.style import GROUND, WIDTH_IN, clean_axes, new_figure, save, styled

__all__ = ["policies", "save", "story_client", "timeline"]

PANEL_IN = 2.5

_SPAN_COLOURS = {"open": BLUE, "timer re-armed or cleared": SKY, "timer ran out": ORANGE, "poll": ORANGE}
_SELF_EVIDENT = {"event emitted", "event shown", "open", "poll"}
"""What the name of its lane says already."""

_NUMBERED = {
    "event_emitted": "events emitted",
    "message_received": "messages",
    "message_lost": "messages",
    "event_shown": "events shown",
}
"""In which lane the events of rows of these kinds are numbered."""


def story_client(script: Script, trace: Trace) -> int:
    """The client with the most to tell: of most kinds of polls, losses and closes; of several the first."""
    telling = ("poll_sent", "poll_failed", "message_lost", "websocket_closed")
    told = {(row[1], row[2], row[4]) for row in trace.rows if row[2] in telling and 0 <= row[1] < script.clients}
    kinds = Counter(client for client, _, _ in told)
    return min(kinds, key=lambda client: (-kinds[client], client), default=0)


def timeline(script: Script, traces: Mapping[str, Trace], client: int) -> Figure:
    """One client's story: a panel per world, all over the same seconds.

    traces: by world, from top to bottom.
    """
    subtitle = f"policy {script.scenario.client.policy}, seed {script.seed}"
    if script.clients > 1:
        subtitle = f"client {client} of {script.clients:,}, {subtitle}"
    return _stories(script, {f"world {world}": trace for world, trace in traces.items()}, client, subtitle)


def policies(script: Script, traces: Mapping[str, Trace]) -> Figure:
    """The first client's story in the model: a panel per policy, all over the same seconds.

    script: what they perform, with any of these policies. traces: by policy, from top to bottom.
    """
    return _stories(script, {f"policy {policy}": trace for policy, trace in traces.items()}, 0, "")


def _stories(script: Script, traces: Mapping[str, Trace], client: int, subtitle: str) -> Figure:
    """A panel per trace, by what it is called."""
    rows = {name: [row for row in trace.rows if row[1] == client] for name, trace in traces.items()}
    limits = _limits_s(script, [row for of_trace in rows.values() for row in of_trace])
    with styled():
        figure = new_figure()
        title = figure.suptitle(_title(script.scenario.title, subtitle), fontsize=12.5)
        panels = figure.subplots(len(rows), sharex=True, squeeze=False)[:, 0]
        legend: dict[str, Artist] = {}
        for axes, (name, of_trace) in zip(panels, rows.items(), strict=True):
            _panel(axes, name, of_trace, limits, legend)
            away = outage_spans((row for row in traces[name].rows if row[1] < 0), limits[1])
            _draw_away(axes, [*away, *_partitions(script, client)], limits, legend)
        panels[-1].set_xlabel("time since the scenario's start (s)")
        order = [*MARKS, *_SPAN_COLOURS, *HATCHES, "terminal known"]
        names = sorted(
            legend.keys() - _SELF_EVIDENT, key=lambda name: order.index(name) if name in order else len(order)
        )
        columns = min(3, len(names))
        if names:
            handles = [legend[name] for name in names]
            figure.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False)
        lines = 1 + title.get_text().count("\n") + math.ceil(len(names) / max(columns, 1))
        figure.set_size_inches(WIDTH_IN, 0.5 + 0.22 * lines + PANEL_IN * len(rows))
    return figure


def _title(title: str, subtitle: str) -> str:
    title = "".join(filter(str.isprintable, title))  # others are no XML, and an SVG is
    even = math.ceil(len(title) / math.ceil(len(title) / 60)) + 6  # lines of about one length
    return "\n".join([*textwrap.wrap(title, even), *textwrap.wrap(subtitle, 66)]).replace(
        "$", r"\$"
    )  # a dollar sign would start a formula


def _limits_s(script: Script, rows: list[Row]) -> tuple[float, float]:
    """From the client's start to a little after its last happening or due time."""
    if not rows:
        return 0.0, max(script.horizon_us / 1e6, 1e-6)
    due_s = [span.until_s for span in timer_spans(rows, script.horizon_us / 1e6)]
    first_s = min(row[0] for row in rows) / 1e6
    last_s = max([row[0] / 1e6 for row in rows] + due_s)
    width_s = max(last_s - first_s, 1e-3)
    return first_s - 0.02 * width_s, last_s + 0.04 * width_s


def _panel(axes: Axes, name: str, rows: list[Row], limits: tuple[float, float], legend: dict[str, Artist]) -> None:
    end_s = limits[1]
    terminal_s = [row[0] / 1e6 for row in rows if row[2] == "terminal_reached"]
    told = f"terminal known at {round(terminal_s[0], 3):,.12g} s" if terminal_s else "terminal not known"
    axes.set_title(f"{name}: {told}".replace("$", r"\$"), loc="left")
    for span in [*websocket_spans(rows, end_s), *timer_spans(rows, end_s), *poll_spans(rows, end_s)]:
        _draw_span(axes, span, legend)
    for happening, places in _places(rows).items():
        mark = MARKS[happening]
        heights = [_height(mark.lane)] * len(places)
        (legend[happening],) = axes.plot(
            [time_s for time_s, _ in places],
            heights,
            linestyle="none",
            marker=mark.marker,
            markersize=9 if mark.thin else 7.5,
            markeredgewidth=2 if mark.thin else 1.3,
            color=mark.colour,
            markerfacecolor="white" if mark.hollow else mark.colour,
            label=happening,
            zorder=3,
        )
    _number_events(axes, rows, limits)
    for time_s in terminal_s:
        legend["terminal known"] = axes.axvline(
            time_s, color=PURPLE, linestyle=(0, (4, 2)), linewidth=1.8, label="terminal known", zorder=1
        )
    axes.set_xlim(*limits)
    axes.set_ylim(len(LANES) - 0.5, -0.65)
    axes.set_yticks(range(len(LANES)), LANES)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, steps=[1, 2, 5, 10], min_n_ticks=3))
    clean_axes(axes, "x")
    for number, lane in enumerate(LANES):
        axes.axhspan(number - 0.5, number + 0.5, color=_background(lane), zorder=-1)


def _background(lane: str) -> str:
    return "white" if LANES.index(lane) % 2 else GROUND


def _height(lane: str) -> float:
    """Where a lane lies; markers leave room above them for the event's number."""
    return LANES.index(lane) + (0.14 if lane in ("events emitted", "messages", "events shown") else 0.0)


def _draw_span(axes: Axes, span: Span, legend: dict[str, Artist]) -> None:
    height = _height(span.lane)
    thickness = {"polls": 0.16, "WebSocket open": 0.3}.get(span.lane, 0.46)
    legend[span.name] = axes.broken_barh(
        [(span.from_s, span.until_s - span.from_s)],
        (height - thickness / 2, thickness),
        facecolor=_SPAN_COLOURS[span.name],
        edgecolor="white",
        linewidth=1.2 if span.lane == "poll timer" else 0,
        label=span.name,
        zorder=2,
    )


def _partitions(script: Script, client: int) -> list[Span]:
    if client >= script.clients:
        return []
    windows = script.client(client).partition_windows
    return [Span("", AWAY["partition"], window.from_us / 1e6, window.until_us / 1e6) for window in windows]


def _draw_away(axes: Axes, spans: list[Span], limits: tuple[float, float], legend: dict[str, Artist]) -> None:
    for span in spans:
        if span.from_s < limits[1] and span.until_s > limits[0]:
            ends = max(span.from_s, limits[0]), min(span.until_s, limits[1])
            legend[span.name] = axes.axvspan(
                *ends, facecolor="none", edgecolor="#b0b0b0", hatch=HATCHES[span.name], linewidth=0, zorder=0
            )


def _places(rows: list[Row]) -> dict[str, list[tuple[float, int]]]:
    """Time and event of everything that has a marker, by the marker's name."""
    places: dict[str, list[tuple[float, int]]] = {}
    for row in rows:
        name = _name(row)
        if name is not None:
            places.setdefault(name, []).append((row[0] / 1e6, row[3]))
    for span in poll_spans(rows, float("inf")):
        fate = span.fate if span.fate in MARKS else "poll failed: other"
        places.setdefault(fate, []).append((span.from_s, -1))
    return places


def _name(row: Row) -> str | None:
    kind, detail = row[2], row[4]
    if kind == "message_received":
        return {"other": "message of another run", "heartbeat": "heartbeat"}.get(detail, "message received")
    if kind == "message_lost":
        return f"lost: {detail}" if f"lost: {detail}" in MARKS else "lost: another reason"
    if kind == "websocket_closed":
        return {"refused": "WebSocket refused", "client": "WebSocket closed by the client"}.get(
            detail, "WebSocket lost"
        )
    name = kind.replace("_", " ")
    return name if kind.startswith("event_") else None


def _number_events(axes: Axes, rows: Sequence[Row], limits: tuple[float, float]) -> None:
    """The index of each event above its marker."""
    character_s = 0.0115 * (limits[1] - limits[0])
    for lane in LANES:
        places = [(row[0] / 1e6, row[3]) for row in rows if _NUMBERED.get(row[2]) == lane and row[3] >= 0]
        for time_s, text in labels.shared(places, character_s):
            axes.annotate(
                text,
                (time_s, _height(lane)),
                xytext=(0, 6.5),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=9,
                color="#333333",
                bbox={"boxstyle": "square,pad=0.05", "facecolor": _background(lane), "edgecolor": "none"},
                zorder=2.5,
            )
