"""Random scripts on stock asyncio and real sockets, held against model and virtual (DESIGN.md section 9)."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.verify.agreement import compare
from sim.verify.generate import wide
from sim.worlds import perform, perform_together

SAMPLE = 60
MOST_CLIENTS = 120
"""All sampled scripts are performed side by side; more clients would hold one another up."""


def sample() -> list[Scenario]:
    """Random scenarios of seconds: in those of microseconds a live world decides nothing."""
    drawn: list[Scenario] = []

    @settings(max_examples=SAMPLE, phases=[Phase.generate], derandomize=True, database=None,
              suppress_health_check=list(HealthCheck), deadline=None)  # fmt: skip
    @given(wide() | wide(protocol=True))
    def collect(scenario: Scenario) -> None:
        drawn.append(scenario)

    collect()
    chosen, clients = [], 0
    for scenario in drawn:
        if clients + scenario.client.count <= MOST_CLIENTS and scenario.horizon_s <= 15:
            chosen.append(scenario)
            clients += scenario.client.count
    return chosen


@pytest.mark.live
def test_random_scripts_on_real_sockets_never_differ_from_the_model_and_the_virtual_world() -> None:
    scripts = [realize(scenario, seed=number) for number, scenario in enumerate(sample())]
    assert len(scripts) > SAMPLE / 3
    verdicts: Counter[str] = Counter()
    for script, live in zip(scripts, perform_together(scripts), strict=True):
        model, virtual = perform(script, "model"), perform(script, "virtual")
        assert compare(model, virtual).verdict == "agree"
        held = compare(virtual, live)
        verdicts[held.verdict] += 1
        assert held.verdict != "differ", f"{held.sentence}\n{script.scenario.to_toml()}"
    assert verdicts["agree"] > len(scripts) / 3, f"too few decide anything: {verdicts}"
