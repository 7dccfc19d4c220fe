"""Rules C of DESIGN.md section 3, the rows of its section 6, and what docs/behaviour.md decides about them."""

from itertools import pairwise

import pytest

from .telling import at, cut, fail, fail_sent, lose, only, refuse, rows, tell, times


def test_c1_mount_arms_the_timer_and_opening_arms_it_again() -> None:
    assert tell(connect=1.5, horizon=2) == rows("0 timer_armed 4\n1.5 websocket_opened\n1.5 timer_armed 5.5")


def test_c1_a_client_mounts_at_its_start_and_not_beyond_the_horizon() -> None:
    assert tell(start_s=3.0, horizon=3) == rows("3 timer_armed 7\n3 websocket_opened\n3 timer_armed 7")
    assert tell("1", others="1", start_s=3.000001, horizon=3, faults=[cut(2)]) == []


def test_c1_the_opening_postpones_the_poll_of_the_mount() -> None:
    assert times(tell(connect=3.999999, horizon=9), "poll_sent") == [7.999999]


def test_c2_every_message_re_arms_the_timer_to_an_interval_from_now() -> None:
    assert times(tell("1 4.5 8 11.999999", horizon=16), "poll_sent") == [15.999999]


def test_c2_b1_a_message_of_another_run_re_arms_too_and_is_never_shown_and_never_terminal() -> None:
    assert tell(others="1 2!", horizon=6) == rows("""
        0 timer_armed 4
        0 websocket_opened
        0 timer_armed 4
        1 message_received other
        1 timer_armed 5
        2 message_received other
        2 timer_armed 6
        6 poll_sent
        6 poll_answered 0
        6 timer_armed 10
    """)


def test_c3_the_client_polls_when_the_timer_fires() -> None:
    assert times(tell(horizon=13), "poll_sent") == [4.0, 8.0, 12.0]


def test_c3_a_timer_that_fires_while_a_poll_is_in_flight_does_nothing() -> None:
    found = tell("5", poll_latency=7.0, horizon=15)
    assert found[3:] == rows("""
        4 poll_sent
        5 event_emitted #0
        5 message_published #0
        5 message_received #0
        5 event_shown #0
        5 timer_armed 9
        11 poll_answered 1
        11 timer_armed 15
        15 poll_sent
    """)


def test_c3_c4_the_next_poll_waits_for_the_end_of_the_one_in_flight_and_an_interval() -> None:
    assert times(tell(poll_at_mount=True, poll_latency=5.0, horizon=20), "poll_sent") == [0.0, 9.0, 18.0]


@pytest.mark.parametrize("poll_latency", [0.0, 0.7, 9.9])
def test_c4_an_answered_poll_re_arms_to_its_finish_plus_an_interval(poll_latency: float) -> None:
    found = tell(poll_latency=poll_latency, horizon=14)
    assert at(found, 4 + poll_latency)[-1:] == rows(f"{4 + poll_latency} timer_armed {8 + poll_latency}")


def test_c4_c9_a_failed_poll_re_arms_to_its_finish_plus_an_interval() -> None:
    found = tell(poll_latency=1.0, timeout=2.5, faults=[fail(0), fail(1, manner="timeout")], horizon=17)
    assert found[3:] == rows("""
        4 poll_sent
        5 poll_failed error
        5 timer_armed 9
        9 poll_sent
        11.5 poll_failed timeout
        11.5 timer_armed 15.5
        15.5 poll_sent
        16.5 poll_answered 0
        16.5 timer_armed 20.5
    """)


def test_c5_a_terminal_message_clears_the_timer_for_good() -> None:
    assert tell("1!", horizon=100)[3:] == rows("""
        1 event_emitted #0
        1 message_published #0
        1 message_received #0
        1 event_shown #0
        1 terminal_reached #0
        1 timer_cleared
    """)


