import pytest

from sim.contract.claim import MEASURES
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.gates.perform import Measures
from sim.gates.vacuous import why_vacuous
from sim.measure.metrics import measure
from sim.worlds import perform, totals
from tests.gates.small import DROPPED, EMPTY


def of(table: dict[str, object], world: str = "model") -> Measures:
    script = realize(Scenario.from_dict(table), 0)
    return totals(script).measures() if world == "fleet" else measure(perform(script, world))


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("world", ["model", "fleet"])
def test_every_measure_of_a_run_in_which_nothing_happens_is_vacuous(name: str, world: str) -> None:
    assert why_vacuous(name, of(EMPTY, world)) == "nothing happened: no event was emitted, no message sent and no poll"


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "empty_poll_ratio"])
def test_a_run_with_events_messages_and_polls_shows_something_of_each_measure(name: str) -> None:
    assert why_vacuous(name, of(DROPPED)) is None


POLLS_ALONE = {"title": "polls", "horizon_s": 9.0}
PUSHES_ALONE = {
    "title": "pushes",
    "horizon_s": 3.0,
    "workload": {"events": [{"at_s": 1.0, "type": "workflow_completed"}]},
}


@pytest.mark.parametrize(
    ("name", "table", "reason"),
    [
        ("events_lost", POLLS_ALONE, "no event was emitted"),
        ("messages_lost", POLLS_ALONE, "no message was sent"),
        ("latency_max_s", POLLS_ALONE, "there is nothing to measure it by"),
        ("poll_requests", POLLS_ALONE, None),
        ("polls_failed", PUSHES_ALONE, "no poll was sent"),
        ("empty_poll_ratio", PUSHES_ALONE, "there is nothing to measure it by"),
        ("poll_requests", PUSHES_ALONE, None),
        ("messages_lost", PUSHES_ALONE, None),
    ],
)
def test_a_measure_of_what_did_not_happen_is_vacuous(name: str, table: dict[str, object], reason: str | None) -> None:
    assert why_vacuous(name, of(table)) == reason
