import pytest

from sim import load
from sim.contract.errors import InputError
from sim.contract.fault import MessageLost
from sim.contract.scenario import Scenario
from sim.experiments.replace import is_base, replaced

from .small import SCENARIO


def test_every_key_of_a_scenario_can_be_replaced_by_its_dotted_name() -> None:
    found = replaced(
        SCENARIO,
        {
            "client.poll_interval_s": 2,
            "client.count": 7,
            "client.start_s": {"uniform": [0, 4]},
            "horizon_s": 50,
            "fault.0.probability": 0.5,
            "orchestrator.workers": 3,
            "workload.poisson.mean_gap_s": 1.5,
        },
    )
    (fault,) = found.faults
    assert isinstance(fault, MessageLost)
    assert (found.policy.poll_interval_s, found.client.count, found.horizon_s) == (2, 7, 50)
    assert (fault.probability, found.orchestrator.workers) == (0.5, 3)
    assert found.workload.poisson is not None
    assert found.workload.poisson.mean_gap_s == 1.5


def test_all_else_stays() -> None:
    changed = replaced(SCENARIO, {"fault.0.probability": 0.5})
    assert replaced(changed, {"fault.0.probability": 0.2}).to_dict() == SCENARIO.to_dict()
    assert replaced(SCENARIO, {}) == SCENARIO


def test_another_policy_leaves_out_what_does_not_concern_it_as_override_does() -> None:
    reconnecting = SCENARIO.override(reconnect="fixed")
    assert replaced(reconnecting, {"client.policy": "polling-only"}) == reconnecting.override(policy="polling-only")


def test_claims_and_gates_speak_of_the_base_alone() -> None:
    own = Scenario.from_dict(load("best-case").to_dict() | {"gate": [{"measure": "poll_requests", "below": 1}]})
    assert own.claims
    assert own.gates
    other = replaced(own, {"client.poll_interval_s": 1})
    assert (other.claims, other.gates) == ((), ())
    assert is_base(own, {"client.poll_interval_s": own.policy.poll_interval_s})


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("client.poll_interval", 1, "client.poll_interval: unknown key; did you mean poll_interval_s?"),
        ("cliant.count", 1, "cliant: unknown key; did you mean client?"),
        ("seed", 1, "seed: unknown key"),
        ("client.poll_interval_s", "x", "client.poll_interval_s: must be a number, not 'x'"),
        ("orchestrator.workers", -1, "orchestrator.workers: must not be negative, but is -1"),
        (
            "fault.1.probability",
            0.1,
            "fault.1.probability: fault has no item '1'; there are 1 of them, numbered from 0",
        ),
        ("fault.x.event", 0, "fault.x.event: fault has no item 'x'; there are 1 of them, numbered from 0"),
        ("fault.0.event", 0, "needs exactly one of event, probability and burst"),
        ("horizon_s.x", 1, "horizon_s.x: horizon_s is a value, not a table"),
        ("claim.0.equals", 1, "claim: must be a list"),
    ],
)
def test_an_unknown_key_or_a_bad_value_is_one_sentence(key: str, value: object, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        replaced(SCENARIO, {key: value})
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_point_is_the_base_where_it_changes_nothing_spelt_out_or_not() -> None:
    assert is_base(SCENARIO, {"client.poll_interval_s": 4})
    assert is_base(SCENARIO, {"client.policy": "hybrid", "fault.0.probability": 0.2})
    assert not is_base(SCENARIO, {"client.poll_interval_s": 4.5})
    assert not is_base(SCENARIO, {"fault.0.probability": 0.3})
    assert not is_base(SCENARIO, {"client.count": 31})