def test_c5_a_terminal_in_an_answer_ends_polling_and_clears_no_timer_as_it_has_fired() -> None:
    assert tell("1 2!", policy="polling-only", horizon=100)[7:] == rows("""
        4 poll_sent
        4 poll_answered 2
        4 event_shown #0
        4 event_shown #1
        4 terminal_reached #1
    """)


def test_c5_a_terminal_in_an_answer_clears_the_timer_that_was_armed_meanwhile() -> None:
    found = tell("3! 5", poll_latency=4.0, faults=[lose(0)], horizon=100)
    assert found[6:] == rows("""
        4 poll_sent
        5 event_emitted #1
        5 message_published #1
        5 message_received #1
        5 event_shown #1
        5 timer_armed 9
        8 poll_answered 2
        8 event_shown #0
        8 terminal_reached #0
        8 timer_cleared
    """)


def test_c5_a_terminal_anywhere_in_an_answer_counts_and_the_first_is_named() -> None:
    found = tell("1 2!failed 3! 3.5", policy="polling-only", horizon=9)
    assert at(found, 4)[-2:] == rows("4 event_shown #3\n4 terminal_reached #1")


def test_c5_the_websocket_stays_open_and_later_messages_are_shown_without_arming() -> None:
    assert tell("1! 2 3!", others="4", horizon=100)[9:] == rows("""
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 event_shown #1
        3 event_emitted #2
        3 message_published #2
        3 message_received #2
        3 event_shown #2
        4 message_received other
    """)


def test_c5_a_poll_in_flight_at_the_terminal_is_still_taken_in() -> None:
    found = tell("3 5!", poll_latency=6.0, faults=[lose(0)], horizon=100)
    assert found[6:] == rows("""
        4 poll_sent
        5 event_emitted #1
        5 message_published #1
        5 message_received #1
        5 event_shown #1
        5 terminal_reached #1
        10 poll_answered 2
        10 event_shown #0
    """)


def test_c5_a_poll_in_flight_at_the_terminal_may_erase_it_and_nothing_polls_again() -> None:
    found = tell("6!", poll_latency=3.0, horizon=100)
    assert found[3:] == rows("""
        4 poll_sent
        6 event_emitted #0
        6 message_published #0
        6 message_received #0
        6 event_shown #0
        6 terminal_reached #0
        7 poll_answered 0
        7 event_erased #0
    """)


@pytest.mark.parametrize("reason", ["error", "timeout"])
def test_c5_a_poll_in_flight_at_the_terminal_that_fails_arms_nothing(reason: str) -> None:
    found = tell("5!", poll_latency=3.0, timeout=3.0, faults=[fail(0, manner=reason)], horizon=100)
    assert found[-1:] == rows(f"7 poll_failed {reason}")


def test_c5_an_opening_after_the_terminal_arms_nothing() -> None:
    found = tell("0!", poll_at_mount=True, connect=3.0, horizon=100)
    assert found == rows("""
        0 timer_armed 4
        0 poll_sent
        0 event_emitted #0
        0 message_published #0
        0 message_lost #0 no-connection
        0 poll_answered 1
        0 event_shown #0
        0 terminal_reached #0
        0 timer_cleared
        3 websocket_opened
    """)


def test_c5_the_terminal_is_reached_once_however_often_it_is_learnt() -> None:
    found = tell("4.5! 5!failed", poll_latency=2.0, horizon=100)
    assert only(found, "terminal_reached", "timer_cleared") == rows("4.5 terminal_reached #0")


def test_c6_b9_a_stale_answer_erases_what_a_message_showed_and_a_fresh_one_repeats_it() -> None:
    assert tell("5.5", poll_latency=2.0, horizon=12)[3:] == rows("""
        4 poll_sent
        5.5 event_emitted #0
        5.5 message_published #0
        5.5 message_received #0
        5.5 event_shown #0
        5.5 timer_armed 9.5
        6 poll_answered 0
        6 event_erased #0
        6 timer_armed 10
        10 poll_sent
        12 poll_answered 1
        12 event_repeated #0
        12 timer_armed 16
    """)


