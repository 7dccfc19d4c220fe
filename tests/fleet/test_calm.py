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


def test_no_event_is_taken_so_while_a_poll_is_owed() -> None:
    """A message then sends the poll that a reconnection owes, where it would set the timer (P7)."""
    table = catalog.load("worst-case").to_dict() | {"title": "owed", "horizon_s": 30.0, "claim": []}
    table["client"] = {"policy": "hybrid", "catch_up_poll": True, "reconnect": "fixed", "reconnect_delay_s": 1.0}
    table["workload"] = {"even": {"count": 10, "every_s": 1.5}}
    table["polling"] = {"latency_s": 2.0}
    table["fault"] = [{"kind": "connection-lost", "at_s": 4.0}]
    agree(realize(Scenario.from_dict(table)))
