"""The protocol that is offered beside the document: what it does, and what it keeps where the document does not."""

from collections.abc import Sequence

from sim.audit.statement import Statement
from sim.report.audit import statements
from sim.report.page import Grid, Link, Paragraph, Points, Section
from sim.verify.guarantee import Guarantee

TITLE = "The cursor protocol"


def section(ours: Sequence[Statement], found: Guarantee) -> Section:
    """The protocol in short, its guarantee on random scripts, and its statements with their evidence."""
    told = Paragraph(
        (
            "The documented client cannot know that it has missed something. A number on each event is enough to "
            "notice, and one poll then is enough to repair. Policy `hybrid-cursor` does that, in model and reference; "
            "its rules stand in ",
            Link("docs/protocol.md", "../docs/protocol.md"),
            ". In short:",
        )
    )
    points = Points(
        [
            "Every event carries `seq`, its index within its run, and a poll asks with `?after=N` for what is newer.",
            "A message that leaves a gap is held back, and a poll is sent at once; no message puts it off.",
            "The end is believed only when nothing before it is missing.",
            "A WebSocket that is open again polls at once for what it may have missed.",
            "Waits are jittered, grow with errors, and heed `Retry-After`.",
        ]
    )
    parts = (
        Section("What it guarantees", _guarantee(found)),
        Section("What it promises", (statements.table(ours),)),
    )
    return Section(TITLE, (told, points), parts)


def _guarantee(found: Guarantee) -> tuple[Paragraph, Grid]:
    total = found.total
    recovered = "all were recovered completely, and no trace broke a rule" if found.holds else _failed(found)
    told = Paragraph(
        "Whatever messages, connections and servers do: as long as polls are answered now and then, every event up "
        "to the end of the run is shown exactly once and in order (P12). "
        f"Of {total.scripts:,} random runs, with faults of every class, {recovered}. In the same runs the documented "
        f"client lost {total.hybrid.events_lost:,} events for good, in {total.hybrid.runs_incomplete:,} runs; one that "
        f"reconnects besides, as `hybrid-cursor` does, lost {total.reconnecting.events_lost:,}, since after a while of "
        f"silence its messages put polls off again. {_cost(found)}"
    )
    rows = [
        (
            one.faults,
            f"{one.scripts:,}",
            *(f"{fared.events_lost:,}" for fared in (one.hybrid, one.reconnecting, one.cursor)),
            *(f"{fared.polls / one.scripts:.2f}" for fared in (one.hybrid, one.reconnecting, one.cursor)),
            f"{one.cursor.recovering / one.scripts:.2f}",
        )
        for one in (*found.classes, total)
    ]
    compared = ("`hybrid`", "`hybrid` that reconnects", "`hybrid-cursor`")
    counts = [f"lost for good, {policy}" for policy in compared]
    polls = [*(f"polls per run, {policy}" for policy in compared), "of which recover something"]
    columns = ("what goes wrong", "runs", *counts, *polls)
    return told, Grid("Events lost for good and polls per run, by class of faults", columns, rows, columns[1:])


def _failed(found: Guarantee) -> str:
    incomplete = found.total.cursor.runs_incomplete
    return f"{incomplete:,} were not recovered, and traces of {len(found.failures)} scenarios broke a rule"


def _cost(found: Guarantee) -> str:
    """Whether the promise costs more polls than those that recover something."""
    dear = [one.faults for one in found.classes if not one.polls_hardly_more]
    where = f"but for these: {', '.join(dear)}" if dear else "whatever goes wrong"
    return (
        f"At equal waits, without jitter, it sends no more polls than the documented client, but for those that "
        f"recover something, {where}."
    )
