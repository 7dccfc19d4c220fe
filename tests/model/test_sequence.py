"""A client that goes by sequence shows each event once and in order, and asks for what is newer (P2, P4 to P6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.script import RunEvent
from sim.contract.trace import Row
from sim.model.message import OWN, Message
from sim.model.orchestrator import Answer
from sim.model.sequence import Sequence

from .telling import at, lose, only, rows, tell

LATE: dict[str, Any] = {"final_poll": True, "poll_interval_s": 9.0}
"""Goes by sequence, and polls for nothing but a held terminal event, or long after the messages."""


def of_answers(found: list[Row]) -> list[Row]:
    """What polls brought."""
    return only(found, "poll_answered", "event_shown", "event_erased", "event_repeated")


# P4


def test_p4_a_message_of_a_later_event_is_held_back() -> None:
    assert tell("1 2 3", faults=[lose(0)], horizon=11, **LATE)[3:] == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 fault
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 timer_armed 11
        3 event_emitted #2
        3 message_published #2
        3 message_received #2
        3 timer_armed 12
    """)


def test_p4_an_answer_shows_what_was_missing_and_what_was_held_back_for_it_in_order() -> None:
    assert at(tell("1 2 3", faults=[lose(0)], horizon=12, **LATE), 12) == rows("""
        12 poll_sent
        12 poll_answered 3
        12 event_shown #0
        12 event_shown #1
        12 event_shown #2
        12 timer_armed 21
    """)


def test_p4_an_answer_also_shows_what_came_by_message_after_it_was_made() -> None:
    found = tell("1 10.5", faults=[lose(0)], poll_latency=2.0, horizon=11.1, **LATE)
    assert at(found, 11) == rows("""
        11 poll_answered 1
        11 event_shown #0
        11 event_shown #1
        11 timer_armed 20
    """)


def test_p4_a_message_of_what_an_answer_has_shown_changes_nothing() -> None:
    found = tell("8", latency=2.0, horizon=10, **LATE)
    assert found[5:] == rows("""
        9 poll_sent
        9 poll_answered 1
        9 event_shown #0
        9 timer_armed 18
        10 message_received #0
        10 timer_armed 19
    """)


def test_p4_an_answer_of_what_a_message_has_shown_meanwhile_shows_nothing() -> None:
    found = tell("9", latency=0.5, poll_latency=2.0, horizon=11, **LATE)
    assert of_answers(found) == rows("9.5 event_shown #0\n11 poll_answered 1")


def test_p4_what_an_answer_lacks_is_not_erased() -> None:
    found = tell("9.5", poll_latency=1.0, horizon=10, **LATE | {"poll_interval_s": 9.1})
    assert of_answers(found) == rows("9.5 event_shown #0")
    assert of_answers(tell("9.5", poll_latency=0.5, horizon=10, **LATE | {"poll_interval_s": 9.1})) == rows("""
        9.5 event_shown #0
        9.6 poll_answered 0
    """)


def test_p4_another_run_s_messages_show_nothing_and_are_not_missed() -> None:
    assert only(tell("2", others="1 3!", horizon=5, **LATE), "event_shown") == rows("2 event_shown #0")


@given(st.data())
def test_p4_p5_p6_whatever_comes_in_whatever_order_is_shown_once_and_in_order(data: st.DataObject) -> None:
    """Messages of a connection come in order (L1), but what a client shows does not rely on that."""
    terminal = data.draw(st.lists(st.booleans(), max_size=8))
    shown: list[int] = []
    screen = Sequence(lambda kind, event: shown.append(event) if kind == "event_shown" else None)
    have: set[int] = set()
    for _ in range(data.draw(st.integers(0, 12))):
        before = len(shown)
        by_message: bool = data.draw(st.booleans())
        if terminal and by_message:
            seq = data.draw(st.integers(0, len(terminal) - 1))
            have.add(seq)
            reached = screen.received(Message(0, OWN, seq, seq, terminal[seq]))
        else:
            first = data.draw(st.integers(0, screen.cursor + 1))
            events = [RunEvent("", None, ends) for ends in terminal[first : data.draw(st.integers(0, len(terminal)))]]
            have.update(range(first, first + len(events)))
            reached = screen.answered(Answer(first, events))
        whole = next(n for n in range(len(terminal) + 1) if n not in have)
        assert shown == list(range(whole))
        assert screen.cursor == whole - 1
        assert screen.behind == (max(have, default=-1) >= whole)
        assert screen.holds_terminal == any(terminal[n] for n in have if n >= whole)
        assert reached == next((n for n in shown[before:] if terminal[n]), None)


