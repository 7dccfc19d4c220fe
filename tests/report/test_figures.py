from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace
from sim.report import figures
from sim.report.marks import MARKS
from sim.worlds import perform

EVENTS = [
    {"at_s": 1.0, "type": "node_completed"},
    {"at_s": 2.0, "type": "node_completed"},
    {"at_s": 9.0, "type": "node_completed"},
    {"at_s": 20.0, "type": "workflow_completed"},
]
BUSY: dict[str, Any] = {
    "title": "A busy story of 5 $ or less: $x$",
    "horizon_s": 60.0,
    "workload": {"events": EVENTS, "other_events": [{"at_s": 3.0, "type": "node_completed"}]},
    "websocket": {"latency_s": 0.5},
    "polling": {"latency_s": 0.5},
    "fault": [
        {"kind": "message-lost", "event": 1},
        {"kind": "connection-lost", "at_s": 9.25},
        {"kind": "poll-failed", "polls": [1]},
        {"kind": "poll-failed", "polls": [2], "manner": "timeout"},
    ],
}


def performed(**changes: Any) -> tuple[Script, Trace]:
    script = realize(Scenario.from_dict(BUSY | changes), 0)
    return script, perform(script)


def drawn(axes: Axes) -> dict[str, int]:
    """How many markers each line of a panel has, by its label."""
    return {str(line.get_label()): np.size(line.get_xdata()) for line in axes.lines if line.get_marker() != "None"}


def kinds(trace: Trace, client: int = 0) -> Counter[str]:
    return Counter(row[2] for row in trace.rows if row[1] == client)


def test_every_happening_of_the_trace_has_its_marker() -> None:
    script, trace = performed()
    (axes,) = figures.timeline(script, {"model": trace}, 0).axes
    count = kinds(trace)
    assert drawn(axes) == {
        "event emitted": count["event_emitted"],
        "message received": 1,
        "message of another run": 1,
        "lost: fault": 1,
        "lost: connection-lost": 1,
        "lost: no-connection": 1,
        "WebSocket lost": 1,
        "event shown": count["event_shown"],
        "poll answered": count["poll_answered"],
        "poll failed: error": 1,
        "poll failed: timeout": 1,
    }
    assert count["message_lost"] == 3
    assert count["poll_sent"] == count["poll_answered"] + 2


def test_spans_are_as_long_as_in_the_trace() -> None:
    script, trace = performed()
    (axes,) = figures.timeline(script, {"model": trace}, 0).axes
    widths: dict[str, list[float]] = {}
    for bars in axes.collections:
        for path in bars.get_paths():
            widths.setdefault(str(bars.get_label()), []).append(round(path.get_extents().width, 6))
    assert widths["open"] == [9.25]
    assert widths["timer ran out"] == [4.0] * kinds(trace)["poll_sent"]
    assert widths["poll"][:3] == [0.5, 0.5, 10.0]


def test_the_terminal_is_a_line_across_the_panel() -> None:
    script, trace = performed()
    (axes,) = figures.timeline(script, {"model": trace}, 0).axes
    (line,) = (line for line in axes.lines if line.get_label() == "terminal known")
    (at_us,) = (row[0] for row in trace.rows if row[2] == "terminal_reached")
    assert np.asarray(line.get_xdata()).tolist() == [at_us / 1e6] * 2


def test_worlds_are_stacked_in_order_over_the_same_seconds() -> None:
    script, trace = performed()
    later = Trace([(row[0] + 3000, *row[1:]) for row in trace.rows], world="live")
    panels = figures.timeline(script, {"model": trace, "live": later}, 0).axes
    assert [panel.get_title(loc="left").split(":")[0] for panel in panels] == ["world model", "world live"]
    assert panels[0].get_xlim() == panels[1].get_xlim()
    assert panels[0].get_position().y0 > panels[1].get_position().y1
    assert panels[1].get_xlabel().endswith("(s)")


def test_only_the_chosen_client_is_drawn() -> None:
    script, trace = performed(client={"count": 3, "start_s": {"uniform": [0, 4]}})
    (axes,) = figures.timeline(script, {"model": trace}, 2).axes
    assert drawn(axes)["event emitted"] == 4
    assert "client 2 of 3" in str(axes.figure.get_suptitle())


def test_the_story_is_of_the_first_client_that_polled_or_lost_something() -> None:
    script, _ = performed(client={"count": 5})
    quiet: Row = (0, 0, "timer_armed", -1, "4.000000")
    lost: Row = (5, 4, "message_lost", 0, "fault")
    polled: Row = (6, 3, "poll_sent", -1, "")
    infrastructure: Row = (1, -1, "websocket_closed", -1, "")
    assert figures.story_client(script, Trace([quiet, lost, polled, infrastructure])) == 3
    assert figures.story_client(script, Trace([quiet])) == 0
    assert figures.story_client(script, Trace([])) == 0


def test_a_client_without_rows_gives_empty_panels(tmp_path: Path) -> None:
    script, _ = performed(horizon_s=0.0)
    figure = figures.timeline(script, {"model": Trace([])}, 0)
    assert drawn(figure.axes[0]) == {}
    figures.save(figure, tmp_path / "empty.png")


