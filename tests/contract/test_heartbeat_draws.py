"""Heartbeats in a script (P3)."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize


def scenario(**tables: object) -> Scenario:
    """Heartbeats every 3 s in 20 s, of clients that start at 1 s."""
    table: dict[str, object] = {
        "title": "t",
        "horizon_s": 20.0,
        "client": {"count": 30, "start_s": 1.0},
        "workload": {"even": {"count": 3, "every_s": 1.0}, "other_events": [{"at_s": 1.0, "type": "x"}]},
        "orchestrator": {"heartbeat_s": 3.0},
    }
    return Scenario.from_dict(table | tables)


def test_p3_heartbeats_are_due_every_so_often_from_the_start() -> None:
    assert realize(scenario()).client(0).heartbeat_us == [1_000_000 + k * 3_000_000 for k in range(1, 7)]


def test_p3_without_heartbeat_s_there_are_none() -> None:
    assert realize(scenario(orchestrator={})).client(0).heartbeat_us == []


def test_p3_a_heartbeat_has_the_latency_of_a_message_drawn_for_itself() -> None:
    drawn = realize(scenario(websocket={"latency_s": {"uniform": [0, 1]}})).client(0)
    assert len(set(drawn.heartbeat_latency_us)) == 6
    assert realize(scenario(websocket={"latency_s": 0.25})).client(0).heartbeat_latency_us == [250_000] * 6


@pytest.mark.parametrize("chosen", [{"probability": 0.5}, {"burst": {"enter": 0.5, "leave": 0.5}}])
def test_p3_l8_heartbeats_are_lost_by_chances_of_their_own(chosen: dict[str, object]) -> None:
    faults = [{"kind": "message-lost", **chosen}]
    script = realize(scenario(fault=faults))
    lost = [client.heartbeat_lost for client in script.all_clients()]
    assert 0.3 < sum(map(sum, lost)) / (30 * 6) < 0.7
    without = realize(scenario(fault=faults, orchestrator={}))
    assert [c.event_lost for c in script.all_clients()] == [c.event_lost for c in without.all_clients()]
    assert [c.other_lost for c in script.all_clients()] == [c.other_lost for c in without.all_clients()]


def test_a_loss_by_index_is_an_events() -> None:
    script = realize(scenario(fault=[{"kind": "message-lost", "event": 1}]))
    assert script.client(0).heartbeat_lost == [False] * 6
    assert script.client(0).event_lost == [False, True, False]
