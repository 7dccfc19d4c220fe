"""What a live world may do is no difference: a world in which all comes a little late keeps rules and agreement."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.scenarios import catalog
from sim.verify.agreement import compare
from sim.verify.generate import wide
from sim.verify.invariants import check
from sim.worlds import perform
from tests.verify.lateness import LateScript

SEEDS = st.integers(0, 1000)

LIVE = [name for name in catalog.names() if catalog.load(name).policy.listing == "none"]
"""The shipped scenarios that may be live: the document's listings never are."""


@settings(max_examples=200)
@given(wide() | wide(protocol=True), SEEDS)
def test_a_world_in_which_all_comes_a_little_late_keeps_the_rules_and_does_not_differ(
    scenario: Scenario, seed: int
) -> None:
    script = realize(scenario, seed)
    late = Trace(perform(LateScript(script, seed), "model").rows, world="live", script=script)
    assert check(late, script) == []
    agreement = compare(perform(script, "model"), late)
    assert agreement.verdict != "differ", agreement.sentence


@pytest.mark.parametrize("name", LIVE)
def test_a_shipped_scenario_in_which_all_comes_a_little_late_does_not_differ(name: str) -> None:
    script = realize(catalog.load(name).override(count=10))
    late = Trace(perform(LateScript(script, 0), "model").rows, world="live", script=script)
    assert check(late, script) == []
    agreement = compare(perform(script, "model"), late)
    assert agreement.verdict != "differ", agreement.sentence


def test_most_of_the_shipped_scenarios_agree_even_so() -> None:
    verdicts: Counter[str] = Counter()
    for name in LIVE:
        script = realize(catalog.load(name).override(count=10))
        late = Trace(perform(LateScript(script, 0), "model").rows, world="live", script=script)
        verdicts[compare(perform(script, "model"), late).verdict] += 1
    assert verdicts["agree"] > verdicts.total() / 2
