from fractions import Fraction

import pytest

from sim.contract.wire import Message
from sim.reference.client import Client
from sim.reference.habits import Habits
from sim.reference.reconnection import Reconnection
from sim.reference.steps import Arm, Disarm, OpenWebSocket, Poll, Reconnect, Record, Step

HYBRID = Habits()
NEVER = Reconnection()
DOUBLING = Reconnection("exponential", delay_us=1_000_000, max_us=3_000_000)


def message(seq: int, type_: str = "node_completed", run_id: str = "r") -> Message:
    return Message(run_id, seq, type_, None, 0.0)


def armed(due_us: int) -> list[Step]:
    return [Record("timer_armed", detail=f"{due_us / 1e6:.6f}"), Arm(due_us)]


def fresh(habits: Habits = HYBRID, reconnection: Reconnection = NEVER) -> Client:
    return Client("r", habits, reconnection)


def watching(habits: Habits = HYBRID, reconnection: Reconnection = NEVER) -> Client:
    client = fresh(habits, reconnection)
    client.mounted(0)
    return client


def test_c1_mount_opens_the_websocket_and_arms_the_timer() -> None:
    assert fresh().mounted(250) == [OpenWebSocket(), *armed(4_000_250)]


def test_c1_opening_re_arms_the_timer() -> None:
    assert watching().opened(1_000) == [Record("websocket_opened"), *armed(4_001_000)]


def test_c2_a_message_is_shown_and_re_arms() -> None:
    assert watching().received(message(0), 1_000_000) == [
        Record("message_received", 0),
        Record("event_shown", 0),
        *armed(5_000_000),
    ]


def test_c2_a_message_of_another_run_re_arms_and_is_never_shown_nor_terminal() -> None:
    client = watching()
    assert client.received(message(0, "workflow_completed", "another"), 7) == [
        Record("message_received", -1, "other"),
        *armed(4_000_007),
    ]
    assert not client.terminal


def test_c3_the_timer_polls() -> None:
    assert watching().fired() == [Record("poll_sent"), Poll()]


def test_c3_a_timer_that_fires_while_a_poll_is_in_flight_does_nothing() -> None:
    client = watching()
    client.fired()
    client.received(message(0), 4_500_000)
    assert client.fired() == []
    assert client.answered([message(0)], 9_000_000) == [Record("poll_answered", detail="1"), *armed(13_000_000)]


@pytest.mark.parametrize("reason", ["error", "timeout", "overloaded"])
def test_c4_a_failed_poll_re_arms_to_its_finish_plus_interval(reason: str) -> None:
    client = watching()
    client.fired()
    assert client.failed(reason, 4_100_000) == [Record("poll_failed", detail=reason), *armed(8_100_000)]


def test_c4_an_answered_poll_re_arms_to_its_finish_plus_interval() -> None:
    client = watching()
    client.fired()
    assert client.answered([], 4_100_000) == [Record("poll_answered", detail="0"), *armed(8_100_000)]


def test_c5_a_terminal_message_clears_the_timer_for_good() -> None:
    client = watching()
    assert client.received(message(3, "workflow_cancelled"), 1) == [
        Record("message_received", 3),
        Record("event_shown", 3),
        Record("terminal_reached", 3),
        Record("timer_cleared"),
        Disarm(),
    ]
    assert client.received(message(4), 2) == [Record("message_received", 4), Record("event_shown", 4)]
    assert client.received(message(5, "workflow_failed"), 3) == [
        Record("message_received", 5),
        Record("event_shown", 5),
    ]
    assert client.opened(4) == [Record("websocket_opened")]


def test_c5_a_terminal_anywhere_in_an_answer_counts_and_the_first_is_named() -> None:
    client = watching()
    client.fired()
    history = [message(0, "workflow_failed"), message(1), message(2, "workflow_completed")]
    assert client.answered(history, 5) == [
        Record("poll_answered", detail="3"),
        Record("event_shown", 0),
        Record("event_shown", 1),
        Record("event_shown", 2),
        Record("terminal_reached", 0),
    ]


