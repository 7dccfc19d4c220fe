"""One instant (DESIGN.md section 3): every pair of classes at one microsecond, told by its visible consequence.

0 mount, 1 WebSocket opens, 2 WebSocket closes, 3 event emitted and published, 4 message arrives, 5 request reaches the
orchestrator, 6 poll is answered or fails, 7 timer fires. Different clients share nothing that shows, so all is of one.
A server's own timers, class 8, stand with what they do: pings, tries to subscribe, workers, limits for writing.
"""

from itertools import combinations
from typing import Any, NamedTuple

import pytest

from .telling import at, cut, lose, rows, tell


class Tie(NamedTuple):
    """Two classes at one instant: why their order shows, in what scenario, and all that is told of the instant."""

    pair: tuple[int, int]
    why: str
    own: str
    world: dict[str, Any]
    second: float
    told: str


OBSERVABLE = [
    Tie(
        (0, 1),
        "the opening is a step of its own that the mount starts, after the mount's rows",
        "",
        {"poll_at_mount": True, "poll_latency": 1.0},
        0,
        "0 timer_armed 4\n0 poll_sent\n0 websocket_opened\n0 timer_armed 4",
    ),
    Tie(
        (0, 2),
        "a loss at the mount finds an attempt to fail; before the mount it would do nothing",
        "",
        {"connect": 1.0, "start_s": 3.0, "faults": [cut(3)]},
        3,
        "3 timer_armed 7\n3 websocket_closed connection-lost",
    ),
    Tie(
        (0, 3),
        "the rows of the mount come before those of an event at the start",
        "0",
        {"policy": "polling-only"},
        0,
        "0 timer_armed 4\n0 event_emitted #0\n0 message_published #0\n0 message_lost #0 no-connection",
    ),
    Tie(
        (0, 4),
        "a message at the start finds the client mounted and open",
        "0",
        {},
        0,
        """
        0 timer_armed 4
        0 websocket_opened
        0 timer_armed 4
        0 event_emitted #0
        0 message_published #0
        0 message_received #0
        0 event_shown #0
        0 timer_armed 4
        """,
    ),
    Tie(
        (0, 5),
        "the poll of the mount leaves before, and arrives after, the events of the start",
        "0",
        {"policy": "polling-only", "poll_at_mount": True},
        0,
        """
        0 timer_armed 4
        0 poll_sent
        0 event_emitted #0
        0 message_published #0
        0 message_lost #0 no-connection
        0 poll_answered 1
        0 event_shown #0
        0 timer_armed 4
        """,
    ),
    Tie(
        (0, 6),
        "a poll of the mount that fails at once fails in a turn of its own, after the opening",
        "",
        {"poll_at_mount": True, "faults": [{"kind": "poll-failed", "polls": [0]}]},
        0,
        """
        0 timer_armed 4
        0 poll_sent
        0 websocket_opened
        0 timer_armed 4
        0 poll_failed error
        0 timer_armed 4
        """,
    ),
    Tie(
        (1, 2),
        "a loss at the opening closes an open connection; before it would fail the attempt, unopened",
        "",
        {"connect": 2.0, "faults": [cut(2)]},
        2,
        "2 websocket_opened\n2 timer_armed 6\n2 websocket_closed connection-lost",
    ),
    Tie(
        (1, 3),
        "an event at the opening finds a connection; before it would have none",
        "2",
        {"connect": 2.0},
        2,
        """
        2 websocket_opened
        2 timer_armed 6
        2 event_emitted #0
        2 message_published #0
        2 message_received #0
        2 event_shown #0
        2 timer_armed 6
        """,
    ),
    Tie(
        (1, 6),
        "the opening arms the timer that a terminal answer then clears; after the terminal it would arm nothing",
        "0!",
        {"connect": 2.0, "poll_at_mount": True, "poll_latency": 2.0},
        2,
        """
        2 websocket_opened
        2 timer_armed 6
        2 poll_answered 1
        2 event_shown #0
        2 terminal_reached #0
        2 timer_cleared
        """,
    ),
    Tie(
        (1, 7),
        "an opening at the due time postpones the poll",
        "",
        {"connect": 4.0},
        4,
        "4 websocket_opened\n4 timer_armed 8",
    ),
    Tie(
        (2, 3),
        "an event at the close finds no connection; before it would be lost in flight",
        "2",
        {"latency": 1.0, "faults": [cut(2)]},
        2,
        """
        2 websocket_closed connection-lost
        2 event_emitted #0
        2 message_published #0
        2 message_lost #0 no-connection
        """,
    ),
    Tie(
        (2, 4),
        "a message that would arrive at the close is lost",
        "1",
        {"latency": 1.0, "faults": [cut(2)]},
        2,
        "2 message_lost #0 connection-lost\n2 websocket_closed connection-lost",
    ),
    Tie(
        (2, 6),
        "the row of the close comes before those of the answer",
        "",
        {"poll_latency": 1.0, "faults": [cut(5)]},
        5,
        "5 websocket_closed connection-lost\n5 poll_answered 0\n5 timer_armed 9",
    ),
    Tie(
        (2, 7),
        "the row of the close comes before that of the poll",
        "",
        {"poll_latency": 1.0, "faults": [cut(4)]},
        4,
        "4 websocket_closed connection-lost\n4 poll_sent",
    ),
    Tie(
        (3, 4),
        "the next event is published before the last one's message arrives",
        "1 2",
        {"latency": 1.0},
        2,
        """
        2 event_emitted #1
        2 message_published #1
        2 message_received #0
        2 event_shown #0
        2 timer_armed 6
        """,
    ),
    Tie(
        (3, 5),
        "an event at the arrival of the request is in the answer",
        "5",
        {"policy": "polling-only", "poll_latency": 2.0},
        6,
        "6 poll_answered 1\n6 event_shown #0\n6 timer_armed 10",
    ),
    Tie(
        (3, 6),
        "the rows of the event come before those of the answer, which does not hold it",
        "6",
        {"policy": "polling-only", "poll_latency": 2.0},
        6,
        """
        6 event_emitted #0
        6 message_published #0
        6 message_lost #0 no-connection
        6 poll_answered 0
        6 timer_armed 10
        """,
    ),
    Tie(
        (3, 7),
        "an event at the due time is published before the poll is sent, and its message makes the poll needless",
        "4",
        {},
        4,
        """
        4 event_emitted #0
        4 message_published #0
        4 message_received #0
        4 event_shown #0
        4 timer_armed 8
        """,
    ),
    Tie(
        (4, 6),
        "a stale answer erases the message of its instant; before it would leave it displayed",
        "5.5",
        {"latency": 0.5, "poll_latency": 2.0},
        6,
        """
        6 message_received #0
        6 event_shown #0
        6 timer_armed 10
        6 poll_answered 0
        6 event_erased #0
        6 timer_armed 10
        """,
    ),
    Tie(
        (4, 7),
        "a message at the due time postpones the poll",
        "3.5",
        {"latency": 0.5},
        4,
        "4 message_received #0\n4 event_shown #0\n4 timer_armed 8",
    ),
    Tie(
        (5, 6),
        "with no latency the request arrives, then the answer, both after the sending at the same instant",
        "1",
        {"policy": "polling-only"},
        4,
        "4 poll_sent\n4 poll_answered 1\n4 event_shown #0\n4 timer_armed 8",
    ),
    Tie(
        (6, 7),
        "a terminal answer clears the timer that is due now; after its firing there would be none to clear",
        "4.5! 5",
        {"poll_latency": 5.0, "faults": [lose(0)]},
        9,
        "9 poll_answered 2\n9 event_shown #0\n9 terminal_reached #0\n9 timer_cleared",
    ),
]

