"""The page of the audit tells all that was found."""

import html
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from sim.audit.loss import LOSSES, RATES_PER_S
from sim.audit.statement import Statement
from sim.report.audit import assemble, summary
from sim.report.page import Badge, Check, Grid, Lines, Page, Section
from sim.report.publish import of_page
from sim.scenarios import catalog

from .findings import findings, page, written
from .pages import read

pytestmark = pytest.mark.xdist_group("audit")

REPORTS = Path(__file__).parents[2] / "reports"


def section(title: str, inside: Page | Section | None = None) -> Section:
    """The section of this title, at any depth."""
    for one in (inside or page()).sections:
        if one.title == title:
            return one
        if one.sections:
            try:
                return section(title, one)
            except LookupError:
                continue
    raise LookupError(title)


def grids(of: Section) -> list[Grid]:
    return [block for block in of.blocks if isinstance(block, Grid)]


def statements() -> list[Statement]:
    return [one for one in findings().audit.statements if not one.ours]


def test_there_are_a_markdown_file_an_html_file_and_the_figures_of_both() -> None:
    figures = [name for name in written() if name.endswith(".svg")]
    assert [*figures, "document-audit.md", "document-audit.html"] == list(written())
    assert figures == [
        f"document-audit/{name}.svg" for name in ("approaches", "example", "one-dropped", "each-dropped")
    ]
    for name in figures:
        assert f"]({name})" in written()["document-audit.md"]
        assert written()[name] in written()["document-audit.html"]


def test_every_statement_of_the_document_stands_in_both_files_under_its_heading() -> None:
    plain_markdown = re.sub(r"[\\`]", "", written()["document-audit.md"])
    plain_html = html.unescape(re.sub(r"</?code>", "", written()["document-audit.html"]))
    for one in statements():
        assert f"“{one.says}”".replace("`", "") in plain_markdown
        assert f"“{one.says}”".replace("`", "") in plain_html
        assert one.section in {part.title for part in section("Every statement of the document").sections}


def test_every_statement_has_its_verdict_its_note_and_a_line_per_check() -> None:
    shown = [
        row for part in section("Every statement of the document").sections for grid in grids(part) for row in grid.rows
    ]
    assert len(shown) == len(statements())
    for one, (says, verdict, evidence) in zip(statements(), shown, strict=True):
        assert says == f"“{one.says}”"
        assert isinstance(verdict, Badge)
        assert verdict.words == one.verdict
        assert isinstance(evidence, Lines)
        checks = [line for line in evidence.lines if isinstance(line, Check)]
        assert [line.holds for line in checks] == [check.holds for check in one.checks]
        assert " ".join(str(line.text) for line in checks) == one.evidence
        notes = [str(line) for line in evidence.lines if not isinstance(line, Check)]
        assert notes == [] if not one.note else notes[0].endswith(one.note)


def test_the_summary_counts_the_verdicts() -> None:
    (grid,) = grids(section("The verdicts", page().summary))
    counted = {row[0].words: int(str(row[1])) for row in grid.rows if isinstance(row[0], Badge)}
    assert +Counter(counted) == Counter(str(one.verdict) for one in statements())
    assert str(len(statements())) in grid.says


def test_what_never_holds_is_listed_first_with_what_was_found_instead() -> None:
    first = section("Every statement of the document").sections[0]
    assert first.title == "What never holds"
    (points,) = first.blocks
    told = [str(point) for point in points.points]  # type: ignore[union-attr]
    assert (
        [any(one.says in line for line in told) for one in findings().audit.contradictions] == [True] * len(told) != []
    )


def test_the_benefits_are_told_by_word_and_under_each_condition_for_each_policy() -> None:
    benefits = findings().audit.benefits
    (words,) = grids(section("The words"))
    assert [row[0] for row in words.rows] == [f"`{policy}`" for policy in benefits.policies]
    for cell in benefits.cells:
        shown = words.rows[benefits.policies.index(cell.policy)][words.columns.index(cell.column)]
        assert isinstance(shown, Lines)
        assert shown.lines[:2] == [f"{cell.word}:", Badge(cell.verdict, shown.lines[1].tone)]  # type: ignore[union-attr]
    tables = grids(section("The numbers by condition"))
    assert [table.says.partition(": ")[0].lower() for table in tables] == [
        one.name.lower() for one in benefits.conditions
    ]
    assert all(len(table.rows) == len(benefits.policies) for table in tables)


