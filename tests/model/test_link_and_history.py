"""Rules W, R, F, O and L of DESIGN.md section 3, and what docs/behaviour.md decides about them."""

import pytest

from sim import Scenario, perform, realize
from sim.model.fanout import Fanout
from sim.model.message import OWN, Message
from sim.model.redis import Redis
from sim.model.turns import Clock

from .telling import at, cut, link, lose, only, refuse, rows, script, tell, times


def test_w1_w2_each_event_is_emitted_then_published_at_its_time_in_order() -> None:
    found = tell("1 1 3", policy="polling-only", horizon=3)
    assert only(found, "event_emitted", "message_published") == rows("""
        1 event_emitted #0
        1 message_published #0
        1 event_emitted #1
        1 message_published #1
        3 event_emitted #2
        3 message_published #2
    """)


def test_w2_a_poll_that_arrives_with_the_publication_finds_the_event_in_the_history() -> None:
    assert at(tell("4", policy="polling-only", horizon=4), 4) == rows("""
        4 event_emitted #0
        4 message_published #0
        4 message_lost #0 no-connection
        4 poll_sent
        4 poll_answered 1
        4 event_shown #0
        4 timer_armed 8
    """)


@pytest.mark.parametrize("ending", ["completed", "failed", "cancelled"])
def test_w3_each_terminal_type_ends_the_run_by_message_and_by_answer(ending: str) -> None:
    assert times(tell(f"1!{ending}"), "terminal_reached") == [1.0]
    assert times(tell(f"1!{ending}", policy="polling-only"), "terminal_reached") == [4.0]


@pytest.mark.parametrize("kind", ["workflow_started", "workflow_complete", "node_failed", "WORKFLOW_COMPLETED"])
def test_w3_no_other_type_ends_the_run(kind: str) -> None:
    table = {"title": "t", "horizon_s": 9.0, "workload": {"events": [{"at_s": 1.0, "type": kind}]}}
    found = perform(realize(Scenario.from_dict(table))).rows
    assert times(found, "terminal_reached") == []
    assert times(found, "poll_sent") == [5.0, 9.0]


def test_w4_workload_times_count_from_the_start_and_fault_times_from_zero() -> None:
    found = tell("1 3", others="2", start_s=10.0, faults=[cut(12.5)], horizon=14)
    assert found == rows("""
        10 timer_armed 14
        10 websocket_opened
        10 timer_armed 14
        11 event_emitted #0
        11 message_published #0
        11 message_received #0
        11 event_shown #0
        11 timer_armed 15
        12 message_received other
        12 timer_armed 16
        12.5 websocket_closed connection-lost
        13 event_emitted #1
        13 message_published #1
        13 message_lost #1 no-connection
    """)


def test_r1_usernames_hold_a_colon_and_still_get_their_messages() -> None:
    played = script("1")
    assert ":" in played.client(0).username
    assert times(perform(played).rows, "message_received") == [1.0]


def test_r2_o3_what_was_published_before_the_opening_is_gone_but_stands_in_the_history() -> None:
    assert tell("1 3", connect=2.0, horizon=7) == rows("""
        0 timer_armed 4
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        2 websocket_opened
        2 timer_armed 6
        3 event_emitted #1
        3 message_published #1
        3 message_received #1
        3 event_shown #1
        3 timer_armed 7
        7 poll_sent
        7 poll_answered 2
        7 event_shown #0
        7 timer_armed 11
    """)


def test_f2_a_message_goes_to_its_own_user_and_to_no_other() -> None:
    found = tell("1", count=3, start_s=0.0, faults=[lose(0) | {"fraction": 0.5}], horizon=2)
    assert link(found) == rows("""
        0 websocket_opened
        c1 0 websocket_opened
        c2 0 websocket_opened
        1 message_received #0
        c1 1 message_lost #0 fault
        c2 1 message_received #0
    """)


def test_f2_a_message_goes_to_all_connections_of_its_user_also_where_sending_it_closes_one() -> None:
    sent: list[str] = []
    clock = Clock(10**9)
    redis = Redis(clock, lambda _: None)
    hub = Fanout(clock, script(), redis, lambda _: None)

    class End:
        def __init__(self, name: str) -> None:
            self.name = name

        def send(self, message: Message) -> None:
            sent.append(f"{self.name}{message.event}")
            hub.close("u:1", self)

    for name in "abc":
        hub.open("u:1", End(name))
    redis.publish("workflow:events:u:1", Message(0, OWN, 7, 7))
    assert sent == ["a7", "b7", "c7"]


def test_f2_each_of_the_two_messages_of_one_instant_arrives_by_itself() -> None:
    assert at(tell("1 1", horizon=1, latency=0.0), 1)[4:] == rows("""
        1 message_received #0
        1 event_shown #0
        1 timer_armed 5
        1 message_received #1
        1 event_shown #1
        1 timer_armed 5
    """)