def test_c5_a_poll_in_flight_at_the_terminal_is_still_taken_in_and_arms_nothing() -> None:
    client = watching()
    client.fired()
    client.received(message(1, "workflow_completed"), 4_000_001)
    assert client.answered([message(0), message(1)], 4_100_000) == [
        Record("poll_answered", detail="2"),
        Record("event_shown", 0),
    ]


def test_c5_a_poll_that_fails_after_the_terminal_arms_nothing() -> None:
    client = watching()
    client.fired()
    client.received(message(1, "workflow_completed"), 4_000_001)
    assert client.failed("error", 4_100_000) == [Record("poll_failed", detail="error")]


def test_c5_no_timer_is_cleared_where_none_was_pending() -> None:
    client = watching()
    client.fired()
    assert client.received(message(0, "workflow_completed"), 4_000_001)[-1] == Record("terminal_reached", 0)


def test_c6_an_answer_replaces_and_a_message_appends() -> None:
    client = watching()
    client.received(message(0), 1)
    client.received(message(2), 2)
    client.fired()
    assert client.answered([message(0), message(1)], 10)[:-2] == [
        Record("poll_answered", detail="2"),
        Record("event_erased", 2),
        Record("event_shown", 1),
    ]
    client.fired()
    assert client.answered([message(n) for n in range(4)], 20)[:-2] == [
        Record("poll_answered", detail="4"),
        Record("event_shown", 3),
        Record("event_repeated", 2),
    ]


def test_b9_a_message_repeats_an_event_that_an_answer_has_shown() -> None:
    client = watching()
    client.fired()
    client.answered([message(0)], 10)
    assert client.received(message(0), 20)[:2] == [Record("message_received", 0), Record("event_repeated", 0)]


def test_b9_an_event_displayed_twice_is_erased_once() -> None:
    client = watching()
    client.received(message(0), 1)
    client.received(message(0), 2)
    client.fired()
    assert client.answered([], 10)[:2] == [Record("poll_answered", detail="0"), Record("event_erased", 0)]


def test_c7_the_interval_grows_per_finished_poll_exactly_and_not_beyond_the_longest() -> None:
    habits = Habits(poll_interval_us=1_000_001, backoff_factor=Fraction("1.1"), backoff_max_us=1_300_000)
    client = watching(habits)
    intervals = []
    for n in range(6):
        client.fired()
        client.failed("error", 0) if n % 2 else client.answered([], 0)
        intervals.append(client.due_us)
    assert intervals == [1_100_001, 1_210_001, 1_300_000, 1_300_000, 1_300_000, 1_300_000]


def test_c7_the_interval_is_rounded_down_from_the_exact_power_and_not_at_every_step() -> None:
    client = watching(Habits(poll_interval_us=5, backoff_factor=Fraction("1.5"), backoff_max_us=1_000))
    intervals = []
    for _ in range(6):
        client.fired()
        client.answered([], 0)
        intervals.append(client.due_us)
    assert intervals == [7, 11, 16, 25, 37, 56]


def test_c7_a_message_resets_the_backoff_before_it_re_arms_and_opening_does_not() -> None:
    client = watching(Habits(backoff_factor=Fraction("1.5")))
    client.fired()
    client.answered([], 0)
    assert client.opened(0)[1:] == armed(6_000_000)
    assert client.received(message(0, run_id="another"), 0)[1:] == armed(4_000_000)


def test_c7_the_longest_interval_binds_only_under_backoff() -> None:
    assert watching(Habits(backoff_max_us=10)).due_us == 4_000_000
    assert watching(Habits(backoff_max_us=10, backoff_factor=Fraction(2))).due_us == 10


def test_b6_poll_at_mount_follows_the_arming() -> None:
    client = fresh(Habits(poll_at_mount=True))
    assert client.mounted(0) == [
        OpenWebSocket(),
        *armed(4_000_000),
        Record("poll_sent"),
        Poll(),
    ]