def test_c6_b9_a_message_after_the_answer_that_held_its_event_is_a_repetition() -> None:
    found = tell("3.5", latency=2.0, horizon=10)
    assert found[5:] == rows("""
        4 poll_sent
        4 poll_answered 1
        4 event_shown #0
        4 timer_armed 8
        5.5 message_received #0
        5.5 event_repeated #0
        5.5 timer_armed 9.5
        9.5 poll_sent
        9.5 poll_answered 1
        9.5 timer_armed 13.5
    """)


def test_c6_b9_one_answer_erases_shows_and_repeats_each_by_index_in_this_order() -> None:
    """Answers never shrink (one poll in flight), so what an answer has shown is never erased again."""
    found = tell("3 5.5 6 13.2 13.4", poll_latency=3.0, faults=[lose(0), lose(2)], horizon=14)
    assert at(found, 7)[:3] == rows("7 poll_answered 2\n7 event_shown #0\n7 timer_armed 11")
    assert at(found, 14) == rows("""
        14 poll_answered 3
        14 event_erased #3
        14 event_erased #4
        14 event_shown #2
        14 timer_armed 18
    """)


def test_c6_b9_an_answer_may_show_and_repeat_at_once() -> None:
    found = tell("5.6 5.7 6", poll_latency=3.0, faults=[lose(2)], horizon=14)
    assert at(found, 7) == rows("""
        7 poll_answered 0
        7 event_erased #0
        7 event_erased #1
        7 timer_armed 11
    """)
    assert at(found, 14) == rows("""
        14 poll_answered 3
        14 event_shown #2
        14 event_repeated #0
        14 event_repeated #1
        14 timer_armed 18
    """)


def test_b9_each_message_that_is_later_than_the_answer_is_a_repetition_and_shows_nothing_anew() -> None:
    found = tell("3 3.9", latency=5.0, poll_at_mount=True, poll_latency=1.0, horizon=14)
    assert only(found, "event_shown", "event_repeated", "event_erased") == rows("""
        6 event_shown #0
        6 event_shown #1
        8 event_repeated #0
        8.9 event_repeated #1
    """)


@pytest.mark.parametrize(("latency_us", "request_us"), [(1, 0), (2, 1), (3, 1), (1_000_001, 500_000)])
def test_c9_a_request_takes_half_of_the_way_rounded_down_and_the_answer_the_rest(
    latency_us: int, request_us: int
) -> None:
    def counted(emitted_us: int) -> str:
        found = tell(f"{emitted_us / 1e6:.6f}", policy="polling-only", poll_latency=latency_us / 1e6, horizon=6)
        (row,) = only(found, "poll_answered")
        assert row[0] == 4_000_000 + latency_us
        return row[4]

    assert counted(4_000_000 + request_us) == "1"
    assert counted(4_000_000 + request_us + 1) == "0"


@pytest.mark.parametrize(
    ("latency", "rest"), [(2.999999, "poll_answered 0"), (3.0, "poll_answered 0"), (3.000001, "poll_failed timeout")]
)
def test_c9_a_latency_that_equals_the_timeout_is_answered_and_a_longer_one_is_not(latency: float, rest: str) -> None:
    found = tell(poll_latency=latency, timeout=3.0, horizon=7.5)
    assert only(found, "poll_answered", "poll_failed") == rows(f"{4 + min(latency, 3)} {rest}")


def test_c9_an_answer_after_the_timeout_is_discarded_unrecorded() -> None:
    assert tell("1", policy="polling-only", poll_latency=3.0, timeout=2.0, horizon=9)[4:] == rows("""
        4 poll_sent
        6 poll_failed timeout
        6 timer_armed 10
    """)


def test_c9_b8_a_latency_beyond_the_timeout_is_a_timeout_whatever_the_fault_says() -> None:
    found = tell(poll_latency=3.0, timeout=2.0, faults=[fail(0, manner="error")], horizon=9)
    assert only(found, "poll_failed") == rows("6 poll_failed timeout")


