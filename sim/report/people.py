"""What people read in a terminal: a run, and the verdict of a suite."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from sim.contract.script import Script
from sim.contract.totals import Totals
from sim.contract.trace import Trace
from sim.report import findings, tables
from sim.report.terminal import console, print_line
from sim.verify.failure import Outcome
from sim.verify.invariants import Finding
from sim.verify.suite import Result

MOST_LINES = 40
"""Of a timeline; a longer one is for a file."""


def print_listing(table: tables.Table) -> None:
    """One line per row: cut to a terminal's width under a heading, whole and without heading in a file."""
    out = console()
    heading, *lines = (Text(line) for line in table.to_lines())
    if not sys.stdout.isatty():
        out.print(*lines, sep="\n", soft_wrap=True)
        return
    heading.stylize("bold")
    for line in (heading, *lines):
        out.print(line, no_wrap=True, overflow="ellipsis")


def print_run(script: Script, trace: Trace, counted: Totals) -> None:
    """The timeline of a single client where it is short, the measures, and what waited in the orchestrator's queue."""
    out = console()
    clients = "1 client" if script.clients == 1 else f"{script.clients:,} clients"
    out.print(Text(script.scenario.title, "bold"))
    out.print(f"world {trace.world}, {clients}, policy {script.scenario.client.policy}, seed {script.seed}")
    timeline = tables.happenings(trace)
    if script.clients == 1 and len(timeline.rows) <= MOST_LINES:
        out.print(timeline.to_rich())
    out.print(tables.measures(counted.measures()).to_rich())
    if counted.queue is not None:
        out.print(Text("At the orchestrator's queue", "bold"))
        out.print(tables.queue(counted.queue).to_rich())


def print_verdict(results: Sequence[Result], folder: Path) -> None:
    """Per scenario its claims, contradictions and agreements; then all in short, and where the report is."""
    out = console()
    for result in results:
        out.print(Text(f"{result.name}: {result.scenario.title}", "bold"))
        if result.claims:
            out.print(findings.claims(result).to_rich())
        for reason in findings.contradictions(result):
            print_line(out, Text(f"contradicted: {reason}", findings.DOUBTFUL))
        for line in findings.broken(result):
            print_line(out, Text(line, findings.BAD))
        for held in result.agreements:
            cell = findings.agreement(held)
            print_line(out, Text(cell.text, cell.style))
        for line in findings.left_out(result):
            print_line(out, Text(line, findings.DOUBTFUL))
        out.print()
    lost = findings.losses(results)
    if lost.rows:
        out.print(Text(findings.LOSSES, "bold"))
        out.print(lost.to_rich())
    if len(results) > 1:
        out.print(findings.summary(results).to_rich())
    good = all(result.as_expected for result in results)
    out.print(Text(findings.conclusion(results), findings.GOOD if good else findings.BAD))
    print_line(out, Text(f"report: {short_path(folder / 'report.md')}"))


def print_findings(found: Sequence[Finding], rows: int, rules: int) -> None:
    """One line per finding; where there is none, how much was judged."""
    out = console()
    if not found:
        out.print(f"holds: {rows:,} rows, {rules:,} rules")
    for finding in found:
        out.print(Text(finding.sentence), soft_wrap=True)


def print_search(outcome: Outcome, folder: Path) -> None:
    """What a search found, and how to see it again."""
    out = console()
    failure, worlds = outcome.failure, ", ".join(outcome.worlds)
    rate = f"{outcome.examples / outcome.elapsed_s:,.0f} per second, " if outcome.elapsed_s and not failure else ""
    done = "1 example" if outcome.examples == 1 else f"{outcome.examples:,} examples"
    told = f"{done} in {outcome.elapsed_s:,.1f} s ({rate}worlds {worlds}, seed {outcome.seed})"
    if failure is None:
        interrupted = "interrupted; until then " if outcome.interrupted else ""
        print_line(out, Text(f"{told}: {interrupted}no disagreement, no broken rule", findings.GOOD))
        return
    print_line(out, Text(f"{told}, {outcome.shrinks:,} more to shrink it: {failure.what}", findings.BAD))
    out.print()
    for line in failure.to_toml().splitlines():
        out.print(Text(f"    {line}" if line else ""), soft_wrap=True)
    out.print()
    path = short_path((folder / failure.name).resolve())
    again = f"{shlex.quote(str(path))} --worlds {','.join(failure.worlds)} --seed {failure.seed}"
    out.print(Text(f"replay: fanout-sim verify {again}"), soft_wrap=True)


def short_path(path: Path) -> Path:
    """The path from here, where it leads down."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
