"""Pytest plugin: the fixture `fanout`, with which anybody's suite performs scenarios and asserts gates (docs/gates.md).

Pytest loads it in every run, so that it imports what it needs only when it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sim.contract.scenario import Scenario
    from sim.contract.script import Script
    from sim.contract.trace import Trace
    from sim.gates.load import Placed


class Fanout:
    """What the fixture `fanout` gives. A scenario is a shipped name, a file, or a Scenario."""

    def perform(self, scenario: str | Path | Scenario | Script, world: str = "model", seed: int = 0) -> Trace:
        """What happens when this world performs it; a Script has a seed of its own."""
        from sim.contract.script import Script, realize
        from sim.worlds import perform

        return perform(scenario if isinstance(scenario, Script) else realize(_loaded(scenario), seed), world)

    def gate(self, scenario: str | Path | Scenario, measure: str, *, seed: int = 0, **keys: Any) -> None:
        """Assert one gate; keys are those of `[[gate]]`, such as `below=2` and `world="live"`.

        Raises AssertionError with the gate's sentence, InputError for a gate that cannot be.
        """
        __tracebackhide__ = True
        from sim.contract.gate import GatesFile
        from sim.contract.scenario import Scenario
        from sim.contract.sentence import validated
        from sim.gates.load import Placed

        name = scenario.title if isinstance(scenario, Scenario) else Path(scenario).stem
        table = {"scenario": name, "measure": measure, **keys}
        (gate,) = validated(GatesFile, {"gate": [table]}, name).gates
        _assert([Placed(name, 0, name, _loaded(scenario), gate)], seed)

    def gates(self, *sources: str | Path | Scenario, seed: int = 0) -> None:
        """Assert all gates of these files and scenarios; the live ones are performed side by side.

        Raises AssertionError with one sentence for each gate that does not hold, InputError for bad input.
        """
        __tracebackhide__ = True
        from sim.gates.load import load

        _assert(load(sources), seed)


@pytest.fixture(scope="session")
def fanout() -> Fanout:
    """Performs scenarios of fanout-sim and asserts gates on what they measure."""
    return Fanout()


def _loaded(scenario: str | Path | Scenario) -> Scenario:
    from sim.contract.scenario import Scenario
    from sim.scenarios import catalog

    return scenario if isinstance(scenario, Scenario) else catalog.load(scenario)


def _assert(placed: list[Placed], seed: int) -> None:
    __tracebackhide__ = True
    from sim.gates.check import check

    failing = [result.sentence for result in check(placed, seed).results if not result.holds]
    if failing:
        raise AssertionError("\n".join(failing))
