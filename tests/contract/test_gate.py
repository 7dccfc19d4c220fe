from typing import Any, get_args

import pytest

from sim.contract.errors import ScenarioError
from sim.contract.fields import Span
from sim.contract.gate import Gate, GatesFile, World
from sim.contract.scenario import Scenario
from sim.contract.sentence import validated
from sim.worlds import WORLDS

LIVE = {"measure": "latency_p50_s", "world": "live"}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no measure": ({"below": 1}, "gate[0].measure: is required"),
    "no demand": ({"measure": "poll_requests"}, "gate[0]: needs exactly one of below, above, between and predicted"),
    "two demands": (
        {"measure": "poll_requests", "below": 1, "above": 0},
        "gate[0]: needs exactly one of below, above, between and predicted",
    ),
    "limits in the wrong order": (
        {"measure": "poll_requests", "between": [2, 1]},
        "gate[0]: between[1] (1) must not be less than between[0] (2)",
    ),
    "one limit": ({"measure": "poll_requests", "between": [2]}, "gate[0].between[1]: is required"),
    "a limit that is no number": (
        {"measure": "poll_requests", "below": "2"},
        "gate[0].below: must be a number, not '2'",
    ),
    "a limit that is not finite": (
        {"measure": "poll_requests", "below": float("nan")},
        "gate[0].below: must be a finite number, not nan",
    ),
    "an unknown key": (
        {"measure": "poll_requests", "bellow": 2},
        "gate[0].bellow: unknown key; did you mean below?",
    ),
    "another table's key": ({"measure": "poll_requests", "equals": 2}, "gate[0].equals: not a key of this table"),
    "an unknown world": (
        {"measure": "poll_requests", "below": 2, "world": "moon"},
        "gate[0].world: must be one of 'model', 'live', 'virtual' or 'fleet', not 'moon'",
    ),
    "no runs": (
        {"measure": "poll_requests", "below": 2, "replications": 0},
        "gate[0].replications: must be at least 1, but is 0",
    ),
    "too many runs": (
        {"measure": "poll_requests", "below": 2, "replications": 1001},
        "gate[0].replications: must be at most 1000, but is 1001",
    ),
    "the model by itself": (
        {"measure": "poll_requests", "predicted": "model"},
        "gate[0]: predicted takes a world other than the predicting one, such as live",
    ),
    "an unknown predicting world": (
        {**LIVE, "predicted": "fleet"},
        "gate[0].predicted: must be one of 'model', not 'fleet'",
    ),
    "a margin of a count": (
        {"measure": "poll_requests", "world": "live", "below": 2, "margin_s": 0.1},
        "gate[0]: margin_s is for times; poll_requests is none",
    ),
    "a margin of a rate": (
        {"measure": "polls_per_s_mean", "world": "live", "below": 2, "margin_s": 0.1},
        "gate[0]: margin_s is for times; polls_per_s_mean is none",
    ),
    "a margin in a deterministic world": (
        {"measure": "latency_p50_s", "below": 2, "margin_s": 0.1},
        "gate[0]: margin_s goes with predicted, or with world live",
    ),
    "a negative margin": (
        {**LIVE, "below": 2, "margin_s": -0.1},
        "gate[0].margin_s: must not be negative, but is -0.1",
    ),
    "a span in the fleet": (
        {"measure": "poll_requests", "below": 2, "world": "fleet", "within_s": [0, 1]},
        "gate[0]: within_s needs a trace, which world fleet does not keep; take another world",
    ),
    "no words": ({"measure": "poll_requests", "below": 2, "says": ""}, "gate[0].says: must not be empty"),
}


@pytest.mark.parametrize(("gate", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_gate_that_cannot_be_is_refused_with_one_sentence(gate: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_dict({"title": "t", "horizon_s": 1.0, "gate": [gate]}, "file.toml")
    assert str(refused.value) == f"file.toml: {sentence}"


def test_an_unknown_measure_is_refused_naming_all() -> None:
    with pytest.raises(ScenarioError, match=r"gate\[0\]: measure must be one of poll_requests, .*, not 'polls'"):
        Scenario.from_dict({"title": "t", "horizon_s": 1.0, "gate": [{"measure": "polls", "below": 1}]})


def test_a_gate_of_a_scenario_names_no_other() -> None:
    gate = {"measure": "poll_requests", "below": 1, "scenario": "best-case"}
    with pytest.raises(ScenarioError, match=r"gate\[0\].scenario: belongs in a file of gates alone"):
        Scenario.from_dict({"title": "t", "horizon_s": 1.0, "gate": [gate]})


def test_a_gate_of_a_gates_file_names_its_scenario() -> None:
    with pytest.raises(ScenarioError, match=r"^f: gate\[0\].scenario: is required in a file of gates alone$"):
        validated(GatesFile, {"gate": [{"measure": "poll_requests", "below": 1}]}, "f")


def test_a_misspelt_list_of_gates_is_found() -> None:
    with pytest.raises(ScenarioError, match=r"^f: gates: unknown key; did you mean gate\?$"):
        validated(GatesFile, {"gates": []}, "f")


def test_a_scenario_keeps_its_gates_in_toml() -> None:
    gates = [{"measure": "poll_requests", "between": [1, 2], "within_s": [0.0, 5.0]}]
    scenario = Scenario.from_dict({"title": "t", "horizon_s": 1.0, "gate": gates})
    assert scenario.gates == (Gate(measure="poll_requests", between=(1, 2), within_s=Span(first_s=0.0, last_s=5.0)),)
    assert Scenario.from_toml(scenario.to_toml()) == scenario


def test_a_gate_knows_every_world() -> None:
    assert set(get_args(World)) == set(WORLDS)
