"""The document's React hook with its progressive backoff as its code is written, defects included (D10 to D14)."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, perform, realize
from sim.contract.trace import Row
from sim.verify.generate import listings

from .telling import at, fail, lose, only, refuse, rows, times
from .telling import tell as tell_any


def tell(*args: Any, **kwargs: Any) -> list[Row]:
    """The rows that the model gives for such a scenario with the hook and its backoff."""
    return tell_any(*args, policy="hybrid-listing-backoff", **kwargs)


def timers(found: list[Row]) -> list[Row]:
    """Timers and polls."""
    return only(found, "timer_armed", "timer_cleared", "poll_sent", "poll_answered", "poll_failed")


# the interval (D10)


def test_d10_it_grows_with_each_poll_that_comes_back_up_to_the_longest() -> None:
    found = tell(horizon=130)
    assert times(found, "poll_sent") == [4.0, 10.0, 19.0, 32.5, 52.75, 82.75, 112.75]


def test_d10_also_with_one_that_brings_news() -> None:
    found = tell("1", faults=[lose(0)], horizon=10)
    assert timers(found) == rows("""
        0 timer_armed 4
        4 poll_sent
        4 poll_answered 1
        4 timer_armed 10
        10 poll_sent
        10 poll_answered 1
        10 timer_armed 19
    """)


def test_d10_each_interval_is_the_exact_power_rounded_down_once() -> None:
    found = tell(poll_interval_s=0.000007, horizon=0.00004)
    assert [row[4] for row in only(found, "timer_armed")] == ["0.000007", "0.000017", "0.000032", "0.000055"]


def test_d10_the_longest_holds_for_the_first_too_whatever_the_factor() -> None:
    for factor in (1.0, 1.5):
        found = tell(backoff_factor=factor, backoff_max_s=2.5, horizon=8)
        assert times(found, "poll_sent") == [2.5, 5.0, 7.5]


def test_d10_a_message_starts_it_anew_before_it_re_arms_also_another_run_s() -> None:
    for message in ({"own": "11"}, {"others": "11"}):
        assert times(tell(horizon=21, **message), "poll_sent") == [4.0, 10.0, 15.0, 21.0]


def test_d10_d12_an_opening_re_arms_and_starts_nothing_anew() -> None:
    """Only the mount's opening comes before the terminal, so that no poll can have come back before it."""
    assert timers(tell(connect=1.5, horizon=5)) == rows("1.5 timer_armed 5.5")


# chains of timers (D11, D12)


def test_d11_a_poll_that_comes_back_arms_a_timer_and_so_does_an_error() -> None:
    found = tell("1", poll_latency=0.5, faults=[fail(0)], horizon=12)
    assert found[6:] == rows("""
        1 timer_armed 5
        5 poll_sent
        5.5 poll_failed error
        5.5 event_erased #0
        5.5 timer_armed 11.5
        11.5 poll_sent
        12 poll_answered 1
        12 event_repeated #0
        12 timer_armed 21
    """)


def test_d11_a_message_while_a_poll_is_in_flight_leaves_two_chains() -> None:
    """The answer of 6 s arms a timer besides the message's of 5 s, and from then on each poll arms its own."""
    found = tell(others="5", poll_latency=2.0, horizon=24)
    assert timers(found) == rows("""
        0 timer_armed 4
        4 poll_sent
        5 timer_armed 9
        6 poll_answered 0
        6 timer_armed 12
        9 poll_sent
        11 poll_answered 0
        11 timer_armed 20
        12 poll_sent
        14 poll_answered 0
        14 timer_armed 27.5
        20 poll_sent
        22 poll_answered 0
        22 timer_armed 42.25
    """)


def test_d12_a_message_clears_the_remembered_timer_alone() -> None:
    """That of 8 s puts off the timer that was armed last, for 12 s, and not the one for 9 s."""
    found = tell(others="5 8", poll_latency=2.0, horizon=12)
    assert timers(found)[3:] == rows("""
        6 poll_answered 0
        6 timer_armed 12
        8 timer_armed 12
        9 poll_sent
        11 poll_answered 0
        11 timer_armed 17
        12 poll_sent
    """)


def test_d11_one_more_message_at_the_right_time_leaves_three() -> None:
    found = tell(others="5 10", poll_latency=2.0, horizon=14)
    assert timers(found)[5:] == rows("""
        9 poll_sent
        10 timer_armed 14
        11 poll_answered 0
        11 timer_armed 17
        14 poll_sent
    """)


# what timeouts do (D13)


