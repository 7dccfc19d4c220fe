"""Reconnects, and for how long clients are cut off and what they display lacks something (section 7), by hand."""

import pytest

from sim import Trace, measure, realize

from ..model.telling import rows, scenario

Found = dict[str, float | None]


def told(text: str, *, within_s: tuple[float, float] | None = None) -> Found:
    return measure(Trace(rows(text)), within_s=within_s)


# Reconnects


def test_a_first_opening_is_no_reconnect_and_every_other_is() -> None:
    found = told("""
        1 websocket_opened
        2 websocket_closed connection-lost
        3 websocket_opened
        c1 3 websocket_opened
        4 websocket_closed connection-lost
        5 websocket_closed refused      // an attempt that fails
        6 websocket_opened
    """)
    assert found["reconnects"] == 2


def test_within_s_a_first_opening_before_the_span_is_still_the_first() -> None:
    text = "1 websocket_opened\n2 websocket_closed connection-lost\n3 websocket_opened\n5 timer_armed 9"
    assert told(text, within_s=(2.0, 4.0))["reconnects"] == 1
    assert told(text, within_s=(0.0, 3.0))["reconnects"] == 0


# Seconds without a connection


def test_a_client_is_disconnected_until_its_websocket_opens_and_after_it_closes() -> None:
    found = told("""
        1 timer_armed 9
        2 websocket_opened
        5 websocket_closed going-away
        6 websocket_closed refused      // an attempt that fails changes nothing
        7 websocket_opened
        9 timer_armed 13
    """)
    assert found["disconnected_s"] == pytest.approx(1 + 2)


def test_l6_a_half_open_connection_counts_as_open() -> None:
    found = told("0 websocket_opened\n1 message_lost #0 half-open\n2 message_lost #1 no-connection\n9 timer_armed 13")
    assert found["disconnected_s"] == 0


def test_seconds_without_a_connection_are_the_mean_over_clients() -> None:
    found = told("0 websocket_opened\nc1 0 timer_armed 4\nc1 3 websocket_opened\nc1 8 timer_armed 12")
    assert found["disconnected_s"] == pytest.approx((0 + 3) / 2)


def test_c5_what_happens_after_the_terminal_is_known_does_not_count() -> None:
    found = told("""
        0 websocket_opened
        1 event_emitted #0
        2 event_shown #0
        2 terminal_reached #0
        3 websocket_closed connection-lost
        4 event_emitted #1
        9 message_lost #1 no-connection
    """)
    assert found["disconnected_s"] == 0
    assert found["stale_s"] == pytest.approx(1)


def test_b7_a_client_without_a_websocket_has_no_seconds_without_a_connection() -> None:
    trace = Trace(rows("0 timer_armed 4\n4 poll_sent\n4 poll_answered 0"))
    assert measure(trace, realize(scenario(policy="polling-only")))["disconnected_s"] is None
    assert measure(trace, realize(scenario()))["disconnected_s"] == pytest.approx(20)  # to the horizon


def test_where_nobody_has_rows_there_is_neither_measure() -> None:
    found = told("")
    assert (found["disconnected_s"], found["stale_s"], found["reconnects"]) == (None, None, 0)


# Seconds with something missing


def test_what_is_displayed_is_stale_from_an_emission_until_all_that_was_emitted_is_shown() -> None:
    found = told("""
        0 timer_armed 4
        1 event_emitted #0
        2 event_emitted #1
        3 event_shown #0        // event 1 is missing still
        5 event_shown #1
        9 timer_armed 13
    """)
    assert found["stale_s"] == pytest.approx(4)


def test_c6_what_an_answer_erases_is_missing_until_it_returns() -> None:
    found = told("""
        1 event_emitted #0
        1 event_shown #0
        3 event_erased #0
        7 event_repeated #0
        9 timer_armed 13
    """)
    assert found["stale_s"] == pytest.approx(4)


def test_an_event_that_is_appended_twice_is_displayed_still() -> None:
    found = told("1 event_emitted #0\n1 event_shown #0\n2 event_repeated #0\n9 timer_armed 13")
    assert found["stale_s"] == 0


def test_each_client_is_stale_for_itself() -> None:
    found = told("""
        1 event_emitted #0
        c1 1 event_emitted #0
        2 event_shown #0
        c1 5 event_shown #0
    """)
    assert found["stale_s"] == pytest.approx((1 + 4) / 2)


def test_within_s_only_seconds_of_the_span_count_and_only_clients_watched_then() -> None:
    text = """
        0 timer_armed 4
        1 event_emitted #0
        6 event_shown #0
        c1 6 timer_armed 9
        c1 7 event_emitted #0
        10 timer_armed 14
    """
    assert told(text, within_s=(2.0, 5.0))["stale_s"] == pytest.approx(3)
    assert told(text, within_s=(5.0, 8.0))["stale_s"] == pytest.approx((1 + 1) / 2)
    assert told(text, within_s=(5.0, 8.0))["disconnected_s"] == pytest.approx((3 + 2) / 2)
