"""The document's Benefits table, measured, and its choice of a poll interval."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from sim.audit import benefits as audited
from sim.audit.benefits import OF_DIFFERENCES, Benefits
from sim.audit.intervals import CHOICE_S, IntervalRow
from sim.audit.words import COLUMNS, number
from sim.measure.statistics import Estimate
from sim.report import plots
from sim.report.audit.statements import badge
from sim.report.page import Cell, Grid, Lines, Paragraph, Picture, Points, Section
from sim.report.svg import picture

BENEFITS, INTERVALS = "The Benefits table, measured", "The poll interval, measured"

SHARES = ("instant_share", "runs_missing_share", "runs_endless_share")

HEADINGS = {
    "instant_share": "within 0.1 s",
    "latency_mean_s": "mean latency (s)",
    "latency_max_s": "longest latency (s)",
    "events_missed_per_run": "events missed per run",
    "runs_missing_share": "runs that miss one",
    "runs_endless_share": "runs without end",
    "bytes_per_run": "bytes per run",
    "polls_per_run": "polls per run",
    "polls_per_s_peak": "polls in busiest second",
}
"""What the tables show of the audit's measures."""


def section(benefits: Benefits) -> Section:
    """The table, the figure, the numbers under each condition, and the differences on the same scripts."""
    runs = benefits.clients * benefits.replications
    told = Paragraph(
        f"Each approach was measured under {len(benefits.conditions)} conditions on the same scripts: "
        f"{benefits.replications} replications of {benefits.clients} runs each, so {runs} runs per number. ± is half "
        "of a 95 % interval, and shares have theirs below them. An event is missed that is never displayed; a run is "
        "without end for a client that never learns that it has ended. `hybrid` is the document's approach, "
        "`hybrid-backoff` its alternative, `hybrid-cursor` ours; on the last two the words for Hybrid are tried."
    )
    conditions = Points([f"{_capital(condition.name)}: {condition.says}" for condition in benefits.conditions])
    parts = [
        Section("The words", (_words(benefits), *_meanings(benefits))),
        Section("The approaches at a glance", (conditions, _picture(benefits))),
        Section("The numbers by condition", [_measured(benefits, condition) for condition in benefits.conditions]),
        Section("Differences on the same scripts", (_differences(benefits),)),
    ]
    return Section(BENEFITS, (told,), parts)


def _words(benefits: Benefits) -> Grid:
    rows: list[list[Cell]] = [
        [f"`{policy}`", *(_word(benefits.cell(policy, column)) for column in COLUMNS)] for policy in benefits.policies
    ]
    return Grid("The document's words, and in how many conditions each is true", ("approach", *COLUMNS), rows)


def _word(cell: audited.Cell) -> Lines:
    held = sum(check.holds is True for check in cell.checks)
    decided = sum(check.holds is not None for check in cell.checks)
    return Lines([f"{cell.word}:", badge(cell.verdict), f"{held} of {decided} conditions"])


def _meanings(benefits: Benefits) -> tuple[Paragraph, Points]:
    """What each word is taken to mean, once per column."""
    cells = {(cell.column, cell.word): cell for cell in benefits.cells}
    return (
        Paragraph("What each word is taken to mean, and why:"),
        Points([f"{column}, {word}: {cell.meaning}; {cell.because}." for (column, word), cell in cells.items()]),
    )


def _picture(benefits: Benefits) -> Picture:
    title = "What each approach misses and asks for"
    says = (
        "For each condition and approach the share of runs that miss an event for good, and the polls per run, "
        "with 95 % intervals."
    )
    return picture("approaches", plots.approaches(benefits), title, says, f"{title}. {says}")


def _measured(benefits: Benefits, condition: audited.Condition) -> Grid:
    rows = [[f"`{policy}`", *_values(benefits.of(condition.name, policy), HEADINGS)] for policy in benefits.policies]
    columns = tuple(HEADINGS.values())
    return Grid(f"{_capital(condition.name)}: {condition.says}", ("approach", *columns), rows, numeric=columns)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _values(values: Mapping[str, Estimate], names: Iterable[str]) -> list[Cell]:
    """These of them as cells: shares with the bounds of their interval, others with half of it."""
    return [_share(values[name]) if name in SHARES else number(values[name]) for name in names]


def _share(share: Estimate) -> Lines:
    return Lines([f"{share.value:.1%}", f"{share.low * 100:.1f} to {share.high:.1%}"])


def _differences(benefits: Benefits) -> Grid:
    rows = []
    for (condition, policy, against), group in groupby(
        benefits.differences, key=lambda one: (one.condition, one.policy, one.against)
    ):
        by = {one.measure: one.by for one in group}
        rows.append([condition, f"`{policy}` less `{against}`", *(number(by[name]) for name in OF_DIFFERENCES)])
    columns = tuple(HEADINGS[name] for name in OF_DIFFERENCES)
    says = "By how much the first is above the second, as the mean of paired differences with a 95 % interval"
    return Grid(says, ("condition", "difference", *columns), rows, numeric=columns)


def intervals(rows: Sequence[IntervalRow]) -> Section:
    """What each interval costs and brings, and by how much that differs from the document's choice."""
    told = Paragraph(
        f"The document calls {CHOICE_S:g} s a good balance. A shorter interval finds what is lost sooner and sends "
        "more polls. It also loses less, which the document does not say: a dropped event is lost for good when "
        "messages keep coming closer together than the interval."
    )
    names = (
        "latency_mean_s",
        "latency_max_s",
        "events_missed_per_run",
        "runs_missing_share",
        "bytes_per_run",
        "polls_per_run",
    )
    columns = ("interval (s)", *(HEADINGS[name] for name in names))
    tables = [
        Grid(
            f"{_capital(condition)}, by poll interval",
            columns,
            [(f"{row.poll_interval_s:g}", *_values(row.values, names)) for row in group],
            numeric=columns,
        )
        for condition, group in groupby(rows, key=lambda row: row.condition)
    ]
    of_differences = ("interval (s)", *(HEADINGS[name] for name in OF_DIFFERENCES))
    beyond = Grid(
        f"By how much each is above the same at {CHOICE_S:g} s, on the same scripts",
        ("condition", *of_differences),
        [
            (row.condition, f"{row.poll_interval_s:g}", *(number(row.beyond_choice[name]) for name in OF_DIFFERENCES))
            for row in rows
            if row.poll_interval_s != CHOICE_S
        ],
        numeric=of_differences,
    )
    return Section(INTERVALS, (told, *tables, beyond))
