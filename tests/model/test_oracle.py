"""The model against an independent second reading of the rules, row for row.

The second reading is of one client, so that there is no orchestrator's queue; that is tested on its own.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, perform, realize
from sim.verify.generate import small as scenarios
from sim.verify.generate import wide as wide_scenarios

from .oracle import told
from .telling import apart

SEEDS = st.integers(0, 1000)


def check(scenario: Scenario, seed: int) -> None:
    script = realize(apart(scenario), seed)
    assert perform(script, "model").rows == told(script)


@settings(deadline=None, max_examples=300)
@given(scenarios(), SEEDS)
def test_the_model_tells_what_a_second_reading_of_the_rules_tells(scenario: Scenario, seed: int) -> None:
    check(scenario, seed)


@settings(deadline=None, max_examples=60)
@given(wide_scenarios(), SEEDS)
def test_also_with_distributions_generated_workloads_and_seconds(scenario: Scenario, seed: int) -> None:
    check(scenario, seed)


READING = st.fixed_dictionaries(
    {
        "clients": st.sampled_from([[0], [0, 1]]),
        "bytes_per_s": st.sampled_from(
            [0.0, 1e6, 5e7, 8.5e7, 1e9, 1e12]
        ),  # a message of some 80 bytes: none, 80, 2, 1 us
    }
)
LIMITS = st.fixed_dictionaries(
    {
        "send_buffer_bytes": st.integers(50, 400),
        "write_within_s": st.integers(1, 6).map(lambda n: n * 1e-6),
    }
)


@settings(deadline=None, max_examples=200)
@given(scenarios(), READING, LIMITS, SEEDS)
def test_also_with_slow_readers(scenario: Scenario, reading: dict[str, Any], limits: dict[str, Any], seed: int) -> None:
    table = scenario.override(count=2).to_dict()
    table["fault"] = [*table.get("fault", []), {"kind": "slow-reader", **reading}]
    table["fanout"] |= limits
    check(Scenario.from_dict(table), seed)
