"""The cursor protocol in world virtual: tiny scripts with every row (P1 to P12)."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.worlds import perform
from tests.reference.faults import fault, partition

BARE = "websocket = true\npoll_jitter = 0.0\nreconnect = 'fixed'\njitter = 'none'\nreconnect_delay_s = 1.0\n"
"""What keeps hybrid-cursor's times whole."""


def performed(text: str, *, client: str = BARE, policy: str = "hybrid-cursor", horizon_s: float = 12.0) -> Trace:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\npolicy = "{policy}"\n{client}'
    return perform(realize(Scenario.from_toml(head + text)), "virtual")


def events(*at_s: float, terminal: float | None = None, other: tuple[float, ...] = ()) -> str:
    listed = [f'{{ at_s = {t}, type = "x" }}' for t in at_s]
    listed += [] if terminal is None else [f'{{ at_s = {terminal}, type = "workflow_completed" }}']
    others = [f'{{ at_s = {t}, type = "x" }}' for t in other]
    return f"[workload]\nevents = [{', '.join(listed)}]\nother_events = [{', '.join(others)}]\n"


def beating(every_s: float) -> str:
    return f"[orchestrator]\nheartbeat_s = {every_s}\n"


SLOW_POLLS = "[polling]\nlatency_s = 0.5\n"

SHORT = {
    "timer_armed": "armed",
    "timer_cleared": "cleared",
    "poll_sent": "sent",
    "poll_answered": "answered",
    "poll_failed": "failed",
    "message_received": "received",
    "message_lost": "lost",
    "event_shown": "shown",
    "terminal_reached": "reached",
    "websocket_opened": "opened",
    "websocket_closed": "closed",
}


def told(trace: Trace, from_s: float = 0.0, *, armed: bool = True) -> list[str]:
    """The client's rows from then on as `2.5 shown 0`; emissions are left out."""
    found = []
    for time_us, _, kind, event, detail in trace.rows:
        if time_us < from_s * 1e6 or kind not in SHORT or (kind == "timer_armed" and not armed):
            continue
        what = f"{float(detail):g}" if kind == "timer_armed" else detail
        number = [] if event < 0 else [str(event)]
        found.append(" ".join([f"{time_us / 1e6:g}", SHORT[kind], *number, *([what] if what else [])]))
    return found


def test_p4_p8_a_dropped_message_is_asked_for_when_the_next_one_tells() -> None:
    trace = performed(events(1.0, 2.0, 3.0, terminal=9.0) + SLOW_POLLS + fault("message-lost", event=1))
    assert told(trace, 1.0) == [
        "1 received 0",
        "1 shown 0",
        "1 armed 5",
        "2 lost 1 fault",
        "3 received 2",
        "3 sent",
        "3.5 answered 2",
        "3.5 shown 1",
        "3.5 shown 2",
        "3.5 armed 7.5",
        "7.5 sent",
        "8 answered 0",
        "8 armed 12",
        "9 received 3",
        "9 shown 3",
        "9 reached 3",
        "9 cleared",
    ]


def test_p6_a_terminal_event_with_a_gap_before_it_is_reached_by_the_poll_that_closes_the_gap() -> None:
    text = events(1.0, 2.0, terminal=3.0) + SLOW_POLLS + fault("message-lost", event=1)
    for client in (BARE, BARE + "gap_poll = false\n"):
        assert told(performed(text, client=client), 3.0) == [
            "3 received 2",
            "3 sent",
            "3.5 answered 2",
            "3.5 shown 1",
            "3.5 shown 2",
            "3.5 reached 2",
            "3.5 cleared",
        ]


def test_the_documented_client_loses_what_the_cursor_recovers() -> None:
    text = events(1.0, 2.0, terminal=3.0) + fault("message-lost", event=1)
    shown = [row for row in told(performed(text, policy="hybrid", client="")) if "shown" in row]
    assert shown == ["1 shown 0", "3 shown 2"]


def test_p7_final_poll_alone_lets_a_gap_be_until_the_terminal_event_has_come() -> None:
    text = events(1.0, 2.0, 3.0, 5.0, terminal=8.0) + fault("message-lost", event=1)
    trace = performed(text, client=BARE + "gap_poll = false\npoll_interval_s = 9.0\n")
    assert told(trace, 3.0, armed=False) == [
        "3 received 2",
        "5 received 3",
        "8 received 4",
        "8 sent",
        "8 answered 4",
        "8 shown 1",
        "8 shown 2",
        "8 shown 3",
        "8 shown 4",
        "8 reached 4",
        "8 cleared",
    ]


def test_p7_what_is_missed_while_away_is_asked_for_as_the_websocket_opens_again() -> None:
    text = events(1.0, 3.0, terminal=9.0) + SLOW_POLLS + fault("connection-lost", at_s=2.5)
    assert told(performed(text), 2.0) == [
        "2.5 closed connection-lost",
        "3 lost 1 no-connection",
        "3.5 opened",
        "3.5 sent",
        "4 answered 1",
        "4 shown 1",
        "4 armed 8",
        "8 sent",
        "8.5 answered 0",
        "8.5 armed 12.5",
        "9 received 2",
        "9 shown 2",
        "9 reached 2",
        "9 cleared",
    ]


