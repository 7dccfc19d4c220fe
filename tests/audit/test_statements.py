"""The statements: every sentence of the document that claims something is quoted, and every shipped claim is cited."""

import re
from pathlib import Path

import pytest

from sim import load
from sim.audit.statement import Statement
from sim.scenarios.catalog import names

from .small import small

pytestmark = pytest.mark.xdist_group("audit")

DOCUMENT = Path(__file__).parents[2] / "docs" / "REALTIME_UPDATES.md"

CONTAINERS = {
    "Real-Time Updates Architecture",
    "Architecture: Hybrid WebSocket + Polling",
    "Client Implementation",
    "Behavior Breakdown",
    "Server-Side Requirements",
    "Configuration",
    "Error Handling",
    "Performance Impact",
    "See Also",
}
"""Headings that claim nothing themselves: what is below them does, or nothing is."""


def plain(text: str) -> str:
    """Text without marks of emphasis, comment signs at line starts and differences of white space."""
    text = re.sub(r"^\s*(//|-|- \[[x ]\])\s", " ", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[*`]|✅ ?", "", text).split())


def found() -> tuple[Statement, ...]:
    return small(0).statements


def of_the_document() -> tuple[Statement, ...]:
    return tuple(statement for statement in found() if not statement.ours)


def sections() -> dict[str, str]:
    """The document's text by heading."""
    parts = re.split(r"^#+ (.*)$", DOCUMENT.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_statement_stands_in_its_section_word_for_word() -> None:
    missing = []
    for statement in of_the_document():
        text, at = plain(sections()[statement.section]), 0
        for part in plain(statement.says).split(" ... "):
            at = text.find(part, 0 if part.startswith("Latency") else at)
            if at < 0:
                missing.append((statement.section, part))
                break
    assert missing == []


def test_every_section_that_claims_something_has_a_statement() -> None:
    assert {statement.section for statement in of_the_document()} == sections().keys() - CONTAINERS


def test_statements_are_in_the_document_s_order_and_ours_come_last() -> None:
    order = list(sections())
    places = [order.index(statement.section) for statement in of_the_document()]
    assert places == sorted(places)
    assert found()[: len(places)] == of_the_document()


def test_every_claim_of_every_shipped_scenario_is_cited_by_a_statement() -> None:
    cited = {(check.scenario, check.claim) for statement in found() for check in statement.checks}
    assert [(name, c.says) for name in names() for c in load(name).claims if (name, c.says) not in cited] == []


def test_a_statement_that_is_not_decided_or_only_sometimes_true_says_why_or_when() -> None:
    silent = [s.says for s in found() if s.verdict in ("not decided", "holds only if") and not (s.note or s.ours)]
    assert silent == []


def test_evidence_has_numbers_or_says_that_something_never_happens() -> None:
    assert [s.says for s in found() if s.verdict != "not decided" and not re.search(r"\d|never", s.evidence)] == []


def test_every_statement_is_made_once() -> None:
    made = [(statement.section, statement.says) for statement in found()]
    assert len(set(made)) == len(made)


def said(verdict: str) -> list[str]:
    return [statement.says for statement in of_the_document() if statement.verdict == verdict]


def test_what_the_document_says_and_never_holds_is_exactly_this() -> None:
    assert said("contradicted") == [
        "Don't close WebSocket - keep it open for other workflows",
        "Polling will continue as fallback",
        "WebSocket closed, falling back to polling only",
        "Don't stop polling - it's our fallback!",
        "T=15s: Poll detects workflow completed",
        "→ isTerminal = true",
        "→ Poll timer cleared",
        "→ No more polling",
        "moderate server load",
        "8000 requests over 30s = 267 req/sec",
        "Mixed (10% WebSocket failure): 800 req/sec",
    ]


def test_what_cannot_be_decided_here_is_exactly_this() -> None:
    assert said("not decided") == [
        "Server Load ... Polling Only ... High",
        "(99% of time)",
        "Already implemented: `ws://localhost:8085/ws?username=<user>`",
        "4s: Good balance (our choice)",
        "WebSocket message parsing fixed (separate frames)",
        "WebSocket timeouts removed",
        "Ping/pong more aggressive (25s)",
        "Frontend: Implement hybrid polling hook",
        "Backend: Ensure `/api/v1/runs/{id}/events` endpoint exists",
        "Frontend: Stop polling on terminal states",
        "Frontend: Reset timer on each WebSocket message",
    ]


def test_the_hybrid_holds_each_of_its_four_words_only_under_conditions() -> None:
    words = {s.says: s.verdict for s in of_the_document() if "Hybrid (Ours)" in s.says}
    assert set(words.values()) == {"holds only if"}
    assert len(words) == 4


def test_the_cursor_keeps_all_that_is_promised_of_it() -> None:
    promises = [s for s in found() if s.ours and all(check.scenario for check in s.checks)]
    assert len(promises) == 5
    assert {s.verdict for s in promises} == {"holds"}
    (reliability,) = (s for s in found() if s.ours and "Reliability" in s.says)
    assert reliability.verdict == "holds"


@pytest.mark.parametrize(
    ("says", "where"),
    [
        ("T=9s: Poll executes again", "the client is the React listing"),
        ("→ WebSocket stays open (can be reused)", "the client is the React listing"),
        ("Continue polling - will retry in 4s", "the client is the React listing"),
        ("Polling continues automatically", "the client is the React listing"),
    ],
)
def test_what_the_prose_promises_the_listing_does_not_keep(says: str, where: str) -> None:
    (statement,) = (s for s in of_the_document() if s.says == says)
    assert statement.verdict == "holds only if"
    assert {check.holds for check in statement.checks if check.when == where} == {False}
