"""How a verdict follows from checks."""

import pytest

from sim.audit.statement import Check, Statement, verdict_of


def checks(*held: bool | None) -> list[Check]:
    return [Check(f"condition {number}", f"found {number}", holds) for number, holds in enumerate(held)]


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        ((True, True), "holds"),
        ((False, False), "contradicted"),
        ((True, False), "holds only if"),
        ((False, True, None), "holds only if"),
        ((None, True), "holds"),
        ((None, False), "contradicted"),
        ((None,), "not decided"),
        ((), "not decided"),
    ],
)
def test_a_verdict_follows_from_the_checks_that_decide(held: tuple[bool | None, ...], verdict: str) -> None:
    assert verdict_of(checks(*held)) == verdict
    assert Statement("Overview", "words", tuple(checks(*held))).verdict == verdict


def test_the_evidence_tells_each_check_with_its_condition() -> None:
    statement = Statement("Overview", "words", tuple(checks(True, False)))
    assert statement.evidence == "Condition 0: found 0. Condition 1: found 1."
