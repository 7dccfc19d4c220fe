"""Heartbeats in world virtual: when they come, what they tell, how they are lost (P3)."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.worlds import perform
from tests.reference.faults import fault, partition
from tests.reference.tiny import BARE, beating, events, performed, told


def test_p3_a_heartbeat_comes_every_so_often_until_the_run_has_ended_and_writes_no_row_when_published() -> None:
    trace = performed(events(1.0, terminal=6.0) + beating(2.0))
    assert told(trace, 1.5) == [
        "2 received heartbeat",
        "2 armed 6",
        "4 received heartbeat",
        "4 armed 8",
        "6 received 1",
        "6 shown 1",
        "6 reached 1",
        "6 cleared",
    ]
    assert [row[2:] for row in trace.rows if row[0] == 2_000_000][:1] == [("message_received", -1, "heartbeat")]


def test_p3_heartbeats_count_from_the_clients_start() -> None:
    trace = performed(beating(2.0), client=BARE + "start_s = 0.5\n", horizon_s=5.0)
    assert [row for row in told(trace) if "heartbeat" in row] == ["2.5 received heartbeat", "4.5 received heartbeat"]


def test_p3_without_a_terminal_event_heartbeats_go_on_to_the_horizon() -> None:
    found = [row for row in told(performed(events(1.0) + beating(5.0), horizon_s=20.0)) if "heartbeat" in row]
    assert found == [f"{t} received heartbeat" for t in (5, 10, 15, 20)]


def test_p3_at_one_instant_own_events_come_first_then_other_runs_then_heartbeats() -> None:
    trace = performed(events(2.0, other=(2.0,)) + beating(2.0), horizon_s=2.0)
    assert told(trace, 1.0, armed=False) == ["2 received 0", "2 shown 0", "2 received other", "2 received heartbeat"]


def test_p3_a_heartbeat_knows_the_event_of_its_own_instant() -> None:
    trace = performed(events(2.0) + beating(2.0) + fault("message-lost", event=0), horizon_s=2.0)
    assert told(trace, 1.0)[:3] == ["2 lost 0 fault", "2 received heartbeat", "2 sent"]


def test_p3_p7_a_heartbeat_tells_of_the_last_event_whose_message_was_lost() -> None:
    trace = performed(events(1.0, 2.0) + beating(2.5) + fault("message-lost", event=1), horizon_s=3.0)
    assert told(trace, 2.0) == [
        "2 lost 1 fault",
        "2.5 received heartbeat",
        "2.5 sent",
        "2.5 answered 1",
        "2.5 shown 1",
        "2.5 armed 6.5",
    ]


def test_p3_where_messages_do_not_come_heartbeats_do_not_either() -> None:
    reasons = {
        "no-connection": fault("connection-refused", from_s=0.0, until_s=1.0),
        "fault": fault("message-lost", probability=1.0),
        "redis-outage": fault("redis-outage", at_s=1.0, for_s=2.0),
        "no-subscriber": fault("fanout-restart", at_s=1.0, for_s=2.0),
        "half-open": fault("connection-lost", at_s=1.0, manner="half-open"),
    }
    for reason, text in reasons.items():
        client = "reconnect = 'none'\n"
        rows = told(performed(beating(2.0) + text, client=client, horizon_s=3.0), 1.5, armed=False)
        assert rows[:1] == [f"2 lost {reason}"], reason


def test_p3_a_heartbeat_on_its_way_is_lost_with_its_connection_after_the_messages_of_events() -> None:
    text = events(2.0, other=(2.0,)) + "[websocket]\nlatency_s = 1.0\n" + beating(2.0)
    trace = performed(text + fault("connection-lost", at_s=2.5), horizon_s=2.9)
    assert told(trace, 2.0) == [
        "2.5 lost 0 connection-lost",
        "2.5 lost connection-lost",
        "2.5 lost connection-lost",
        "2.5 closed connection-lost",
    ]


def test_p3_a_partition_holds_heartbeats_up_like_messages() -> None:
    trace = performed(events(2.0) + beating(1.9) + partition(1.0, 5.0), horizon_s=5.0)
    assert told(trace, 1.5, armed=False)[:1] == ["4 sent"]
    assert told(trace, 5.0, armed=False)[:4] == [
        "5 received 0",
        "5 shown 0",
        "5 received heartbeat",
        "5 received heartbeat",
    ]


def test_p3_a_slow_reader_reads_heartbeats_too() -> None:
    text = '{"type":"heartbeat","run_id":"run-000000","number":0,"newest":-1}'
    slow = "[fanout]\nsend_buffer_bytes = 10\n" + fault("slow-reader", clients=[0], bytes_per_s=len(text) / 2.5)
    read = [row for row in told(performed(beating(3.0) + slow)) if "heartbeat" in row]
    assert read == ["5.5 received heartbeat", "8.5 received heartbeat", "11.5 received heartbeat"]
    # the second comes to lie behind the first
    assert told(performed(beating(2.0) + slow), 2.0, armed=False)[:3] == [
        "4 lost overflow",
        "4 lost overflow",
        "4 closed connection-lost",
    ]


@pytest.mark.parametrize("redis", ["local", "resp"])
def test_p3_heartbeats_pass_through_redis(redis: str) -> None:
    script = realize(Scenario.from_toml('title = "t"\nhorizon_s = 5.0\n' + beating(2.0)))
    rows = told(perform(script, "virtual", redis=redis), 1.0)
    assert rows == ["2 received heartbeat", "2 armed 6", "4 received heartbeat", "4 armed 8"]


def test_p3_who_does_not_go_by_sequence_takes_a_heartbeat_for_a_message_and_polls_later() -> None:
    trace = performed(events(1.0) + beating(3.0) + fault("message-lost", event=0), policy="hybrid", client="")
    assert told(trace, 1.0, armed=False) == ["1 lost 0 fault", *[f"{t} received heartbeat" for t in (3, 6, 9, 12)]]