def test_b7_without_polling_there_is_no_timer() -> None:
    client = fresh(Habits(polling=False))
    assert client.mounted(0) == [OpenWebSocket()]
    assert client.opened(1) == [Record("websocket_opened")]
    assert client.received(message(0, "workflow_completed"), 2) == [
        Record("message_received", 0),
        Record("event_shown", 0),
        Record("terminal_reached", 0),
    ]


def test_b7_without_a_websocket_none_is_opened() -> None:
    assert fresh(Habits(websocket=False)).mounted(0) == armed(4_000_000)


REASONS = ["connection-lost", "refused", "going-away"]


@pytest.mark.parametrize("reason", REASONS)
def test_b4_a_lost_websocket_leaves_the_timer_alone_and_none_is_opened_again_by_a_client_that_does_not_reconnect(
    reason: str,
) -> None:
    client = watching()
    client.opened(1_000)
    assert client.closed(reason, 2_000_000) == [Record("websocket_closed", detail=reason)]
    assert client.due_us == 4_001_000
    assert client.reconnect_us is None


@pytest.mark.parametrize("reason", REASONS)
def test_c10_whatever_ended_the_websocket_the_next_attempt_comes_after_the_delay(reason: str) -> None:
    client = watching(reconnection=DOUBLING)
    client.opened(1_000)
    assert client.closed(reason, 2_000_000) == [
        Record("websocket_closed", detail=reason),
        Reconnect(3_000_000),
    ]
    assert (client.due_us, client.reconnect_us) == (4_001_000, 3_000_000)
    assert client.reconnecting() == [OpenWebSocket()]
    assert (client.due_us, client.reconnect_us) == (4_001_000, None)


def waits(client: Client, *happenings: str) -> list[int]:
    """How long the client waits after each of its closes, in seconds: `opened` and `closed` happen at zero."""
    found = []
    for happening in happenings:
        if happening == "opened":
            client.opened(0)
            continue
        client.closed("connection-lost", 0)
        assert client.reconnect_us is not None
        found.append(client.reconnect_us // 1_000_000)
        client.reconnecting()
    return found


def test_c10_attempts_that_failed_since_the_mount_or_the_last_opening_count_and_the_close_of_an_open_one_does_not() -> (
    None
):
    tireless = Reconnection("exponential", delay_us=1_000_000, max_us=100_000_000)
    happenings = ["closed", "closed", "opened", "closed", "closed", "closed", "opened", "closed", "opened", "closed"]
    assert waits(watching(reconnection=tireless), *happenings) == [2, 4, 1, 2, 4, 1, 1]


def test_c10_each_attempt_takes_its_own_draw_from_the_mounts_on_failed_or_not() -> None:
    draws = [0, 1 << 31, 1 << 30, (1 << 32) - 1]
    drawing = Reconnection("fixed", "full", delay_us=8_000_000, draws=draws)
    happenings = ["closed", "opened", "closed", "closed", "opened", "closed"]
    assert waits(watching(reconnection=drawing), *happenings) == [4, 2, 7, 0]


def test_c10_the_websocket_is_opened_again_after_the_terminal_too_and_arms_nothing() -> None:
    client = watching(reconnection=DOUBLING)
    client.opened(0)
    client.received(message(0, "workflow_completed"), 1_000_000)
    assert client.closed("going-away", 2_000_000)[1:] == [Reconnect(3_000_000)]
    assert client.reconnecting() == [OpenWebSocket()]
    assert client.opened(3_000_000) == [Record("websocket_opened")]
    assert client.received(message(1, run_id="another"), 3_000_001) == [Record("message_received", -1, "other")]


def test_c7_opening_again_re_arms_and_keeps_the_backoff() -> None:
    client = watching(Habits(backoff_factor=Fraction(2)), DOUBLING)
    client.opened(0)
    client.fired()
    client.failed("error", 0)
    client.closed("connection-lost", 0)
    client.reconnecting()
    assert client.opened(1_000_000) == [Record("websocket_opened"), *armed(9_000_000)]