NOT_OBSERVABLE = {
    (0, 7): "they never meet: an interval is at least a microsecond",
    (1, 4): "a message that arrives at the opening was published after it: a message needs its connection open",
    (1, 5): "the arrival of a request reads the history alone, which an opening does not touch",
    (2, 5): "the arrival of a request reads the history alone, which a close does not touch",
    (4, 5): "the arrival of a request reads the history alone, which the arrival of a message does not touch",
    (5, 7): "a timer that fires at the arrival of a request finds this poll in flight and does nothing, or sent it",
}


@pytest.mark.parametrize("tie", OBSERVABLE, ids=[f"{t.pair[0]}-before-{t.pair[1]}: {t.why}" for t in OBSERVABLE])
def test_of_two_classes_at_one_instant_the_lower_takes_its_turn_first(tie: Tie) -> None:
    found = tell(tie.own, horizon=tie.second, **tie.world)
    assert at(found, tie.second) == rows(tie.told)


def test_every_pair_of_classes_is_told_or_said_to_be_unobservable() -> None:
    told = {tie.pair for tie in OBSERVABLE}
    assert not told & NOT_OBSERVABLE.keys()
    assert told | NOT_OBSERVABLE.keys() == set(combinations(range(8), 2))


def test_class_1_and_4_the_message_of_the_opening_s_instant_is_received_after_it() -> None:
    """Not an order that could be otherwise, but what is left of the pair 1 and 4."""
    kinds = [row[2] for row in at(tell("2", connect=2.0, horizon=2), 2)]
    assert kinds.index("websocket_opened") < kinds.index("message_received")


