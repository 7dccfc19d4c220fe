"""Each measure of DESIGN.md section 7 on traces made by hand, against values computed by hand."""

import pytest

from sim import Trace, measure, perform
from sim.contract.claim import MEASURES
from sim.contract.trace import Row

from ..model.telling import rows, script

STORY = """
    0 timer_armed 4
    0.5 websocket_opened
    1 event_emitted #0
    1 message_published #0
    2 message_received #0
    2 event_shown #0            // 1 s late
    3 event_emitted #1
    3 message_published #1
    3 message_lost #1 fault
    4 poll_sent
    6 poll_answered 2
    6 event_shown #1            // 3 s late
    6.5 poll_sent
    7 poll_failed error
    7.2 message_received other
    8 poll_sent
    8 poll_answered 2           // nothing new
    9 event_emitted #2
    9 message_published #2
    9 message_received #2
    9 event_shown #2            // at once
    10 poll_sent
    10 poll_answered 2          // nothing new
    10 event_erased #2
    11 event_emitted #3
    11 message_published #3
    11 message_lost #3 connection-lost
    11 websocket_closed connection-lost
    11.75 websocket_opened      // once more
    12 poll_sent
    12 poll_answered 4
    12 event_shown #3           // 1 s late
    12 event_repeated #2
    12 terminal_reached #3
    12.5 websocket_closed connection-lost
    13 event_emitted #4
    13 message_published #4
    13 message_lost #4 no-connection
"""

BY_HAND = {
    "poll_requests": 5,
    "polls_failed": 1,
    "polls_per_s_mean": 5 / 13,
    "polls_per_s_peak": 1,
    "messages_received": 3,
    "messages_lost": 3,
    "events_lost": 1,  # event 4
    "events_repeated": 1,
    "events_erased": 1,
    "latency_mean_s": 5 / 4,
    "latency_p50_s": 1,  # of 0, 1, 1, 3
    "latency_p95_s": 1 + 0.85 * 2,  # 0.95 of the way from the first to the fourth is 2.85
    "latency_p99_s": 1 + 0.97 * 2,
    "latency_max_s": 3,
    # since the first row 0 to 2 s; of event 0 from 1 to 5 s in 4 s; of event 1 from 3 to 6 s in 3 s; of event 2 from
    # 0 to 3 s in 3 s, though it is erased; at 12 s the end is known
    "age_mean_s": (2 * 1 + 4 * 3 + 3 * 4.5 + 3 * 1.5) / 12,
    "terminal_delay_s": 1,
    "bytes_websocket": None,
    "bytes_http": None,
    "empty_poll_ratio": 2 / 4,  # of four answers; the failed poll has none
    "reconnects": 1,
    "disconnected_s": 0.5 + 0.75,  # what comes after 12 s, when the end is known, does not count
    "stale_s": 1 + 3 + 2,  # of event 0 from 1 s, of event 1 from 3 s, of events 2 and 3 from 10 s to 12 s
}


def told(text: str) -> dict[str, float | None]:
    return measure(Trace(rows(text)))


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_of_a_story_is_the_value_by_hand(name: str) -> None:
    assert told(STORY)[name] == pytest.approx(BY_HAND[name])


def test_the_names_are_those_of_the_design_page_and_all_are_told_by_hand() -> None:
    assert list(told("")) == list(MEASURES) == list(BY_HAND)


def test_an_empty_trace_has_counts_of_zero_and_no_times() -> None:
    found = told("")
    counted = ("poll", "messages", "events", "reconnects")
    counts = {name for name in MEASURES if name.startswith(counted)} - {"polls_per_s_mean"}
    assert {name: found[name] for name in counts} == dict.fromkeys(counts, 0)
    assert {value for name, value in found.items() if name not in counts} == {None}


def test_where_nothing_is_shown_there_is_no_latency_and_all_is_lost() -> None:
    found = told("0 timer_armed 4\n1 event_emitted #0\n2 event_emitted #1\n4 event_emitted #2")
    assert found["events_lost"] == 3
    assert [value for name, value in found.items() if name.startswith("latency")] == [None] * 5
    assert found["terminal_delay_s"] is None
    assert found["empty_poll_ratio"] is None
    assert found["age_mean_s"] == pytest.approx(2)  # from 0 to 4 s in 4 s


def test_latency_is_until_first_shown_whatever_is_erased_and_repeated_later() -> None:
    found = told("""
        1 event_emitted #0
        1.5 message_received #0
        1.5 event_shown #0
        3 poll_answered 0
        3 event_erased #0
        9 poll_answered 1
        9 event_repeated #0
    """)
    assert found["latency_max_s"] == pytest.approx(0.5)
    assert found["events_lost"] == 0
    assert found["empty_poll_ratio"] == 1


def test_a_single_latency_is_every_quantile() -> None:
    found = told("1 event_emitted #0\n1.25 event_shown #0")
    assert {value for name, value in found.items() if name.startswith("latency")} == {0.25}


def test_events_are_told_apart_by_client() -> None:
    found = told("""
        1 event_emitted #0
        c1 2 event_emitted #0
        3 event_shown #0
        c1 6 event_shown #0
        c2 6 event_emitted #0
    """)
    assert found["latency_mean_s"] == pytest.approx(3)
    assert found["latency_max_s"] == pytest.approx(4)
    assert found["events_lost"] == 1


def test_an_older_event_that_is_shown_later_makes_nothing_older() -> None:
    found = told("""
        0 timer_armed 4
        1 event_emitted #0
        2 event_emitted #1
        2 event_shown #1
        4 event_shown #0
        6 timer_armed 9
    """)
    assert found["age_mean_s"] == pytest.approx((2 * 1 + 4 * 2) / 6)


