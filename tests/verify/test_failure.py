"""What a search writes down of a failure: short, and all that worlds go by."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.verify.failure import brief
from sim.verify.generate import wide
from sim.worlds import perform
from tests.verify.faults import script


@settings(max_examples=60)
@given(wide(), st.integers(0, 1000))
def test_a_brief_scenario_is_performed_like_the_whole_one(scenario: Scenario, seed: int) -> None:
    short = Scenario.from_dict(brief(scenario, seed))
    assert perform(realize(short, seed), "model") == perform(realize(scenario, seed), "model")


def test_a_brief_scenario_keeps_what_the_servers_go_by() -> None:
    given = script(orchestrator={"workers": 2, "queue_limit": 7}, fanout={"send_buffer_bytes": 9}).scenario
    short = brief(given, 0)
    assert (short["orchestrator"], short["fanout"]) == ({"workers": 2, "queue_limit": 7}, {"send_buffer_bytes": 9})
