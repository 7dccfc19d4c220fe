"""Sentences for bad scenarios. The corpus of invalid files pins most of them; here are the rules behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import ScenarioError
from sim.contract.scenario import Scenario

SMALLEST = {"title": "t", "horizon_s": 1.0}
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TABLES = ("title", "horizon_s", "client", "workload", "websocket", "polling", "fault", "claim", "x")


def refusal(**changes: object) -> str:
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_dict(SMALLEST | changes)
    return str(refused.value)


@given(st.dictionaries(st.sampled_from(TABLES), JSON_LIKE))
def test_whatever_the_table_the_answer_is_a_scenario_or_one_line(data: dict[str, object]) -> None:
    sentence = "somewhere: ok"
    try:
        Scenario.from_dict(data, "somewhere")
    except ScenarioError as error:
        sentence = str(error)
    assert sentence.startswith("somewhere: ")
    assert len(sentence.splitlines()) == 1


def test_an_unknown_key_is_told_before_any_other_problem() -> None:
    assert refusal(horizon_s=-1.0, horizon=1.0) == "scenario: horizon: unknown key; did you mean horizon_s?"


def test_a_key_that_is_known_elsewhere_is_not_suggested_again() -> None:
    assert refusal(poll_interval_s=1.0) == "scenario: poll_interval_s: not a key of this table"


def test_a_key_that_toml_would_quote_is_quoted() -> None:
    assert refusal(client={"a.b": 1}) == 'scenario: client."a.b": unknown key'


def test_a_key_named_like_a_distribution_is_still_named() -> None:
    assert refusal(client={"uniform": [0, 1]}) == "scenario: client.uniform: not a key of this table"


def test_a_fault_is_named_by_its_place_not_by_its_kind() -> None:
    sentence = refusal(fault=[{"kind": "message-lost", "probability": 0.5}, {"kind": "message-lost"}])
    assert sentence == "scenario: fault[1]: needs exactly one of event, probability and burst"


def test_a_long_value_is_cut() -> None:
    assert len(refusal(title=list(range(1_000)))) < 120