def test_class_5_and_7_a_request_that_arrives_as_the_timer_fires_is_the_only_poll() -> None:
    """Poll at 4 s, its request at 8.5 s; a message at 4.5 s arms the timer to 8.5 s too."""
    found = tell("4.5 8.5", poll_latency=9.0, faults=[lose(1)], horizon=13)
    assert at(found, 8.5) == rows("""
        8.5 event_emitted #1
        8.5 message_published #1
        8.5 message_lost #1 fault
    """)
    assert at(found, 13)[0] == rows("13 poll_answered 2")[0]


def test_class_3_own_events_come_before_others_and_each_in_the_order_of_the_file() -> None:
    assert at(tell("1 1", others="1 1", connect=2.0, horizon=1), 1) == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        1 event_emitted #1
        1 message_published #1
        1 message_lost #1 no-connection
        1 message_lost no-connection
        1 message_lost no-connection
    """)


def test_class_4_own_messages_come_before_others_also_when_published_later() -> None:
    assert at(tell("1 2", others="2", latency=0.0, horizon=2), 2) == rows("""
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 event_shown #1
        2 timer_armed 6
        2 message_received other
        2 timer_armed 6
    """)


def test_class_4_a_terminal_message_comes_before_another_run_s_of_its_instant_which_arms_nothing() -> None:
    assert at(tell("2!", others="2", horizon=2), 2)[2:] == rows("""
        2 message_received #0
        2 event_shown #0
        2 terminal_reached #0
        2 timer_cleared
        2 message_received other
    """)


def test_class_2_two_losses_at_one_instant_close_once() -> None:
    assert at(tell("1", latency=5.0, faults=[cut(2), cut(2)], horizon=2), 2) == rows("""
        2 message_lost #0 connection-lost
        2 websocket_closed connection-lost
    """)


def test_class_2_a_loss_and_a_refusal_at_one_instant_close_once() -> None:
    """Which of the two reasons is told is open: nothing ranks two happenings of one class but the file's order."""
    (closed,) = at(tell(connect=2.0, faults=[{"kind": "connection-refused", "from_s": 0.0, "until_s": 1.0}, cut(2)]), 2)
    assert closed[2:4] == ("websocket_closed", -1)
    assert closed[4] in {"refused", "connection-lost"}


def test_a_zero_delay_takes_the_turn_of_its_class_behind_all_that_is_before_it() -> None:
    """Both events of the instant are published before the first of their messages arrives, without any latency."""
    kinds = [row[2:4] for row in at(tell("2 2", horizon=2), 2) if row[2] != "timer_armed"]
    assert kinds == [
        ("event_emitted", 0),
        ("message_published", 0),
        ("event_emitted", 1),
        ("message_published", 1),
        ("message_received", 0),
        ("event_shown", 0),
        ("message_received", 1),
        ("event_shown", 1),
    ]


def test_three_clients_at_one_instant_each_tell_what_one_tells() -> None:
    one = tell("4 5 5!", others="4", poll_latency=1.0, horizon=9)
    three = tell("4 5 5!", others="4", poll_latency=1.0, horizon=9, count=3)
    assert [[row[2:] for row in three if row[1] == client] for client in range(3)] == [[row[2:] for row in one]] * 3