def test_the_summary_speaks_of_conditions_that_there_are() -> None:
    names = {condition.name for condition in findings().audit.benefits.conditions}
    assert names >= {summary.EVEN, summary.PLAIN, summary.LOSSY, summary.BUSY, summary.DEAD, summary.RESTART}


def test_every_poll_interval_is_told_under_each_condition_and_against_the_documents() -> None:
    rows = findings().audit.intervals
    *tables, beyond = grids(section("The poll interval, measured"))
    assert [row[0] for table in tables for row in table.rows] == [f"{row.poll_interval_s:g}" for row in rows]
    assert [tuple(row[:2]) for row in beyond.rows] == [
        (row.condition, f"{row.poll_interval_s:g}") for row in rows if row.poll_interval_s != 4.0
    ]


def test_every_shipped_scenario_of_a_listing_is_told_with_its_reasons() -> None:
    (grid,) = grids(section("What the document's listings do"))
    names = [name for name in catalog.names() if catalog.load(name).policy.listing != "none"]
    assert [row[0].lines[1] for row in grid.rows if isinstance(row[0], Lines)] == [f"`{name}`" for name in names] != []
    assert [row[-1].lines for row in grid.rows if isinstance(row[-1], Lines)] == [
        one.because for one in findings().listings
    ]


def test_the_guarantee_is_told_by_class_of_faults_and_in_all() -> None:
    (grid,) = grids(section("What it guarantees"))
    classes = [one.faults for one in findings().guarantee.classes]
    assert [row[0] for row in grid.rows] == [*classes, "all"]
    lost = grid.columns.index("lost for good, `hybrid-cursor`")
    assert {row[lost] for row in grid.rows} == {"0"}


def test_the_loss_analysis_is_told_by_rate_and_by_probability() -> None:
    (one,) = grids(section("One dropped message"))
    assert [row[0] for row in one.rows] == [f"{rate:g}" for rate in RATES_PER_S]
    (each,) = grids(section("Random losses"))
    assert [row[0] for row in each.rows] == [f"{loss:.0%}" for loss in LOSSES]
    assert {row[3] for row in each.rows} == {"0"}


def test_the_smallest_example_is_told_and_can_be_run() -> None:
    assert "sends no poll" in written()["document-audit.md"]
    assert "fanout-sim run dropped-then-completed --policy hybrid-cursor" in written()["document-audit.md"]
    assert catalog.load("dropped-then-completed").workload == findings().losses.example.scenario.workload.model_copy(
        update={"events": catalog.load("dropped-then-completed").workload.events}
    )


def test_the_page_says_how_to_make_it_again() -> None:
    told = written()["document-audit.md"].partition("## How to make this page again")[2]
    assert "seed 0 and fanout-sim 0." in told
    assert "```sh\nfanout-sim report\n```" in told


def test_every_link_leads_somewhere() -> None:
    found = read(written()["document-audit.html"])
    assert found.leads_to
    for to in found.leads_to:
        if to.startswith("#"):
            assert to[1:] in found.ids
        else:
            assert (REPORTS / to).resolve().is_file(), to
    anchors = re.findall(r"\]\(#([^)]+)\)", written()["document-audit.md"])
    assert set(anchors) <= set(found.ids)


def test_the_html_is_one_whole_page_that_needs_nothing_else() -> None:
    found = read(written()["document-audit.html"])
    assert found.badly_nested == []
    assert [name for name, count in Counter(found.ids).items() if count > 1] == []
    assert set(found.labelled_by) <= set(found.ids)
    assert found.loads == []
    elsewhere = set(re.findall(r"(?:https?:)?//[a-z][^\s\"'<)]*", written()["document-audit.html"]))
    assert {to for to in elsewhere if "localhost" not in to} == {"http://www.w3.org/2000/svg"}


def test_the_same_findings_give_the_same_files() -> None:
    assert of_page(assemble.page(findings())) == written()


def test_progress_goes_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    def tells(progress: Callable[[float], None]) -> None:
        for share in (0.0, 0.5, 1.0):
            progress(share)

    monkeypatch.setattr(assemble, "audit", lambda progress, seed: tells(progress))
    monkeypatch.setattr(assemble, "guarantee", lambda *_, **given: tells(given["progress"]))
    monkeypatch.setattr(assemble, "analyse", lambda seed, progress: tells(progress))
    monkeypatch.setattr(assemble, "listings", lambda seed: ())
    told: list[float] = []
    assemble.gather(progress=told.append)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(told))
    assert [told[0], told[-1]] == pytest.approx([0.0, 1.0])
    assert len(told) == 9
