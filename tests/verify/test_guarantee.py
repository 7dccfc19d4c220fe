"""The guarantee on random scripts: it holds, a seed gives the same again, and a protocol that fails it is found."""

import pytest
from hypothesis import given, settings

from sim.contract.draws import generator
from sim.contract.fault import SlowReader
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.verify import guarantee as module
from sim.verify.fuzz import judge
from sim.verify.generate import recovering
from sim.verify.generate_recovering import FAULTS, recovering_script
from sim.verify.guarantee import TOGETHER, Fared, Guarantee, OfFaults, guarantee
from sim.verify.recovery import recovered_by_us
from sim.worlds import perform


@pytest.fixture(scope="module")
def found() -> Guarantee:
    return guarantee(330, seed=1)


def test_p12_nothing_is_lost_for_good_and_no_rule_broken(found: Guarantee) -> None:
    assert found.holds
    assert (found.failures, found.total.cursor.events_lost, found.total.cursor.runs_incomplete) == ([], 0, 0)


def test_the_documented_client_loses_events_on_the_same_scripts(found: Guarantee) -> None:
    assert found.total.hybrid.events_lost > 0
    assert 0 < found.total.hybrid.runs_incomplete <= found.total.hybrid.events_lost


def test_messages_are_lost_in_every_class_of_faults(found: Guarantee) -> None:
    assert [one.faults for one in found.classes] == list(FAULTS)
    assert all(one.cursor.messages_lost > 0 for one in found.classes)


def test_the_protocol_polls_hardly_more_than_the_documented_client(found: Guarantee) -> None:
    assert found.total.polls_hardly_more


def test_all_together_are_the_sum_of_the_classes(found: Guarantee) -> None:
    assert found.total.scripts == sum(one.scripts for one in found.classes) == 330
    assert found.total.cursor.polls == sum(one.cursor.polls for one in found.classes)


def test_the_same_seed_gives_the_same_and_another_seed_another() -> None:
    once, again, other = guarantee(1), guarantee(1), guarantee(1, seed=2)
    assert once == again
    assert once.classes != other.classes


def test_progress_goes_to_the_end() -> None:
    seen: list[float] = []
    guarantee(1, progress=seen.append)
    assert seen == sorted(seen)
    assert (len(seen), seen[-1]) == (len(FAULTS), 1.0)


def test_a_protocol_that_loses_an_event_fails_with_a_scenario_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(script: Script, world: str) -> Trace:
        return Trace([row for row in perform(script, world).rows if row[2:4] != ("event_shown", 0)], world=world)

    monkeypatch.setattr(module, "perform", losing)
    found = guarantee(1)
    assert not found.holds
    assert found.total.cursor.events_lost == found.total.scripts
    assert len(found.failures) == len(FAULTS)
    assert Scenario.from_toml(found.failures[0].to_toml()).policy.by_sequence


def test_polls_hardly_more_are_as_many_as_the_other_client_sends_and_those_that_recover() -> None:
    def of(polls: int) -> OfFaults:
        return OfFaults("x", 1, Fared(polls=5), Fared(), Fared(polls=polls, recovering=2))

    assert of(7).polls_hardly_more
    assert not of(8).polls_hardly_more


def test_an_answer_that_shows_several_events_recovers_once() -> None:
    script = recovering_script("messages lost", generator(0, "x", 0, 0), 1)
    rows = [
        (1, 0, "poll_sent", -1, ""),
        (1, 0, "poll_answered", -1, "2"),
        (1, 0, "event_shown", 0, ""),
        (1, 0, "event_shown", 1, ""),
        (2, 0, "poll_sent", -1, ""),
        (2, 0, "poll_answered", -1, "0"),
        (2, 0, "timer_armed", -1, "3.000000"),
        (3, 0, "message_received", 2, ""),
        (3, 0, "event_shown", 2, ""),
    ]
    fared = module._fared(Trace(rows), script)
    assert (fared.polls, fared.recovering) == (2, 1)


@settings(max_examples=30)
@given(recovering())
def test_random_ones_for_every_world_must_recover_by_their_horizon(scenario: Scenario) -> None:
    assert scenario.policy.by_sequence
    assert not any(isinstance(fault, SlowReader) for fault in scenario.faults)


@settings(max_examples=10)
@given(recovering())
def test_random_ones_are_recovered_in_both_exact_worlds(scenario: Scenario) -> None:
    assert judge(realize(scenario, 0), ["model", "virtual"]) is None


def test_each_script_of_a_class_must_be_recovered_by_its_horizon() -> None:
    for faults in FAULTS:
        script = recovering_script(faults, generator(3, faults, 0, 0), TOGETHER)
        by_us = [recovered_by_us(script, me, max(me.event_us)) for me in script.all_clients()]
        assert all(time_us is not None and time_us <= script.horizon_us for time_us in by_us)