def test_o1_the_answer_counts_all_events_of_the_run_and_no_other_runs() -> None:
    found = tell("1 2 3", others="1 2", policy="polling-only", horizon=4)
    assert only(found, "poll_answered") == rows("4 poll_answered 3")


def test_o1_the_answer_of_a_run_without_events_is_empty() -> None:
    assert at(tell(horizon=4), 4) == rows("4 poll_sent\n4 poll_answered 0\n4 timer_armed 8")


@pytest.mark.parametrize(("emitted", "count"), [(4.999999, 1), (5.0, 1), (5.000001, 0)])
def test_o3_c9_the_answer_holds_the_history_at_the_arrival_of_the_request(emitted: float, count: int) -> None:
    found = tell(f"{emitted}", policy="polling-only", poll_latency=2.0, horizon=6)
    assert only(found, "poll_answered") == rows(f"6 poll_answered {count}")


def test_l1_a_message_arrives_its_latency_after_its_publication() -> None:
    found = tell("1 2", latency=0.25, horizon=3)
    assert link(found) == rows("0 websocket_opened\n1.25 message_received #0\n2.25 message_received #1")


def test_l1_messages_on_one_connection_arrive_in_the_order_of_publication() -> None:
    queued = overtaking = 0
    for seed in range(20):
        played = script("1 1.2 1.4 1.6", others="1.1 1.3 1.5", latency={"uniform": [0.0, 3.0]}, seed=seed)
        mine, arrival, wanted = played.client(0), 0, []
        published = [(t, 0, n, mine.event_latency_us[n]) for n, t in enumerate(mine.event_us)]
        published += [(t, 1, n, mine.other_latency_us[n]) for n, t in enumerate(mine.other_us)]
        for time_us, other, index, latency_us in sorted(published):
            queued += time_us + latency_us < arrival
            arrival = max(time_us + latency_us, arrival)
            wanted.append((arrival, other, index))
        wanted.sort()  # B11: at one instant own messages are first, whatever their publication
        overtaking += [w[1:] for w in wanted] != [p[1:3] for p in sorted(published)]
        found = [(row[0], int(row[4] == "other")) for row in only(perform(played).rows, "message_received")]
        assert found == [(time_us, other) for time_us, other, _ in wanted]
    assert queued > 0
    assert overtaking > 0


def test_l1_l2_a_message_in_flight_is_lost_at_the_close() -> None:
    found = tell("1 2 2.5", latency=1.0, faults=[cut(2.5)], horizon=6)
    assert link(found) == rows("""
        0 websocket_opened
        2 message_received #0
        2.5 message_lost #1 connection-lost
        2.5 websocket_closed connection-lost
        2.5 message_lost #2 no-connection
    """)


def test_l1_a_message_that_would_arrive_at_the_close_is_lost() -> None:
    found = tell("1", latency=1.0, faults=[cut(2)], horizon=6)
    assert link(found) == rows("""
        0 websocket_opened
        2 message_lost #0 connection-lost
        2 websocket_closed connection-lost
    """)


def test_l1_a_message_that_queues_behind_a_slow_one_is_lost_with_it() -> None:
    for seed in range(50):
        played = script("1 1.5", latency={"uniform": [0.0, 4.0]}, faults=[cut(3)], horizon=5, seed=seed)
        first, second = played.client(0).event_latency_us
        if first > 2_000_000 and second < 1_000_000:
            assert only(perform(played).rows, "message_lost") == rows("""
                3 message_lost #0 connection-lost
                3 message_lost #1 connection-lost
            """)
            return
    pytest.fail("no seed gives a slow and then a fast message")


def test_l2_no_connection_outranks_fault_and_fault_outranks_the_close() -> None:
    found = tell("1 3 4", connect=2.0, latency=9.0, faults=[lose(0), lose(1), cut(5)], horizon=9)
    assert link(found) == rows("""
        1 message_lost #0 no-connection
        2 websocket_opened
        3 message_lost #1 fault
        5 message_lost #2 connection-lost
        5 websocket_closed connection-lost
    """)


