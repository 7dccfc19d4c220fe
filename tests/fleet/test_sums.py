"""What the fleet adds up over clients, against the model watched."""

from hypothesis import given, settings

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.verify.generate import scenarios
from sim.worlds import hub_arrivals, perform, totals, unable
from tests.dense import dense
from tests.fleet.sequels import sequels
from tests.fleet.sums import check_sums


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_bytes_and_the_work_of_hub_and_queue_are_those_of_the_model(scenario: Scenario) -> None:
    script = realize(scenario, 5)
    if unable(script, "fleet") is None:
        check_sums(script, totals, hub_arrivals)


@settings(max_examples=60, deadline=None)
@given(dense() | sequels())
def test_so_they_are_where_much_goes_wrong_at_once(scenario: Scenario) -> None:
    check_sums(realize(scenario, 5), totals, hub_arrivals)


@settings(max_examples=100, deadline=None)
@given(sequels())
def test_rows_are_the_models_where_one_connection_follows_the_other(scenario: Scenario) -> None:
    script = realize(scenario, 5)
    assert perform(script, "fleet").rows == perform(script, "model").rows
