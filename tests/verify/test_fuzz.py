"""The search for disagreement: it finds what is planted, shrinks it, and what it found is replayed ever after."""

import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.errors import CannotPerform, InputError
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.verify import fuzz as module
from sim.verify.failure import brief
from sim.verify.fuzz import fuzz, judge
from sim.verify.generate import scenarios
from sim.worlds import WORLDS, perform
from tests.mutants.hunt import hunt
from tests.mutants.mutant import Mutant, planted
from tests.mutants.table import MUTANTS

CORPUS = sorted((Path(__file__).parents[1] / "fuzz_corpus").glob("*.toml"))
EXACT = [world for world in ("model", "virtual") if world in WORLDS]


def mutant_of(file: str, name: str) -> Mutant:
    (found,) = [mutant for mutant in MUTANTS if (mutant.file, mutant.name) == (file, name)]
    return found


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A world called `other`, whose `perform` a test may choose; it begins as the model."""
    other = SimpleNamespace(perform=lambda script: Trace(perform(script, "model").rows))
    monkeypatch.setitem(WORLDS, "other", "other")
    for place in ("sim.worlds.import_module", "sim.verify.fuzz.import_module"):
        monkeypatch.setattr(place, lambda name: other if name == "other" else import_module(name))
    return other


@pytest.mark.parametrize("file", CORPUS, ids=lambda path: path.stem)
def test_what_once_told_a_mutant_tells_no_two_worlds_apart(file: Path) -> None:
    seed = re.search(r"--seed (\d+)", file.read_text())
    assert seed is not None
    assert judge(realize(Scenario.from_file(file), int(seed[1])), EXACT) is None


def test_the_corpus_holds_ten_or_more() -> None:
    assert len(CORPUS) >= 10


def test_the_exact_worlds_agree_and_keep_the_rules() -> None:
    outcome = fuzz(EXACT, examples=150)
    assert (outcome.failure, outcome.examples, outcome.interrupted) == (None, 150, False)


@pytest.mark.parametrize("name", ["an answer re-arms from its request", "a failed poll does not re-arm"])
def test_a_planted_bug_is_found_shrunk_to_a_handful_of_lines_and_explained_by_its_first_row(name: str) -> None:
    with planted(mutant_of("model/client.py", name)) as mutant:
        outcome = fuzz(["model", mutant], examples=500)
        failure = outcome.failure
        assert failure is not None
        assert len([line for line in failure.to_toml().splitlines() if line and line[0] != "#"]) <= 12
        assert re.match(r"model and mutant differ: row \d+ differs: model has timer_armed of client 0 at", failure.what)
        again = Scenario.from_toml(failure.to_toml())
        assert judge(realize(again, failure.seed), ["model", mutant]) == failure.what
    assert judge(realize(again, failure.seed), ["model"]) is None


def test_a_bug_in_one_world_alone_is_found_by_the_rules() -> None:
    with planted(mutant_of("model/client.py", "a failed poll does not re-arm")) as mutant:
        failure = fuzz([mutant], examples=200, shrink=False).failure
    assert failure is not None
    assert failure.what.startswith("world mutant breaks a rule: ")


QUICK = [
    ("model/client.py", "polls overlap"),
    ("model/fanout.py", "a message goes to every user"),
    ("model/turns.py", "a request comes before an event"),
    ("model/workflow.py", "an event is published before it is in the history"),
    ("reference/client.py", "opening does not re-arm"),
    ("reference/link.py", "messages overtake each other"),
    ("reference/turns.py", "the timer fires before a message"),
]


@pytest.mark.parametrize(("file", "name"), QUICK)
def test_a_mutant_is_caught_by_the_other_world_and_by_the_rules_alone(file: str, name: str) -> None:
    """A few of all; `make mutants` hunts the others."""
    found = hunt(mutant_of(file, name), 60 if "published" in name else 300)
    assert found.as_expected, found
    assert (found.examples is None) == (found.by_rules is None)


def test_every_mutant_fits_the_code_and_every_rule_that_must_has_one() -> None:
    for mutant in MUTANTS:
        text = (Path(module.__file__).parents[1] / mutant.file).read_text()
        for old, new in mutant.edits:
            assert text.count(old) == 1, f"{mutant.file}: {mutant.name}: {old!r}"
            text = text.replace(old, new)
    rules = {mutant.rule for mutant in MUTANTS if not mutant.survives}
    assert rules >= {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C9", "F2", "L1", "L2", "O3", "one instant"}


def test_a_seed_gives_the_same_examples_and_another_seed_others(world: SimpleNamespace) -> None:
    def told(seed: int) -> list[str]:
        seen: list[str] = []

        def watching(script: Script) -> Trace:
            seen.append("".join(script.json_lines()))
            return Trace(perform(script, "model").rows)

        world.perform = watching
        assert fuzz(["other"], examples=20, seed=seed).failure is None
        return seen

    fuzz(["other"], examples=1)  # whatever is imported on the way is there now
    first = told(1)
    assert len(first) == 20
    assert told(1) == first
    assert told(2) != first


def test_a_world_that_ends_with_an_error_is_a_failure_and_says_where(world: SimpleNamespace) -> None:
    def failing(script: Script) -> Trace:
        raise ZeroDivisionError("no\nclients")

    world.perform = failing
    failure = fuzz(["model", "other"], examples=5).failure
    assert failure is not None
    assert failure.what.startswith("world other ends with ZeroDivisionError: no clients (")
    assert Scenario.from_toml(failure.to_toml()).title == "Found by fanout-sim fuzz"


def test_a_world_that_does_not_always_do_the_same_is_a_failure_that_says_so(world: SimpleNamespace) -> None:
    calls = iter(range(10**6))

    def wavering(script: Script) -> Trace:
        rows = perform(script, "model").rows
        return Trace(rows[:-1] if next(calls) == 3 else rows)

    world.perform = wavering
    failure = fuzz(["model", "other"], examples=20).failure
    assert failure is not None
    assert "do not always do the same" in failure.what


def test_an_interrupt_ends_the_search_and_gives_what_was_done(world: SimpleNamespace) -> None:
    calls = iter(range(10**6))

    def interrupted(script: Script) -> Trace:
        if next(calls) == 7:
            raise KeyboardInterrupt
        return Trace(perform(script, "model").rows)

    world.perform = interrupted
    outcome = fuzz(["other"], examples=50)
    assert (outcome.interrupted, outcome.failure, outcome.examples) == (True, None, 7)


def test_a_search_ends_when_its_time_is_up() -> None:
    outcome = fuzz(["model"], seconds=0.5)
    assert outcome.failure is None
    assert outcome.examples > 0
    assert outcome.elapsed_s < 5


def test_what_a_world_cannot_perform_is_passed_over_and_nothing_else_is_an_error(world: SimpleNamespace) -> None:
    def refusing(script: Script) -> Trace:
        raise CannotPerform("not this")

    world.perform = refusing
    with pytest.raises(InputError, match="none of the scenarios can be performed in worlds other"):
        fuzz(["other"], examples=5)


@pytest.mark.parametrize("worlds", [[], ["model", "model"], ["modell"], ["live"]])
def test_worlds_are_known_exact_and_named_once(worlds: list[str]) -> None:
    with pytest.raises(InputError, match="world"):
        fuzz(worlds, examples=1)


def test_a_search_writes_nothing_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fuzz(["model"], examples=20)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60)
@given(scenarios(), st.integers(0, 1000))
def test_a_brief_scenario_is_performed_as_the_whole_one(scenario: Scenario, seed: int) -> None:
    short = Scenario.from_dict(brief(scenario, seed))
    assert perform(realize(short, seed), "model") == perform(realize(scenario, seed), "model")