def test_a_reason_that_nobody_knows_is_drawn_as_such() -> None:
    script, _ = performed()
    rows: list[Row] = [
        (1, 0, "message_lost", 0, "gremlins"),
        (2, 0, "poll_sent", -1, ""),
        (3, 0, "poll_failed", -1, "gremlins"),
    ]
    (axes,) = figures.timeline(script, {"theirs": Trace(rows)}, 0).axes
    assert drawn(axes) == {"lost: another reason": 1, "poll failed: other": 1}


def test_heartbeats_and_what_the_client_closes_itself_have_marks_of_their_own() -> None:
    script, _ = performed()
    rows: list[Row] = [(1, 0, "message_received", -1, "heartbeat"), (2, 0, "websocket_closed", -1, "client")]
    (axes,) = figures.timeline(script, {"model": Trace(rows)}, 0).axes
    assert drawn(axes) == {"heartbeat": 1, "WebSocket closed by the client": 1}


def test_policies_are_stacked_in_order_over_the_same_seconds() -> None:
    script, trace = performed()
    later = Trace([(row[0] + 3000, *row[1:]) for row in trace.rows])
    figure = figures.policies(script, {"hybrid": trace, "hybrid-cursor": later})
    titles = [panel.get_title(loc="left").split(":")[0] for panel in figure.axes]
    assert titles == ["policy hybrid", "policy hybrid-cursor"]
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    assert "seed" not in str(figure.get_suptitle())


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_same_traces_give_the_same_bytes_whatever_the_users_style(tmp_path: Path, suffix: str) -> None:
    script, trace = performed()
    files = [tmp_path / f"{name}.{suffix}" for name in ("a", "b")]
    figures.save(figures.timeline(script, {"model": trace}, 0), files[0])
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.hashsalt": None}):
        figures.save(figures.timeline(script, {"model": trace}, 0), files[1])
    assert files[0].read_bytes() == files[1].read_bytes()
    if suffix == "svg":
        assert ElementTree.parse(files[0]).getroot().tag.endswith("svg")
        assert b"<dc:date>" not in files[0].read_bytes()


def test_a_title_in_any_script_is_drawn_without_a_word(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    script, trace = performed(title="\N{SNOWMAN}\N{GRINNING FACE}\N{HIRAGANA LETTER A}")
    figures.save(figures.timeline(script, {"model": trace}, 0), tmp_path / "a.svg")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    assert not recwarn.list


def test_nothing_is_clipped_and_no_numbers_overlap() -> None:
    script, trace = performed()
    figure = figures.timeline(script, {"model": trace, "live": trace}, 0)
    figure.canvas.draw()
    page = figure.bbox
    for axes in figure.axes:
        numbers = [text.get_window_extent() for text in axes.texts]
        assert not any(a.overlaps(b) for n, a in enumerate(numbers) for b in numbers[:n])
        for text in [*axes.get_yticklabels(), axes.title, axes._left_title, *axes.texts]:  # type: ignore[attr-defined]
            assert _inside(text.get_window_extent(), page)
    assert _inside(_legend(figure).get_window_extent(), page)


def _legend(figure: Figure) -> Any:
    (legend,) = figure.legends
    return legend


def _inside(box: Any, page: Any) -> bool:
    return bool(box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1)


def away(axes: Axes) -> list[tuple[float, float]]:
    """The hatched spans of a panel."""
    return [(patch.get_x(), patch.get_width()) for patch in axes.patches if patch.get_hatch()]  # type: ignore[attr-defined]


def test_an_outage_is_hatched_from_its_beginning_to_its_end_and_named_in_the_legend() -> None:
    script, trace = performed(fault=[{"kind": "redis-outage", "at_s": 3.0, "for_s": 2.0}])
    figure = figures.timeline(script, {"model": trace}, 0)
    assert away(figure.axes[0]) == [(3.0, 2.0)]
    assert "Redis away" in {text.get_text() for text in figure.legends[0].get_texts()}


def test_a_clients_partition_is_hatched_and_anothers_is_not() -> None:
    fault = [{"kind": "partition", "at_s": 3.0, "for_s": 2.0, "fraction": 0.5}]
    script, trace = performed(fault=fault, client={"count": 2})
    assert away(figures.timeline(script, {"model": trace}, 0).axes[0]) == []
    assert away(figures.timeline(script, {"model": trace}, 1).axes[0]) == [(3.0, 2.0)]


def test_each_reason_of_a_loss_has_a_mark_of_its_own() -> None:
    reasons = ("fault", "no-connection", "connection-lost", "redis-outage", "no-subscriber", "half-open", "overflow")
    assert len({MARKS[f"lost: {reason}"].marker for reason in reasons}) == len(reasons)


def test_the_client_with_the_most_kinds_of_trouble_is_shown() -> None:
    faults = [
        {"kind": "message-lost", "event": 0},
        {"kind": "connection-lost", "at_s": 5.0, "fraction": 0.5},
    ]
    script, trace = performed(fault=faults, client={"count": 2})
    assert figures.story_client(script, trace) == 1
