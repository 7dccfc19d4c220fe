"""The fleet in plain Python does what the compiled one does, within the bounds of its arrays."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from hypothesis import given, settings

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.fleet import memory
from sim.scenarios import catalog
from sim.verify.generate import scenarios
from sim.worlds import perform, totals, unable
from tests.dense import dense
from tests.mutants.mutant import mutant, planted
from tests.mutants.plain import memory as plain_memory
from tests.mutants.summed import FLEET

UNCHANGED = mutant("", "nothing is changed", "fleet/codes.py")


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    """The world that performs with the fleet in plain Python."""
    with planted(UNCHANGED) as world:
        yield world


def same(scenario: Scenario, world: str) -> None:
    script = realize(scenario, 6)
    if unable(script, "fleet") is not None:
        return
    assert perform(script, world).rows == perform(script, "fleet").rows
    counted, held = import_module(f"{FLEET}.run").total(script), totals(script, "fleet")
    assert counted.measures() == held.measures()
    assert counted.shown.tolist() == held.shown.tolist()
    if held.queue is not None:
        assert counted.queue.waited.tolist() == held.queue.waited.tolist()


@pytest.mark.parametrize("name", catalog.names())
def test_a_shipped_scenario_has_the_same_rows_and_sums(name: str, plain: str) -> None:
    scenario = catalog.load(name)
    same(scenario.override(count=min(scenario.client.count, 3)), plain)


@settings(max_examples=50, deadline=None)
@given(scenarios())
def test_so_has_a_random_one(plain: str, scenario: Scenario) -> None:
    same(scenario, plain)


@settings(max_examples=50, deadline=None)
@given(dense())
def test_so_has_one_in_which_much_goes_wrong_at_once(plain: str, scenario: Scenario) -> None:
    same(scenario, plain)


def test_all_of_the_memory_has_a_stand_in() -> None:
    def public(module: object) -> set[str]:
        return {name for name, value in vars(module).items() if callable(value) and not name.startswith("_")}

    assert {"at", "put", "byte", "put_byte"} <= public(plain_memory)
    assert public(memory) - {"Any", "from_dtype", "inlined", "intrinsic"} <= public(plain_memory)
