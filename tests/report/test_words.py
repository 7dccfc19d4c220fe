import io
from dataclasses import replace

import pytest
from rich.console import Console

from sim.report import findings, render, tables
from sim.verify.claims import ClaimResult, Judgement
from sim.verify.suite import Result, verify


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return verify(["websocket-dies", "worst-case"], ["model"], 0)


def judged(results: list[Result], number: int, **verdicts: str) -> ClaimResult:
    judgements = {world: Judgement("1", verdict) for world, verdict in verdicts.items()}  # type: ignore[arg-type]
    return replace(results[0].claims[number], judgements=judgements)


def test_a_verdict_says_whether_it_was_expected(results: list[Result]) -> None:
    holding, contradicted = 0, 8
    assert findings.verdict(judged(results, holding, model="holds")).text == "holds"
    assert findings.verdict(judged(results, holding, model="contradicted")).text == "contradicted (UNEXPECTED)"
    assert findings.verdict(judged(results, contradicted, model="contradicted")).text == "contradicted (as expected)"
    assert findings.verdict(judged(results, contradicted, model="holds")).text == "holds (UNEXPECTED)"
    assert findings.verdict(judged(results, holding, model="not decided")).text == "not decided"


def test_a_verdict_on_which_worlds_differ_names_them(results: list[Result]) -> None:
    cell = findings.verdict(judged(results, 0, model="holds", live="contradicted"))
    assert cell.text == "model: holds, live: contradicted (UNEXPECTED)"


def test_the_report_has_a_section_with_table_reasons_and_figure_per_scenario(results: list[Result]) -> None:
    report = render.report(results, ["model"], 7)
    assert report.startswith("# Verification report\n\nWorlds model; seed 7. 2 scenarios: 19 of 19 claims as expected.")
    assert "| websocket-dies | 13 of 13 | kept | - | - |" in report
    assert "Source: REALTIME_UPDATES.md, Scenario 3" in report
    assert "| T=15s: isTerminal = true | terminal_reached at 15 s | at 17 s | contradicted (as expected) |" in report
    assert '- "T=15s: isTerminal = true": no message can come' in report
    assert "![One client's timeline in each world](<worst-case/timeline.svg>)" in report


def test_what_markdown_would_take_for_markup_is_shown_as_it_is() -> None:
    table = tables.Table(("a",), [["1 | <b> *c* `d` [e]\nf"]])
    assert table.to_markdown() == "| a |\n| --- |\n| 1 \\| \\<b> \\*c\\* \\`d\\` \\[e] f |\n"


def test_what_rich_would_take_for_markup_is_shown_as_it_is() -> None:
    out = io.StringIO()
    Console(file=out, width=60).print(tables.Table(("a",), [["[bold]:smile:"]]).to_rich())
    assert "[bold]:smile:" in out.getvalue()


def test_numbers_are_short_and_exact() -> None:
    assert [tables.number(value) for value in (None, 0, 12345, 0.0, 1.5, 0.123456, 26.0)] == [
        "-",
        "0",
        "12,345",
        "0",
        "1.5",
        "0.123456",
        "26",
    ]


@pytest.fixture(scope="module")
def lossy() -> list[Result]:
    return verify(["server-restart", "reconnection-delay", "best-case"], ["model", "virtual"], 0)


def test_the_losses_of_each_cause_stand_side_by_side_for_all_worlds(lossy: list[Result]) -> None:
    assert findings.losses(lossy).rows == [
        ("server-restart", "no-subscriber", *2 * ["20: poll 20; after 1.00 s, at most 1.00 s"]),
        ("server-restart", "no-connection", *2 * ["20: poll 20; after 2.00 s, at most 2.00 s"]),
        ("reconnection-delay", "no-connection", *2 * ["20: nobody 20"]),
    ]


def test_a_world_without_a_loss_that_another_has_shows_a_dash(lossy: list[Result]) -> None:
    only_one = replace(lossy[0], losses=lossy[0].losses | {"virtual": []})
    assert [row[3] for row in findings.losses([only_one]).rows] == ["-", "-"]


def test_report_and_verdict_tell_what_was_lost(lossy: list[Result]) -> None:
    assert "| reconnection-delay | no-connection | 20: nobody 20 | 20: nobody 20 |" in render.report(lossy, [], 0)
    (restart, _, best) = render.verdict(lossy, ["model", "virtual"], 0)["scenarios"]
    assert restart["losses"]["virtual"][0]["by_poll"] == 20
    assert best["losses"] == {"model": [], "virtual": []}


def test_an_expectation_of_ours_is_told_apart_from_the_documents_words(lossy: list[Result]) -> None:
    table = findings.claims(lossy[0])
    assert all(str(row[0]).startswith("(ours) ") for row in table.rows)
    broken = replace(lossy[0].claims[2], judgements={"model": Judgement("19", "contradicted")})
    (told,) = findings.contradictions(replace(lossy[0], claims=[broken]))
    assert told == '"everybody comes back": we expect reconnects 20, but model gives 19'
