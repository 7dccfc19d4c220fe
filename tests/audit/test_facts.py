"""What statements are judged by: claims as checks, for a statement or against it, and runs that happen once."""

from typing import Any

import pytest

from sim import load
from sim.audit.benefits import Benefits
from sim.audit.facts import Facts, judge_shipped
from sim.worlds import perform

EMPTY = Benefits((), (), 0, 0, (), (), ())


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Facts:
    monkeypatch.setattr("sim.scenarios.catalog.names", lambda: ["websocket-dies", "dropped-then-completed"])
    judged = judge_shipped()
    monkeypatch.undo()
    return Facts(0, EMPTY, (), judged)


def test_a_claim_that_holds_speaks_for_a_statement_and_names_its_scenario(facts: Facts) -> None:
    check = facts.claim("websocket-dies", "T=9s: Poll executes again")
    assert (check.when, check.holds) == ("in websocket-dies", True)
    assert check.found == "claimed poll_sent at 9 s, found at 9 s"
    assert (check.scenario, check.claim) == ("websocket-dies", "T=9s: Poll executes again")


def test_a_contradicted_claim_says_why(facts: Facts) -> None:
    check = facts.claim("websocket-dies", "T=15s: isTerminal = true", "the client is that of the prose")
    assert (check.when, check.holds) == ("the client is that of the prose", False)
    assert check.found.startswith("claimed terminal_reached at 15 s, found at 17 s, since no message can come")


def test_a_claim_of_ours_is_told_in_its_words(facts: Facts) -> None:
    assert facts.claim("dropped-then-completed", "not one poll is sent").found == "not one poll is sent (0)"


@pytest.mark.parametrize(("shows", "holds"), [(True, True), (False, False), (None, None)])
def test_a_claim_can_speak_against_a_statement_or_for_neither_side(
    facts: Facts, shows: bool | None, holds: bool | None
) -> None:
    assert facts.claim("websocket-dies", "T=9s: Poll executes again", shows=shows).holds is holds


def test_there_is_no_evidence_in_a_claim_that_is_not_there(facts: Facts) -> None:
    with pytest.raises(KeyError):
        facts.claim("websocket-dies", "T=10s: Poll executes again")


def test_what_is_asked_for_twice_is_performed_once(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    performed: list[str] = []

    def counted(script: Any, world: str) -> Any:
        performed.append(world)
        return perform(script, world)

    monkeypatch.setattr("sim.audit.facts.perform", counted)
    table = {"horizon_s": 9.0, "workload": {"even": {"count": 2, "every_s": 3.0}}}
    assert facts.run(table) is facts.run(table)
    facts.run(table, policy="websocket-only")
    facts.run(table, "virtual")
    assert performed == ["model", "model", "virtual"]


def test_a_run_tells_when_and_how_often(facts: Facts) -> None:
    run = facts.run("worst-case")
    assert run.times_s("poll_sent") == [4.0 * n for n in range(1, 9)]
    assert run.times_s("poll_answered", detail="1") == [4.0]
    assert run.value("poll_requests") == 8


def test_every_claim_of_a_scenario_is_judged(facts: Facts) -> None:
    for name, judged in facts.judged.items():
        assert list(judged) == [claim.says for claim in load(name).claims]
