"""Events that are pushed and shown in one go, where nothing comes between."""

from hypothesis import given, settings

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.fleet.setting import terms
from sim.scenarios import catalog
from sim.worlds import hub_arrivals, totals, unable
from tests.fleet.plain import plain
from tests.fleet.sums import check_sums
from tests.fleet.test_run import agree


@settings(max_examples=100, deadline=None)
@given(plain())
def test_they_have_the_models_rows_and_sums(scenario: Scenario) -> None:
    script = realize(scenario, 7)
    if unable(script, "fleet") is None:
        agree(script)
        check_sums(script, totals, hub_arrivals)


def test_scenarios_without_sequences_and_other_messages_are_taken_so() -> None:
    assert terms(realize(catalog.load("random-gaps")))["plain"]
    for other in ("cursor-heartbeat", "redis-restart", "network-instability"):
        script = realize(catalog.load(other))
        assert terms(script)["plain"] == (not (script.policy.by_sequence or script.redis_outages)), other
