"""The protocol that is offered beside the document: what it does, and what it keeps where the document does not."""

from collections.abc import Sequence

from sim.audit.statement import Statement
from sim.report.audit import statements
from sim.report.page import Grid, Link, Paragraph, Points, Section
from sim.verify.guarantee import Fared, Guarantee

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
    recovered = "all were recovered completely" if found.holds else f"{len(found.failures)} were not recovered"
    told = Paragraph(
        "Whatever messages, connections and servers do: as long as polls are answered now and then, every event up "
        "to the end of the run is shown exactly once and in order (P12). "
        f"Of {total.scripts:,} random runs, with faults of every class, {recovered}, and no trace broke a rule. In the "
        f"same runs the documented client lost {total.hybrid.events_lost:,} events for good, in "
        f"{total.hybrid.runs_incomplete:,} runs."
    )
    rows = [
        (
            one.faults,
            f"{one.scripts:,}",
            *(f"{fared.events_lost:,}" for fared in (one.hybrid, one.cursor)),
            *(f"{_per_run(fared, one.scripts):.2f}" for fared in (one.hybrid, one.cursor)),
        )
        for one in (*found.classes, total)
    ]
    counts = ("lost for good, `hybrid`", "lost for good, `hybrid-cursor`")
    polls = ("polls per run, `hybrid`", "polls per run, `hybrid-cursor`")
    columns = ("what goes wrong", "runs", *counts, *polls)
    return told, Grid("Events lost for good and polls per run, by class of faults", columns, rows, columns[1:])


def _per_run(fared: Fared, runs: int) -> float:
    return fared.polls / runs