def test_c9_an_error_with_a_latency_equal_to_the_timeout_is_an_error() -> None:
    found = tell(poll_latency=2.0, timeout=2.0, faults=[fail(0)], horizon=9)
    assert only(found, "poll_failed") == rows("6 poll_failed error")


def test_c9_polls_are_numbered_from_0_as_sent_also_the_one_at_mount() -> None:
    assert times(tell(faults=[fail(1, 3)], horizon=16), "poll_failed") == [8.0, 16.0]
    assert times(tell(poll_at_mount=True, faults=[fail(1, 3)], horizon=16), "poll_failed") == [4.0, 12.0]


def test_c9_each_client_numbers_its_own_polls() -> None:
    found = tell(count=2, faults=[fail(0)], horizon=8)
    assert only(found, "poll_failed") == rows("4 poll_failed error\nc1 4 poll_failed error")


def test_c9_a_probability_of_one_fails_every_poll_and_of_zero_none() -> None:
    def failed(probability: float) -> list[float]:
        return times(tell(faults=[{"kind": "poll-failed", "probability": probability}], horizon=12), "poll_failed")

    assert failed(1.0) == [4.0, 8.0, 12.0]
    assert failed(0.0) == []


def test_c9_a_window_is_judged_at_sending_and_holds_its_first_instant_and_not_its_last() -> None:
    found = tell(poll_latency=1.0, faults=[fail_sent(9, 14)], horizon=30)
    assert times(found, "poll_sent") == [4.0, 9.0, 14.0, 19.0, 24.0, 29.0]
    assert times(found, "poll_failed") == [10.0]
    assert times(tell(poll_latency=1.0, faults=[fail_sent(9.000001, 14)]), "poll_failed") == []
    assert times(tell(poll_latency=1.0, faults=[fail_sent(9.5, 13.9)]), "poll_failed") == []


def test_b8_a_fault_on_a_number_outranks_a_window_wherever_it_stands_in_the_file() -> None:
    by_number, window = fail(0, manner="error"), fail_sent(0, 9, manner="timeout")
    for faults in ([by_number, window], [window, by_number]):
        found = tell(timeout=1.0, faults=faults, horizon=9)
        assert only(found, "poll_failed") == rows("4 poll_failed error\n9 poll_failed timeout")


def test_b8_between_windows_the_first_in_the_file_decides() -> None:
    early, late = fail_sent(0, 9, manner="timeout"), fail_sent(0, 9)
    assert only(tell(timeout=1.0, faults=[early, late], horizon=6), "poll_failed") == rows("5 poll_failed timeout")
    assert only(tell(timeout=1.0, faults=[late, early], horizon=4), "poll_failed") == rows("4 poll_failed error")


def test_c7_the_document_s_backoff_grows_by_half_from_4_s_to_30_s() -> None:
    found = tell(policy="hybrid-backoff", horizon=200)
    sent = times(found, "poll_sent")
    # 4, 6, 9, 13.5, 20.25, then 30.375 would be over 30
    assert sent == [4.0, 10.0, 19.0, 32.5, 52.75, 82.75, 112.75, 142.75, 172.75]


def test_c7_the_interval_is_the_floor_of_the_exact_power_and_not_of_the_interval_before() -> None:
    found = tell(policy="hybrid-backoff", poll_interval_s=3e-6, backoff_max_s=1.0, horizon=1e-3)
    gaps = [round((b - a) * 1e6) for a, b in pairwise([0.0, *times(found, "poll_sent")])]
    # 3, 4.5, 6.75, 10.125, 15.1875, 22.78125, 34.171875, 51.2578125, 76.88671875; floors of floors give 3, 4, 6, 9
    assert gaps[:9] == [3, 4, 6, 10, 15, 22, 34, 51, 76]