def test_d13_a_timeout_ends_polling() -> None:
    found = tell(faults=[fail(1, manner="timeout")], horizon=600)
    assert timers(found)[-2:] == rows("10 poll_sent\n20 poll_failed timeout")


def test_d13_until_a_message_arms_the_timer_again() -> None:
    found = tell(others="30", faults=[fail(1, manner="timeout")], horizon=34)
    assert timers(found)[-5:] == rows("""
        20 poll_failed timeout
        30 timer_armed 34
        34 poll_sent
        34 poll_answered 0
        34 timer_armed 40
    """)


def test_d13_a_chain_besides_it_goes_on() -> None:
    found = tell(others="5", timeout=3.0, poll_latency=2.0, faults=[fail(1, manner="timeout")], horizon=60)
    assert times(found, "poll_sent")[:4] == [4.0, 9.0, 12.0, 23.0]


# the terminal (D14)


def test_d14_at_the_terminal_the_remembered_timer_is_cleared_and_the_answer_arms_none() -> None:
    assert timers(tell("1!", horizon=600))[1:] == rows("1 timer_cleared")
    assert timers(tell("1!", faults=[lose(0)], horizon=600))[1:] == rows("4 poll_sent\n4 poll_answered 1")


def test_d14_a_chain_besides_it_goes_on_and_on() -> None:
    found = tell("8!", others="5", poll_latency=2.0, horizon=60)
    assert timers(found)[4:] == rows("""
        6 timer_armed 12
        8 timer_cleared
        9 poll_sent
        11 poll_answered 1
        11 timer_armed 17
        17 poll_sent
        19 poll_answered 1
        19 timer_armed 28
        28 poll_sent
        30 poll_answered 1
        30 timer_armed 43.5
        43.5 poll_sent
        45.5 poll_answered 1
        45.5 timer_armed 65.75
    """)


def test_d14_so_does_that_of_a_poll_in_flight() -> None:
    found = tell("5!", poll_latency=2.0, horizon=13)
    assert timers(found)[1:] == rows("""
        4 poll_sent
        6 poll_answered 1
        6 timer_armed 12
        12 poll_sent
    """)


def test_d14_a_message_after_the_terminal_clears_the_remembered_timer_and_arms_none() -> None:
    found = tell("5! 7", poll_latency=2.0, horizon=60)
    assert at(found, 7)[2:] == rows("7 message_received #1\n7 event_shown #1\n7 timer_cleared")
    assert times(found, "poll_sent") == [4.0]


def test_d14_so_does_the_opening_of_the_socket_that_the_terminal_opens() -> None:
    """`ws.onopen` of the effect that the terminal runs again resets the timer, with nothing to set."""
    found = tell("5!", connect=3.0, poll_latency=3.0, horizon=60)
    assert timers(found) == rows("""
        3 timer_armed 7
        5 timer_cleared
    """)
    found = tell("7.5!", connect=3.0, poll_latency=3.0, horizon=60)
    assert timers(found)[1:] == rows("""
        7 poll_sent
        10 poll_answered 1
        10 timer_armed 16
        10.5 timer_cleared
    """)


def test_d14_another_terminal_message_ends_nothing_twice_and_clears_the_remembered_timer() -> None:
    found = tell("5! 7!", poll_latency=2.0, horizon=60)
    assert at(found, 7)[2:] == rows("7 message_received #1\n7 event_shown #1\n7 timer_cleared")
    assert times(found, "terminal_reached") == [5.0]


def test_d8_it_opens_no_socket_after_a_refusal_either() -> None:
    assert timers(tell("1", faults=[refuse(0, 1)], horizon=60)) == []


# both


@settings(deadline=None, max_examples=150)
@given(listings(), st.integers(0, 1000))
def test_d_polls_are_what_timers_send_and_nothing_else(scenario: Scenario, seed: int) -> None:
    """Every poll is due at a time to which a timer was armed; the hook has one such chain, and none after the end."""
    script = realize(scenario, seed)
    found = perform(script, "model").rows
    for number in range(script.clients):
        due: set[int] = set()
        mine = [row for row in found if row[1] == number]
        ends = [n for n, row in enumerate(mine) if row[2] == "terminal_reached"]
        assert len(ends) <= 1
        for time_us, _, kind, _, detail in mine:
            if kind == "timer_armed":
                due.add(round(float(detail) * 1e6))
            assert kind != "poll_sent" or time_us in due
        if ends and script.policy.listing == "hook":
            assert not {"poll_sent", "timer_armed"} & {row[2] for row in mine[ends[0] :]}
