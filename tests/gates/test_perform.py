import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.gates import perform as performing
from sim.gates.perform import Run, perform_all
from sim.worlds import perform
from tests.gates.small import DROPPED


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """How many clients each script had that was performed live, go by go; the model performs them."""
    groups: list[list[int]] = []

    def instead(scripts: list[Script], *_: object) -> list[Trace]:
        groups.append([script.clients for script in scripts])
        return [perform(script, "model") for script in scripts]

    monkeypatch.setattr(performing, "perform_live", instead)
    return groups


def live(count: int, seeds: int) -> tuple[list[Run], dict[str, Scenario]]:
    scenario = Scenario.from_dict(DROPPED | {"client": {"count": count}})
    return [Run("dropped", "live", seed, None) for seed in range(seeds)], {"dropped": scenario}


def test_live_runs_are_performed_side_by_side(side_by_side: list[list[int]]) -> None:
    observed = perform_all(*live(20, 5))
    assert side_by_side == [[20] * 5]
    assert [run.seed for run in observed] == [0, 1, 2, 3, 4]


def test_not_more_clients_at_a_time_than_one_process_can_serve(side_by_side: list[list[int]]) -> None:
    perform_all(*live(200, 5))
    assert side_by_side == [[200, 200], [200, 200], [200]]