def test_l2_b2_a_message_lost_at_publication_is_recorded_in_the_turn_of_its_publication() -> None:
    assert at(tell("1 1 1", faults=[lose(0), lose(1)], horizon=1), 1) == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 fault
        1 event_emitted #1
        1 message_published #1
        1 message_lost #1 fault
        1 event_emitted #2
        1 message_published #2
        1 message_received #2
        1 event_shown #2
        1 timer_armed 5
    """)


def test_l2_a_message_that_the_fault_takes_delays_no_other() -> None:
    for seed in range(50):
        played = script("1 1.5", latency={"uniform": [0.0, 4.0]}, faults=[lose(0)], horizon=9, seed=seed)
        first, second = played.client(0).event_latency_us
        if first > second + 500_000:
            (row,) = only(perform(played).rows, "message_received")
            assert row[0] == 1_500_000 + second
            return
    pytest.fail("no seed gives a slow and then a fast message")


def test_l2_b3_several_messages_lost_at_one_close_are_told_own_first_then_others() -> None:
    found = tell("2 3", others="1 2.5", latency=5.0, faults=[cut(4)], horizon=4)
    assert at(found, 4)[:5] == rows("""
        4 message_lost #0 connection-lost
        4 message_lost #1 connection-lost
        4 message_lost connection-lost
        4 message_lost connection-lost
        4 websocket_closed connection-lost
    """)


def test_b1_another_runs_event_is_neither_emitted_nor_published_but_delivered_or_lost_like_any_other() -> None:
    everything = {"kind": "message-lost", "probability": 1.0}
    assert tell(others="1", latency=0.5, horizon=2)[3:] == rows("1.5 message_received other\n1.5 timer_armed 5.5")
    assert tell(others="1", faults=[everything], horizon=2)[3:] == rows("1 message_lost fault")
    assert tell(others="1", connect=1.5, horizon=1)[1:] == rows("1 message_lost no-connection")
    assert tell(others="1", latency=2.0, faults=[cut(2)], horizon=2)[3:] == rows("""
        2 message_lost connection-lost
        2 websocket_closed connection-lost
    """)


def test_b1_b3_at_one_instant_the_own_loss_comes_before_the_other_runs() -> None:
    assert at(tell("1", others="1", connect=3.0, horizon=1), 1) == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        1 message_lost no-connection
    """)


@pytest.mark.parametrize("lost_at", [0.0, 1.0, 1.999999])
def test_l5_b4_a_loss_while_connecting_fails_the_attempt_at_the_time_of_the_fault(lost_at: float) -> None:
    assert link(tell("3", connect=2.0, faults=[cut(lost_at)], horizon=9)) == rows(f"""
        {lost_at} websocket_closed connection-lost
        3 message_lost #0 no-connection
    """)


def test_l5_a_loss_with_nothing_open_or_opening_does_nothing() -> None:
    before, after = tell("2", start_s=1.0, faults=[cut(0.5)]), tell("2", start_s=1.0)
    assert before == after
    assert times(tell("2", faults=[cut(1), cut(1), cut(3)]), "websocket_closed") == [1.0]
    assert times(tell("2", faults=[refuse(0, 1), cut(3)]), "websocket_closed") == [0.0]


def test_l5_a_loss_at_the_opening_closes_what_has_just_opened() -> None:
    assert link(tell(connect=2.0, faults=[cut(2)], horizon=2)) == rows("""
        2 websocket_opened
        2 websocket_closed connection-lost
    """)


@pytest.mark.parametrize(
    ("start", "refused"), [(1.999999, False), (2.0, True), (2.999999, True), (3.0, False), (3.000001, False)]
)
def test_l5_a_refused_window_holds_its_first_instant_and_not_its_last(start: float, refused: bool) -> None:
    found = link(tell(start_s=start, connect=0.5, faults=[refuse(2, 3)], horizon=9))
    told = "websocket_closed refused" if refused else "websocket_opened"
    assert found == rows(f"{start + 0.5} {told}")


def test_l5_an_empty_refused_window_refuses_nobody() -> None:
    assert link(tell(start_s=2.0, faults=[refuse(2, 2)], horizon=2)) == rows("2 websocket_opened")


def test_l5_b4_a_refused_attempt_fails_at_its_start_plus_connect_also_when_the_window_is_over() -> None:
    assert tell("1", connect=3.0, faults=[refuse(0, 0.5)], horizon=4) == rows("""
        0 timer_armed 4
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        3 websocket_closed refused
        4 poll_sent
        4 poll_answered 1
        4 event_shown #0
        4 timer_armed 8
    """)


def test_l5_b4_a_loss_during_a_refused_attempt_closes_it_once_and_earlier() -> None:
    assert link(tell(connect=3.0, faults=[refuse(0, 9), cut(2)], horizon=9)) == rows(
        "2 websocket_closed connection-lost"
    )


def test_a_fault_with_a_fraction_hits_exactly_the_clients_where_the_floor_steps() -> None:
    found = tell(count=10, faults=[refuse(0, 1) | {"fraction": 0.3}], horizon=0)
    hit = [i for i in range(10) if (i + 1) * 3 // 10 > i * 3 // 10]
    assert hit == [3, 6, 9]
    assert [row[1] for row in found if row[4] == "refused"] == hit
