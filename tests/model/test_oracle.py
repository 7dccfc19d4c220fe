"""The model against an independent second reading of the rules, row for row."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, perform, realize
from sim.verify.generate import small as scenarios
from sim.verify.generate import wide as wide_scenarios

from .oracle import told


@settings(deadline=None, max_examples=150)
@given(scenarios(), st.integers(0, 1000))
def test_the_model_tells_what_a_second_reading_of_the_rules_tells(scenario: Scenario, seed: int) -> None:
    script = realize(scenario, seed)
    assert perform(script, "model").rows == told(script)


@settings(deadline=None, max_examples=40)
@given(wide_scenarios(), st.integers(0, 1000))
def test_also_with_distributions_generated_workloads_and_seconds(scenario: Scenario, seed: int) -> None:
    script = realize(scenario, seed)
    assert perform(script, "model").rows == told(script)
