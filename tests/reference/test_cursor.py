"""The cursor protocol in world virtual: tiny scripts with every row (P2, P4 to P10)."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.worlds import perform
from tests.reference.faults import fault
from tests.reference.tiny import BARE, SLOW_POLLS, beating, events, performed, told


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
