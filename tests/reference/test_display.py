"""What a client by sequence shows (P4 to P6); what the document's client shows stands in test_client.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.wire import Message
from sim.reference.display import InOrder
from sim.reference.steps import Record

END = "workflow_completed"


def message(seq: int, type_: str = "x") -> Message:
    return Message("r", seq, type_, None, 0.0)


def shown(*seqs: int) -> list[Record]:
    return [Record("event_shown", seq) for seq in seqs]


def test_p4_an_event_is_shown_at_once_where_all_before_it_have_been() -> None:
    display = InOrder()
    assert [display.received(message(n)).rows for n in range(3)] == [shown(0), shown(1), shown(2)]


def test_p4_a_later_event_is_held_back_until_those_before_it_have_been_shown() -> None:
    display = InOrder()
    assert display.received(message(2)).rows == []
    assert display.received(message(1)).rows == []
    assert display.received(message(4)).rows == []
    assert display.received(message(0)).rows == shown(0, 1, 2)
    assert display.received(message(3)).rows == shown(3, 4)


def test_p4_what_the_client_has_already_shown_or_held_back_changes_nothing() -> None:
    display = InOrder()
    display.received(message(0))
    display.received(message(2))
    for again in (0, 2):
        assert display.received(message(again)).rows == []
    assert display.answered([message(0), message(2, END)]) == ([], None)
    assert display.received(message(1)) == (shown(1, 2), None)


def test_p4_an_answer_is_merged_and_erases_nothing() -> None:
    display = InOrder()
    display.received(message(0))
    display.received(message(3))
    assert display.answered([]).rows == []
    assert display.answered([message(1), message(2)]).rows == shown(1, 2, 3)


@pytest.mark.parametrize("order", [[1, 0], [0, 1]])
def test_p4_an_answer_is_shown_in_order_whatever_order_it_comes_in(order: list[int]) -> None:
    assert InOrder().answered([message(n) for n in order]).rows == shown(0, 1)


def test_p5_behind_is_who_has_heard_of_what_it_has_not_shown() -> None:
    display = InOrder()
    told = []
    for happen in (
        lambda: display.heard_of(-1),
        lambda: display.heard_of(0),
        lambda: display.received(message(0)),
        lambda: display.heard_of(0),
        lambda: display.answered([message(2)]),
        lambda: display.received(message(1)),
    ):
        happen()
        told.append(display.behind)
    assert told == [False, True, False, False, True, False]


def test_p5_an_older_number_does_not_take_back_what_was_heard() -> None:
    display = InOrder()
    display.heard_of(5)
    display.heard_of(1)
    display.answered([message(n) for n in range(5)])
    assert display.behind


def test_p2_after_is_the_last_event_shown_and_not_the_last_one_held() -> None:
    display = InOrder()
    told = [display.after]
    for seq in (1, 0, 3):
        display.received(message(seq))
        told.append(display.after)
    assert told == [None, None, 1, 1]


def test_p6_a_terminal_event_counts_when_it_is_shown() -> None:
    display = InOrder()
    found = [(display.received(m), display.holds_terminal) for m in (message(1, END), message(0))]
    assert found == [(([], None), True), ((shown(0, 1), 1), False)]


def test_p6_of_several_terminal_events_shown_at_once_the_first_is_the_one() -> None:
    history = [message(0), message(1, "workflow_failed"), message(2), message(3, END)]
    assert InOrder().answered(history) == (shown(0, 1, 2, 3), 1)


def test_p6_a_terminal_event_that_comes_after_is_one_too_and_left_to_the_client() -> None:
    display = InOrder()
    assert display.received(message(0, END)).terminal == 0
    assert display.received(message(1, END)) == (shown(1), 1)


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=4), max_size=30))
def test_p4_p5_whatever_comes_each_event_is_shown_once_in_order_as_soon_as_all_before_it_are_there(
    deliveries: list[list[int]],
) -> None:
    display, had, so_far = InOrder(), set[int](), 0
    for delivery in deliveries:
        messages = [message(seq) for seq in delivery]
        change = display.received(messages[0]) if len(messages) == 1 else display.answered(messages)
        had |= set(delivery)
        reach = next(n for n in range(14) if n not in had)
        assert change.rows == shown(*range(so_far, reach))
        so_far = reach
        assert display.behind == (max(had) >= so_far)
        assert display.after == (so_far - 1 if so_far else None)