@pytest.mark.parametrize(
    ("factor", "wanted_us"),
    [
        (1.1, [1000000, 1100000, 1210000, 1331000, 1464100, 1610510]),
        (1.15, [1000000, 1150000, 1322500, 1520875, 1749006]),  # the binary number next to 1.15 is less: 1149999
    ],
)
def test_c7_b10_the_factor_is_the_decimal_number_as_written(factor: float, wanted_us: list[int]) -> None:
    found = tell(policy="hybrid-backoff", backoff_factor=factor, poll_interval_s=1.0, horizon=8)
    gaps = [b - a for a, b in pairwise([0.0, *times(found, "poll_sent")])]
    assert [round(gap * 1e6) for gap in gaps][: len(wanted_us)] == wanted_us


def test_c7_the_base_is_capped_too_and_without_backoff_there_is_no_cap() -> None:
    assert times(tell(backoff_max_s=1.0, horizon=9), "poll_sent") == [4.0, 8.0]
    capped = tell(policy="hybrid-backoff", poll_interval_s=40.0, horizon=65)
    assert times(capped, "poll_sent") == [30.0, 60.0]


def test_c7_a_script_has_a_draw_for_every_poll_of_a_capped_interval() -> None:
    found = tell(policy="hybrid-backoff", poll_interval_s=4.0, backoff_max_s=1.0, horizon=20)
    assert times(found, "poll_sent") == [float(n) for n in range(1, 21)]


def test_c7_b10_a_message_resets_the_backoff_before_it_re_arms() -> None:
    assert tell("11", policy="hybrid-backoff", horizon=15)[3:] == rows("""
        4 poll_sent
        4 poll_answered 0
        4 timer_armed 10
        10 poll_sent
        10 poll_answered 0
        10 timer_armed 19
        11 event_emitted #0
        11 message_published #0
        11 message_received #0
        11 event_shown #0
        11 timer_armed 15
        15 poll_sent
        15 poll_answered 1
        15 timer_armed 21
    """)


def test_c7_b10_a_message_of_another_run_resets_the_backoff_too() -> None:
    assert at(tell(others="11", policy="hybrid-backoff", horizon=15), 11) == rows("""
        11 message_received other
        11 timer_armed 15
    """)


def test_c7_opening_does_not_reset_the_backoff() -> None:
    found = tell(policy="hybrid-backoff", connect=5.0, horizon=12)
    assert found == rows("""
        0 timer_armed 4
        4 poll_sent
        4 poll_answered 0
        4 timer_armed 10
        5 websocket_opened
        5 timer_armed 11
        11 poll_sent
        11 poll_answered 0
        11 timer_armed 20
    """)


def test_c7_b10_a_failed_poll_counts_like_an_answered_one() -> None:
    found = tell(policy="hybrid-backoff", faults=[fail(0, 1)], horizon=40)
    assert times(found, "poll_sent") == [4.0, 10.0, 19.0, 32.5]


def test_c7_a_message_during_a_poll_resets_and_the_finish_of_this_poll_counts() -> None:
    found = tell("5", policy="hybrid-backoff", poll_latency=2.0, faults=[fail(1)], horizon=12)
    assert only(found, "timer_armed", "poll_sent")[2:] == rows("""
        4 poll_sent
        5 timer_armed 9
        6 timer_armed 12
        12 poll_sent
    """)


def test_c7_a_poll_at_mount_counts() -> None:
    assert tell(policy="hybrid-backoff", poll_at_mount=True, horizon=6)[2:] == rows("""
        0 websocket_opened
        0 timer_armed 4
        0 poll_answered 0
        0 timer_armed 6
        6 poll_sent
        6 poll_answered 0
        6 timer_armed 15
    """)


def test_b6_the_poll_at_mount_is_sent_in_the_turn_of_the_mount() -> None:
    assert tell("0", poll_at_mount=True, horizon=0) == rows("""
        0 timer_armed 4
        0 poll_sent
        0 websocket_opened
        0 timer_armed 4
        0 event_emitted #0
        0 message_published #0
        0 message_received #0
        0 event_shown #0
        0 timer_armed 4
        0 poll_answered 1
        0 timer_armed 4
    """)