def test_the_age_is_averaged_over_clients_that_are_watched_equally_long() -> None:
    found = told("""
        0 timer_armed 4
        c1 0 timer_armed 4
        c1 2 event_emitted #0
        c1 2 event_shown #0
        4 timer_armed 8
        c1 4 timer_armed 8
    """)
    assert found["age_mean_s"] == pytest.approx((2 + 1) / 2)


def test_an_empty_answer_stays_empty_when_a_message_shows_something_in_its_instant() -> None:
    found = told("""
        1 event_emitted #0
        2 poll_answered 0
        2 timer_armed 6
        2 message_received #0
        2 event_shown #0
    """)
    assert found["empty_poll_ratio"] == 1
    found = told("1 event_emitted #0\n2 poll_answered 0\n2 message_received #0\n2 event_shown #0")
    assert found["empty_poll_ratio"] == 1
    found = told("2 poll_answered 0\nc1 2 event_emitted #0\nc1 2 message_received #0\nc1 2 event_shown #0")
    assert found["empty_poll_ratio"] == 1


def test_an_answer_that_erases_and_then_shows_is_not_empty() -> None:
    assert told("2 poll_answered 1\n2 event_erased #1\n2 event_shown #0")["empty_poll_ratio"] == 0
    assert told("2 poll_answered 1\n2 event_erased #1\n2 event_repeated #0")["empty_poll_ratio"] == 1


def test_the_peak_counts_whole_seconds_from_zero_of_all_clients() -> None:
    found = told("""
        0.999999 poll_sent
        1 poll_sent
        c1 1.5 poll_sent
        c2 1.999999 poll_sent
        2 poll_sent
        c1 2.5 poll_sent
    """)
    assert found["polls_per_s_peak"] == 3


def test_the_terminal_delay_is_the_mean_from_emission_to_knowledge() -> None:
    found = told("""
        1 event_emitted #0
        c1 2 event_emitted #3
        3 terminal_reached #0
        c1 8 terminal_reached #3
        c2 8 event_emitted #0
    """)
    assert found["terminal_delay_s"] == pytest.approx((2 + 6) / 2)


def test_within_s_counts_from_its_first_instant_to_before_its_last_and_rates_per_second_of_it() -> None:
    found = measure(Trace(rows(STORY)), within_s=(4.0, 8.0))
    assert found["poll_requests"] == 2  # at 4 and 6.5 s, not at 8 s
    assert found["polls_per_s_mean"] == pytest.approx(2 / 4)
    assert found["polls_failed"] == 1
    assert found["messages_received"] == 1
    assert found["messages_lost"] == 0
    assert found["latency_mean_s"] == pytest.approx(3)  # shown within, emitted before
    assert found["empty_poll_ratio"] == 0
    assert found["events_lost"] == 0
    assert found["terminal_delay_s"] is None
    assert found["age_mean_s"] == pytest.approx((2 * 4 + 2 * 4) / 4)  # 3 to 5 s in 2 s, then 3 to 5 s in 2 s
    assert found["reconnects"] == 0
    assert found["disconnected_s"] == 0
    assert found["stale_s"] == pytest.approx(2)  # of event 1 until 6 s


def test_within_s_of_what_is_emitted_within_and_shown_never_is_lost() -> None:
    assert measure(Trace(rows(STORY)), within_s=(13.0, 14.0))["events_lost"] == 1
    assert measure(Trace(rows(STORY)), within_s=(3.0, 4.0))["events_lost"] == 0  # shown later


def test_within_s_of_an_empty_span_has_no_rate() -> None:
    found = measure(Trace(rows(STORY)), within_s=(4.0, 4.0))
    assert found["poll_requests"] == 0
    assert found["polls_per_s_mean"] is None
    assert found["age_mean_s"] is None
    assert found["stale_s"] is None


@pytest.mark.parametrize("span", [None, (0.0, 5.0), (2.0, 3.0)])
def test_b14_rows_of_the_infrastructure_count_for_no_measure(span: tuple[float, float] | None) -> None:
    outage: list[Row] = [
        (0, -1, "outage_began", -1, "redis-outage"),
        (4_000_000, -1, "outage_ended", -1, "redis-outage"),
        (20_000_000, -1, "outage_began", -1, "fanout-restart"),
    ]
    assert measure(Trace([*rows(STORY), *outage]), within_s=span) == measure(Trace(rows(STORY)), within_s=span)
    assert measure(Trace(outage)) == measure(Trace([]))


def test_with_a_script_the_horizon_is_the_span_and_without_one_the_last_row() -> None:
    played = script(horizon=10)
    trace = perform(played, "model")  # polls at 4 and 8 s
    assert measure(trace)["polls_per_s_mean"] == pytest.approx(2 / 10)
    assert measure(Trace(trace.rows))["polls_per_s_mean"] == pytest.approx(2 / 8)
    assert measure(Trace(trace.rows), played) == measure(trace)
    assert measure(trace)["age_mean_s"] == pytest.approx(5)
    assert measure(Trace(trace.rows))["age_mean_s"] == pytest.approx(4)


def test_a_horizon_of_zero_has_no_rate() -> None:
    found = measure(perform(script("0", horizon=0), "model"))
    assert found["polls_per_s_mean"] is None
    assert found["latency_max_s"] == 0


def test_the_horizon_itself_is_counted() -> None:
    assert measure(perform(script(horizon=4), "model"))["poll_requests"] == 1
