"""The whole audit in a small version: deterministic, by seed, with the same verdicts for each."""

import pytest

from sim.audit.facts import Facts, judge_shipped
from sim.audit.statements import statements

from .small import performed, small

pytestmark = pytest.mark.xdist_group("audit")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_statements() -> None:
    one = small(0)
    assert statements(Facts(0, one.benefits, one.intervals, judge_shipped(0))) == one.statements


@pytest.mark.slow
def test_another_seed_gives_other_numbers_and_the_same_verdicts() -> None:
    one, other = small(0).statements, small(1).statements
    assert sum(a.evidence != b.evidence for a, b in zip(one, other, strict=True)) > 10
    assert [(s.says, s.verdict) for s in one] == [(s.says, s.verdict) for s in other]


def test_contradictions_are_the_documents_and_never_hold() -> None:
    found = small(0).contradictions
    assert [s for s in small(0).statements if s.verdict == "contradicted" and not s.ours] == list(found) != []


def test_progress_goes_up_to_the_whole() -> None:
    _, told = performed(0)
    assert told == sorted(told)
    assert told[0] < 0.05
    assert told[-1] == 1.0
