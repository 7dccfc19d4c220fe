"""Scenario files (DESIGN.md section 5): what is valid, what is refused and how, TOML in and out."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given

from sim.contract.errors import InputError, ScenarioError
from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from tests.strategies import scenarios

CORPUS = Path(__file__).parent.parent / "corpus"
VALID = sorted((CORPUS / "valid").glob("*.toml"))
INVALID = sorted((CORPUS / "invalid").glob("*.toml"))
SMALLEST = 'title = "t"\nhorizon_s = 1.0\n'


def name_of(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_file_loads_realizes_and_round_trips(path: Path) -> None:
    scenario = Scenario.from_file(path)
    assert len(list(realize(scenario).json_lines())) == 1 + scenario.client.count
    assert Scenario.from_toml(scenario.to_toml()) == scenario


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_an_invalid_file_is_refused_with_one_sentence_that_names_file_key_and_reason(path: Path) -> None:
    """The sentence stands in the file's first line; it is about that file, or about the CSV file beside it."""
    first_line = path.read_bytes().splitlines()[0].decode()
    expected = first_line.removeprefix("# expected: ")
    with pytest.raises(ScenarioError) as refused:
        realize(Scenario.from_file(path))
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert sentence.replace(f"{path.parent}/", "").removeprefix(f"{path.name}: ") == expected
    if expected.startswith("csv-"):
        assert sentence.startswith(f"{path.with_suffix('.csv')}: ")
    elif "of-recorded" not in path.stem:  # decided when realized, where the file is no longer known
        assert sentence.startswith(f"{path}: ")


def test_the_corpus_is_there() -> None:
    assert len(VALID) >= 15
    assert len(INVALID) >= 50


@given(scenarios())
def test_any_scenario_round_trips_toml(scenario: Scenario) -> None:
    assert Scenario.from_toml(scenario.to_toml()) == scenario


@given(scenarios())
def test_any_scenario_round_trips_a_table(scenario: Scenario) -> None:
    assert Scenario.from_dict(scenario.to_dict()) == scenario


def test_every_key_but_title_and_horizon_has_a_default() -> None:
    scenario = Scenario.from_toml(SMALLEST)
    assert scenario.client.policy == "hybrid"
    assert (scenario.client.count, scenario.client.start_s) == (1, 0.0)
    assert scenario.workload.event_count() == 0
    assert (scenario.websocket.connect_s, scenario.websocket.latency_s) == (0.0, 0.0)
    assert (scenario.polling.latency_s, scenario.polling.timeout_s) == (0.0, 10.0)
    assert (scenario.source, scenario.faults, scenario.claims) == ("", (), ())


def test_a_scenario_is_frozen() -> None:
    scenario = Scenario.from_toml(SMALLEST)
    with pytest.raises(ValueError, match="frozen"):
        scenario.horizon_s = 2.0  # type: ignore[misc]


def test_whole_numbers_of_seconds_are_numbers_of_seconds() -> None:
    assert Scenario.from_toml('title = "t"\nhorizon_s = 1\n') == Scenario.from_toml(SMALLEST)


def test_a_single_choice_overrides_the_preset() -> None:
    text = SMALLEST + '[client]\npolicy = "hybrid-backoff"\npoll_interval_s = 7.0\n'
    policy = Scenario.from_toml(text).policy
    assert (policy.poll_interval_s, policy.backoff_factor) == (7.0, 1.5)


def test_a_choice_can_be_switched_off() -> None:
    assert not Scenario.from_toml(SMALLEST + "[client]\npolling = false\n").policy.polling


def test_override_changes_the_client_and_nothing_else() -> None:
    scenario = Scenario.from_file(CORPUS / "valid" / "every-claim.toml")
    other = scenario.override(count=7, poll_interval_s=2.5)
    assert (other.client.count, other.policy.poll_interval_s) == (7, 2.5)
    assert other.model_copy(update={"client": scenario.client}) == scenario


def test_override_is_validated_like_a_file() -> None:
    with pytest.raises(ScenarioError, match=r"^t: client\.count: must be at least 1, but is 0$"):
        Scenario.from_toml(SMALLEST).override(count=0)


def test_a_recorded_file_is_looked_for_beside_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("run_id,at_s,type,node_id\nr,1.0,node_completed,n\n", encoding="utf-8")
    path = tmp_path / "s.toml"
    path.write_text(SMALLEST + '[workload]\nrecorded = { file = "a.csv" }\n', encoding="utf-8")
    monkeypatch.chdir("/")
    assert realize(Scenario.from_file(path)).client(0).event_us == [1_000_000]


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_file(path)
    assert str(refused.value) == f"{path}: cannot be read (No such file or directory)"


def test_every_refusal_is_an_input_error() -> None:
    """Exit status 2 is decided by the type."""
    with pytest.raises(InputError):
        Scenario.from_toml("")


def test_a_policy_without_a_websocket_in_place_of_a_scenarios_own_leaves_out_its_reconnection() -> None:
    client = {"reconnect": "exponential", "jitter": "full", "reconnect_delay_s": 2.0}
    scenario = Scenario.from_dict({"title": "x", "horizon_s": 9.0, "client": client})
    assert scenario.override(policy="polling-only").policy == PRESETS["polling-only"]
    assert scenario.override(policy="websocket-only").policy.reconnect == "exponential"
    with pytest.raises(ScenarioError, match="reconnect needs websocket"):
        scenario.override(policy="polling-only", reconnect="fixed")


def test_a_listing_in_place_of_a_policy_leaves_out_what_it_does_not_know() -> None:
    """D1 to D14: all but the interval and the backoff."""
    chosen = {"policy": "hybrid", "poll_interval_s": 2.0, "reconnect": "fixed", "gap_poll": True, "count": 3}
    scenario = Scenario.from_dict({"title": "t", "horizon_s": 1.0, "client": chosen})
    listing = scenario.override(policy="hybrid-listing")
    assert listing.client.count == 3
    assert listing.policy == dataclasses.replace(PRESETS["hybrid-listing"], poll_interval_s=2.0)


def test_a_choice_that_a_listing_does_not_know_is_refused_where_it_is_asked_for_too() -> None:
    scenario = Scenario.from_dict({"title": "t", "horizon_s": 1.0})
    with pytest.raises(ScenarioError, match=r"^t: client: gap_poll cannot be chosen for hybrid-listing"):
        scenario.override(policy="hybrid-listing", gap_poll=True)