def test_b7_websocket_only_never_polls_and_has_no_timer() -> None:
    assert tell("1 2!", others="1.5", policy="websocket-only", faults=[lose(0), cut(3)], horizon=100) == rows("""
        0 websocket_opened
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 fault
        1.5 message_received other
        2 event_emitted #1
        2 message_published #1
        2 message_received #1
        2 event_shown #1
        2 terminal_reached #1
        3 websocket_closed connection-lost
    """)


def test_b7_polling_only_opens_nothing_and_every_message_has_no_connection() -> None:
    faults = [lose(0), cut(1), refuse(0, 9)]
    assert tell("1 5!", others="2", policy="polling-only", faults=faults, horizon=100) == rows("""
        0 timer_armed 4
        1 event_emitted #0
        1 message_published #0
        1 message_lost #0 no-connection
        2 message_lost no-connection
        4 poll_sent
        4 poll_answered 1
        4 event_shown #0
        4 timer_armed 8
        5 event_emitted #1
        5 message_published #1
        5 message_lost #1 no-connection
        8 poll_sent
        8 poll_answered 2
        8 event_shown #1
        8 terminal_reached #1
    """)


def test_b11_two_messages_of_one_instant_are_own_first_also_on_one_connection() -> None:
    assert at(tell("3", others="3 3", horizon=3), 3)[2:] == rows("""
        3 message_received #0
        3 event_shown #0
        3 timer_armed 7
        3 message_received other
        3 timer_armed 7
        3 message_received other
        3 timer_armed 7
    """)


def test_b11_polls_of_different_clients_do_not_queue() -> None:
    found = tell(count=100, poll_latency=1.0, horizon=5)
    assert times(found, "poll_answered") == [5.0] * 100


def test_b12_the_horizon_is_performed_completely_and_nothing_beyond_it() -> None:
    found = tell("4 4.000001", horizon=4, latency=0.0)
    assert found[3:] == rows("""
        4 event_emitted #0
        4 message_published #0
        4 message_received #0
        4 event_shown #0
        4 timer_armed 8
    """)
    assert tell(horizon=8)[-3:] == rows("8 poll_sent\n8 poll_answered 0\n8 timer_armed 12")
    assert tell(horizon=7.999999)[-1:] == rows("4 timer_armed 8")


def test_b12_a_message_and_a_poll_in_flight_at_the_horizon_write_nothing() -> None:
    assert tell("3.5", latency=9.0, poll_latency=9.0, horizon=5)[3:] == rows("""
        3.5 event_emitted #0
        3.5 message_published #0
        4 poll_sent
    """)


def test_horizon_zero_is_performed_completely() -> None:
    assert tell("0!", horizon=0)[3:] == rows("""
        0 event_emitted #0
        0 message_published #0
        0 message_received #0
        0 event_shown #0
        0 terminal_reached #0
        0 timer_cleared
    """)


def test_a_run_without_events_is_polled_until_the_horizon() -> None:
    assert times(tell(horizon=20), "poll_sent") == [4.0, 8.0, 12.0, 16.0, 20.0]


def test_rows_are_ordered_by_time_then_client_then_as_performed() -> None:
    found = tell("1", count=3, horizon=1)
    assert [row[:2] for row in found] == sorted(row[:2] for row in found)
    for client in (1, 2):
        assert [row[2:] for row in found if row[1] == client] == [row[2:] for row in found if row[1] == 0]


def test_due_times_have_six_decimals_also_far_out_and_for_single_microseconds() -> None:
    assert only(tell(poll_interval_s=1e-6, horizon=0, policy="polling-only"), "timer_armed")[0][4] == "0.000001"
    far = tell(start_s=123456.789012, poll_interval_s=999999.000001, horizon=200000)
    assert far[0] == (123456789012, 0, "timer_armed", -1, "1123455.789013")
