"""Which scripts share a set of servers in the live world, and which have one of their own."""

import os

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.reference.redis import connected, nobody_told
from sim.reference.running import tasks
from sim.reference.systems import systems
from tests.reference.faults import fault, partition
from tests.reference.leftovers import children
from tests.reference.loops import lively

THEIRS = "redis://somewhere.example:6379/0"

USUAL = [
    "",
    '[client]\npolicy = "polling-only"\ncount = 50\n',
    '[client]\nreconnect = "fixed"\n',
    partition(1.0, 2.0),
    fault("connection-lost", at_s=1.0, manner="half-open"),
    fault("connection-refused", from_s=1.0, until_s=2.0),
]
OF_THEIR_OWN = [
    fault("fanout-restart", at_s=1.0, for_s=1.0),
    fault("redis-outage", at_s=1.0, for_s=1.0),
    "[fanout]\nsend_buffer_bytes = 100\n",
    "[fanout]\nping_every_s = 20.0\n",
    "[orchestrator]\nworkers = 3\n",
]


def script(text: str) -> Script:
    return realize(Scenario.from_toml(f'title = "t"\nhorizon_s = 10.0\n{text}'))


def shared(*texts: str) -> list[list[int]]:
    """Which positions share a system."""
    with systems([script(text) for text in texts], THEIRS) as together:
        return [list(system.scripts) for system in together]


@pytest.mark.parametrize("text", USUAL)
def test_scripts_whose_servers_are_as_usual_and_stay_up_share_one_system(text: str) -> None:
    assert shared("", text, "") == [[0, 1, 2]]


@pytest.mark.parametrize("text", OF_THEIR_OWN)
def test_a_script_with_an_outage_or_servers_of_its_own_shares_none(text: str) -> None:
    assert shared("", text, text, "") == [[0, 3], [1], [2]]


def test_where_no_script_is_usual_there_is_no_system_to_share() -> None:
    assert shared(OF_THEIR_OWN[0]) == [[0]]
    assert shared() == []


def test_on_somebody_elses_redis_no_server_is_started_and_names_begin_with_our_process() -> None:
    before = children()
    with systems([script(""), script(OF_THEIR_OWN[2])], THEIRS) as together:
        assert [(system.redis, system.namespace) for system in together] == [(THEIRS, f"{os.getpid()}:")] * 2
        assert children() == before


@pytest.mark.live
@pytest.mark.xdist_group("live")
def test_each_system_has_an_embedded_redis_of_its_own_that_is_gone_afterwards() -> None:
    async def answers(url: str) -> None:
        async with tasks() as group, connected(url, group, nobody_told):
            pass

    before = children()
    with systems([script(""), script(OF_THEIR_OWN[0]), script("")], None) as together:
        urls = {system.redis if isinstance(system.redis, str) else system.redis.url for system in together}
        assert [list(system.scripts) for system in together] == [[0, 2], [1]]
        assert len(urls) == 2
        assert {system.namespace for system in together} == {""}
        for url in urls:
            lively(answers(url))
    assert children() == before
