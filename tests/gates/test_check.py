import math
from typing import Any

import pytest

from sim.contract.errors import CannotPerform
from sim.contract.script import realize
from sim.gates import check as checking
from sim.gates import perform as performing
from sim.gates.check import check
from sim.gates.load import Placed
from sim.gates.perform import Observed, Run
from sim.measure.metrics import measure
from sim.worlds import perform, totals
from tests.gates.small import DRAWN, DROPPED, EMPTY, placed


def test_a_gate_is_judged_on_what_its_world_measures() -> None:
    (result,) = check([placed(DROPPED, "latency_max_s", below=4)]).results
    script = realize(placed(DROPPED, "latency_max_s", below=4).scenario, 0)
    assert result.holds
    assert result.judged.measured == f"{measure(perform(script))['latency_max_s']:g}"


def test_the_sentence_of_a_failing_gate_says_what_where_and_by_how_much() -> None:
    (result,) = check([placed(DROPPED, "latency_max_s", interval_s=5.0, below=3.5)]).results
    assert not result.holds
    assert result.sentence == "latency_max_s of dropped in model is 4, above the limit of 3.5 by 0.5"


def test_runs_have_one_seed_after_the_other() -> None:
    gate = placed(DRAWN, "messages_lost", replications=4, above=-1)
    observed = check([gate], seed=7).observed
    assert [run.seed for run in observed] == [7, 8, 9, 10]
    for run, found in observed.items():
        assert found.measures == measure(perform(realize(gate.scenario, run.seed)))


def test_only_the_span_that_is_asked_for_is_measured() -> None:
    (whole,) = check([placed(DROPPED, "messages_received", between=[2, 2])]).results
    (within,) = check([placed(DROPPED, "messages_received", within_s=[0, 2], between=[1, 1])]).results
    assert whole.holds
    assert within.holds


def test_a_run_is_performed_once_for_all_gates_that_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    performed = []

    def once(script: object, world: str, **options: object) -> object:
        performed.append(world)
        return perform(script, world)  # type: ignore[arg-type]

    monkeypatch.setattr(performing, "perform", once)
    gates = [
        placed(DROPPED, "poll_requests", below=9),
        placed(DROPPED, "latency_max_s", below=9),
        placed(DROPPED, "latency_max_s", below=9, within_s=[0, 9]),
    ]
    check(gates)
    assert performed == ["model"]


def test_the_fleet_is_measured_without_a_trace() -> None:
    gate = placed(DRAWN, "poll_requests", world="fleet", above=-1)
    (found,) = check([gate]).observed.values()
    assert found.measures == totals(realize(gate.scenario, 0)).measures()


def test_another_world_is_held_against_the_models_prediction() -> None:
    gate = placed(DRAWN, "poll_requests", world="virtual", predicted="model")
    checked = check([gate])
    assert checked.results[0].holds
    assert sum(run.world == "model" for run in checked.observed) == 10


@pytest.mark.parametrize("keys", [{"below": 1}, {"world": "virtual", "predicted": "model"}, {"between": [0, 0]}])
def test_a_run_in_which_nothing_happens_passes_no_gate(keys: dict[str, Any]) -> None:
    (result,) = check([placed(EMPTY, "poll_requests", **keys)]).results
    assert result.vacuous
    assert not result.holds
    assert "with seed 0 nothing happened: no event was emitted, no message sent and no poll" in result.sentence


def test_one_run_of_several_that_shows_nothing_is_enough_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_but_the_last(runs: list[Run], *_: object) -> dict[Run, Observed]:
        script = realize(placed(DROPPED, "latency_max_s", below=9).scenario, 0)
        whole = measure(perform(script))
        return {run: Observed(whole | ({"latency_max_s": None} if run.seed == 2 else {})) for run in runs}

    monkeypatch.setattr(checking, "perform_all", all_but_the_last)
    (result,) = check([placed(DROPPED, "latency_max_s", replications=3, below=9)]).results
    assert result.sentence == (
        "latency_max_s of dropped in model shows nothing: in model with seed 2 there is nothing to measure it by"
    )


def test_a_world_that_cannot_perform_is_named_with_its_gate_before_anything_is_performed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "perform_all", lambda *_: pytest.fail("performed"))
    listing = DROPPED | {"client": {"policy": "hybrid-listing"}}
    with pytest.raises(CannotPerform, match=r"^gates\.toml: gate\[0\]: "):
        check([placed(listing, "poll_requests", world="virtual", below=9)])


def starved(monkeypatch: pytest.MonkeyPatch, one: Placed) -> None:
    whole = measure(perform(realize(one.scenario, 0)))
    monkeypatch.setattr(checking, "perform_all", lambda runs, *_: {run: Observed(whole, starved=True) for run in runs})


def test_what_a_busy_machine_may_have_moved_is_inconclusive_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = placed(DROPPED, "latency_max_s", world="live", below=1)
    starved(monkeypatch, gate)
    (result,) = check([gate]).results
    assert result.judged.verdict == "inconclusive"
    assert "above the limit of 1 by 2; the machine was too busy" in result.sentence


def test_a_busy_machine_does_not_keep_a_gate_from_holding(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = placed(DROPPED, "latency_max_s", world="live", below=9)
    starved(monkeypatch, gate)
    assert check([gate]).results[0].holds


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[float] = []
    check([placed(DRAWN, "poll_requests", replications=3, above=-1)], progress=told.append)
    assert told == sorted(told)
    assert told
    assert math.isclose(told[-1], 1.0)