# P2: what is asked for


def test_p2_an_answer_holds_only_what_is_newer_than_all_that_was_shown_at_the_sending() -> None:
    assert of_answers(tell("1 2 3", faults=[lose(2)], horizon=20, **LATE)) == rows("""
        1 event_shown #0
        2 event_shown #1
        11 poll_answered 1
        11 event_shown #2
        20 poll_answered 0
    """)


def test_p2_who_holds_back_asks_from_the_gap_on() -> None:
    assert of_answers(tell("1 2 3 4", faults=[lose(1)], horizon=13, **LATE)) == rows("""
        1 event_shown #0
        13 poll_answered 3
        13 event_shown #1
        13 event_shown #2
        13 event_shown #3
    """)


def test_p2_o3_the_cursor_is_the_sending_s_and_the_history_the_arrival_s() -> None:
    """Event 0 is shown between the sending and the arrival of the request, which asks for it all the same."""
    found = tell("9.5 9.9 10.1", faults=[lose(1)], poll_latency=2.0, horizon=11, **LATE)
    assert of_answers(found) == rows("""
        9.5 event_shown #0
        11 poll_answered 2
        11 event_shown #1
        11 event_shown #2
    """)


@pytest.mark.parametrize("choice", ["gap_poll", "final_poll"])
def test_p2_either_choice_goes_by_sequence(choice: str) -> None:
    assert only(tell("1", horizon=5, **{choice: True}), "poll_answered") == rows("5 poll_answered 0")


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"catch_up_poll": True, "poll_jitter": 0.0, "error_backoff_factor": 2.0, "retry_after": True},
        {"reconnect": "exponential", "jitter": "full"},
    ],
)
def test_c6_the_other_choices_go_by_the_document_and_ask_for_all(choices: dict[str, Any]) -> None:
    found = tell("1 4.5", poll_latency=2.0, faults=[lose(0)], horizon=6, **choices)
    assert of_answers(found) == rows("""
        4.5 event_shown #1
        6 poll_answered 2
        6 event_shown #0
    """)
    assert only(tell("1", horizon=5, **choices), "poll_answered") == rows("5 poll_answered 1")


# P6


def test_p6_a_terminal_event_that_is_held_back_ends_nothing() -> None:
    found = tell("1 2!", faults=[lose(0)], gap_poll=True, poll_latency=1.0, horizon=3)
    assert at(found, 2) == rows("""
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 poll_sent
    """)


def test_p6_the_terminal_is_reached_when_it_is_shown() -> None:
    found = tell("1 2!", faults=[lose(0)], gap_poll=True, poll_latency=1.0, horizon=30)
    assert found[10:] == rows("""
        3 poll_answered 2
        3 event_shown #0
        3 event_shown #1
        3 terminal_reached #1
        3 timer_cleared
    """)


def test_p6_of_several_terminal_events_that_are_shown_at_once_the_first_is_the_one() -> None:
    found = tell("1 2! 3!failed 6", faults=[lose(0)], poll_latency=5.0, gap_poll=True, horizon=30)
    assert at(found, 7) == rows("""
        7 poll_answered 3
        7 event_shown #0
        7 event_shown #1
        7 event_shown #2
        7 event_shown #3
        7 terminal_reached #1
    """)


def test_p6_what_comes_after_the_terminal_is_shown_in_order_too_and_never_asked_for() -> None:
    found = tell("1! 2 3 4", faults=[lose(2)], gap_poll=True, final_poll=True, horizon=60)
    assert only(found, "event_shown", "message_received", "poll_sent") == rows("""
        1 message_received #0
        1 event_shown #0
        2 message_received #1
        2 event_shown #1
        4 message_received #3
    """)