def test_p7_catch_up_poll_works_by_itself_and_its_client_replaces_what_it_shows() -> None:
    text = events(1.0, 3.0) + SLOW_POLLS + fault("connection-lost", at_s=2.5)
    trace = performed(text, policy="hybrid", client="reconnect = 'fixed'\ncatch_up_poll = true\n", horizon_s=5.0)
    assert told(trace, 3.1) == ["3.5 opened", "3.5 sent", "4 answered 2", "4 shown 1", "4 armed 8"]


def test_p2_an_answer_holds_what_is_newer_as_of_the_requests_arrival() -> None:
    text = events(1.0, 3.0, 3.9, 4.4) + "[polling]\nlatency_s = 1.0\n" + fault("connection-lost", at_s=2.5)
    trace = performed(text, client=BARE + "poll_interval_s = 3.0\n", horizon_s=4.9)
    assert told(trace, 3.5, armed=False)[:2] == ["3.5 opened", "3.5 sent"]
    # event 3 is there by now, but came to the orchestrator after the request
    shown = [f"4.5 shown {event}" for event in (1, 2, 3)]
    assert told(trace, 4.4, armed=False) == ["4.4 received 3", "4.5 answered 2", *shown, "4.5 sent"]


def test_p8_while_one_is_in_flight_the_owed_poll_waits_for_its_answer() -> None:
    text = events(1.0, 4.1, 4.2, 9.0) + "[polling]\nlatency_s = 2.0\n" + fault("message-lost", event=1)
    trace = performed(text, client=BARE + "poll_interval_s = 3.0\n")
    assert told(trace, 4.0)[:8] == [
        "4 sent",
        "4.1 lost 1 fault",
        "4.2 received 2",
        "6 answered 2",
        "6 shown 1",
        "6 shown 2",
        "6 armed 9",
        "6 sent",
    ]


def test_p8_p9_after_a_failed_poll_the_owed_one_waits_for_a_timer_that_nothing_puts_off() -> None:
    text = events(1.0, 2.0, 3.0, 4.0, 5.0, other=(6.0,)) + beating(6.5) + fault("message-lost", event=1)
    text += fault("poll-failed", polls=[0])
    assert told(performed(text, horizon_s=7.0), 3.0) == [
        "3 received 2",
        "3 sent",
        "3 failed error",
        "3 armed 7",
        "4 received 3",
        "5 received 4",
        "6 received other",
        "6.5 received heartbeat",
        "7 sent",
        "7 answered 4",
        "7 shown 1",
        "7 shown 2",
        "7 shown 3",
        "7 shown 4",
        "7 armed 11",
    ]


def test_p10_the_wait_grows_with_failed_polls_in_a_row_and_an_answer_ends_that() -> None:
    text = fault("poll-failed", polls=[0, 1, 2])
    trace = performed(text, client=BARE + "poll_interval_s = 1.0\nerror_backoff_max_s = 3.0\n", horizon_s=9.0)
    assert told(trace, 1.0) == [
        "1 sent",
        "1 failed error",
        "1 armed 2",
        "2 sent",
        "2 failed error",
        "2 armed 4",
        "4 sent",
        "4 failed error",
        "4 armed 7",
        "7 sent",
        "7 answered 0",
        "7 armed 8",
        "8 sent",
        "8 answered 0",
        "8 armed 9",
        "9 sent",
        "9 answered 0",
        "9 armed 10",
    ]


FULL = "[orchestrator]\nworkers = 1\nservice_s = 60.0\nqueue_limit = 0\nretry_after_s = 7\n"


@pytest.mark.parametrize(("choice", "due_s"), [("true", 7.5), ("false", 1.5)])
def test_p10_who_is_turned_away_comes_again_when_it_was_asked_to(choice: str, due_s: float) -> None:
    client = f"poll_at_mount = true\ncount = 2\nretry_after = {choice}\npoll_interval_s = 1.0\n"
    trace = performed(FULL, policy="polling-only", client=client + "start_s = 0.5\n", horizon_s=2.0)
    second = [(kind, detail) for _, client, kind, _, detail in trace.rows if client == 1]
    assert second[2:4] == [("poll_failed", "overloaded"), ("timer_armed", f"{due_s:.6f}")]


def test_p10_every_wait_is_jittered_by_the_draw_of_the_poll_that_is_next() -> None:
    text = events(1.0, 2.0)
    scenario = Scenario.from_toml(
        f'title = "t"\nhorizon_s = 12.0\n[client]\npolicy = "polling-only"\npoll_jitter = 0.5\n{text}'
    )
    script = realize(scenario, seed=3)
    draws = script.client(0).poll_jitter_draw
    now_us, wanted = 0, []
    for number in range(4):
        wanted.append(now_us + 4_000_000 + 2_000_000 * draws[number] // (1 << 32))
        now_us = wanted[-1]
    trace = perform(script, "virtual")
    due = [detail for _, _, kind, _, detail in trace.rows if kind == "timer_armed"]
    assert due == [f"{us / 1e6:.6f}" for us in wanted][: len(due)]
    assert len(due) in (3, 4)


# heartbeats


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
