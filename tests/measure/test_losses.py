"""What was lost by which cause, who recovered it and after how long: by hand."""

import pytest

from sim import Trace
from sim.contract.errors import TraceError
from sim.contract.script import Script
from sim.measure.losses import CAUSES, Loss, losses

from ..model.telling import rows, script


def told(text: str, played: Script | None = None) -> list[Loss]:
    return losses(Trace(rows(text)), played)


def test_where_nothing_is_lost_there_is_no_cause() -> None:
    assert told("1 event_emitted #0\n1 message_published #0\n1 message_received #0\n1 event_shown #0") == []


def test_a_poll_recovers_what_it_shows_first_so_long_after_its_emission() -> None:
    found = told("""
        1 event_emitted #0
        1 message_lost #0 fault
        3 event_emitted #1
        3 message_lost #1 fault
        5 poll_answered 2
        5 event_shown #0
        5 event_shown #1
    """)
    assert found == [Loss("fault", 2, by_push=0, by_poll=2, by_nobody=0, after_mean_s=3.0, after_max_s=4.0)]


def test_what_is_never_shown_is_recovered_by_nobody_and_has_no_time() -> None:
    found = told("1 event_emitted #0\n1 message_lost #0 overflow\n2 poll_answered 0")
    assert found == [Loss("overflow", 1, by_push=0, by_poll=0, by_nobody=1, after_mean_s=None, after_max_s=None)]


def test_times_are_of_what_was_recovered() -> None:
    (found,) = told("""
        1 event_emitted #0
        1 message_lost #0 fault
        2 poll_answered 1
        2 event_shown #0
        3 event_emitted #1
        3 message_lost #1 fault
    """)
    assert (found.messages, found.by_poll, found.by_nobody) == (2, 1, 1)
    assert (found.after_mean_s, found.after_max_s) == (1.0, 1.0)


def test_an_event_that_a_poll_showed_before_its_message_was_lost_is_recovered_too() -> None:
    found = told("""
        1 event_emitted #0
        2 poll_answered 1
        2 event_shown #0
        4 message_lost #0 connection-lost
    """)
    assert found == [Loss("connection-lost", 1, 0, 1, 0, after_mean_s=1.0, after_max_s=1.0)]


def test_an_event_that_returns_after_erasure_was_recovered_when_it_was_first_shown() -> None:
    (found,) = told("""
        1 event_emitted #0
        1 message_lost #0 fault
        2 poll_answered 1
        2 event_shown #0
        5 poll_answered 0
        5 event_erased #0
        8 poll_answered 1
        8 event_repeated #0
    """)
    assert (found.by_poll, found.after_max_s) == (1, 1.0)


def test_p4_what_a_client_held_back_was_pushed_and_only_what_it_lacked_is_recovered_by_a_poll() -> None:
    """Event 1 came late through a partition and was held back until a poll brought event 0, which was lost."""
    played = script("1 2", policy="hybrid-cursor")
    fault, late = told(
        """
        1 event_emitted #0
        1 message_lost #0 fault
        2 event_emitted #1
        3 message_received #1
        3 poll_sent
        5 poll_answered 2
        5 event_shown #0
        5 event_shown #1
        """,
        played,
    )
    assert fault == Loss("fault", 1, by_push=0, by_poll=1, by_nobody=0, after_mean_s=4.0, after_max_s=4.0)
    assert late == Loss("late", 1, by_push=1, by_poll=0, by_nobody=0, after_mean_s=3.0, after_max_s=3.0)


def test_what_is_shown_by_a_message_was_recovered_by_push() -> None:
    """As by a protocol that sends again."""
    (found,) = told("""
        1 event_emitted #0
        1 message_lost #0 fault
        2 poll_answered 0
        2 message_received #0
        2 event_shown #0
    """)
    assert (found.by_push, found.by_poll) == (1, 0)


def test_clients_recover_each_for_themselves() -> None:
    (found,) = told("""
        1 event_emitted #0
        1 message_lost #0 no-connection
        c1 1 event_emitted #0
        c1 1 message_lost #0 no-connection
        c1 2 poll_answered 1
        2 message_received other
        c1 2 event_shown #0
    """)
    assert (found.messages, found.by_push, found.by_poll, found.by_nobody) == (2, 0, 1, 1)


def test_b1_lost_messages_of_other_runs_are_left_out() -> None:
    assert told("1 message_lost redis-outage") == []


def test_b14_an_outage_itself_is_no_loss() -> None:
    assert losses(Trace([(0, -1, "outage_began", -1, "redis-outage")])) == []


def test_b13_the_causes_stand_in_the_order_in_which_they_outrank_one_another() -> None:
    reasons = CAUSES[:-1]
    lines = [f"1 message_lost #{event} {reason}" for event, reason in enumerate(sorted(reasons))]
    assert [loss.cause for loss in told("\n".join(lines))] == list(reasons)


# Late messages


@pytest.mark.parametrize(("arrival", "late"), [("1.5", False), ("1.75", False), ("1.750001", True)])
def test_a_message_is_late_more_than_a_quarter_second_after_its_scripted_arrival(arrival: str, late: bool) -> None:
    played = script("1", latency=0.5)
    found = told(f"1 event_emitted #0\n{arrival} message_received #0\n{arrival} event_shown #0", played)
    assert [loss.cause for loss in found] == ["late"] * late


def test_a_late_message_is_its_own_recovery() -> None:
    found = told("1 event_emitted #0\n3 message_received #0\n3 event_shown #0", script("1"))
    assert found == [Loss("late", 1, by_push=1, by_poll=0, by_nobody=0, after_mean_s=2.0, after_max_s=2.0)]


def test_a_late_message_whose_event_a_poll_showed_first_was_recovered_by_poll() -> None:
    (found,) = told(
        """
        1 event_emitted #0
        2 poll_answered 1
        2 event_shown #0
        3 message_received #0
        3 event_repeated #0
        """,
        script("1"),
    )
    assert (found.by_push, found.by_poll, found.after_max_s) == (0, 1, 1.0)


def test_late_counts_from_the_clients_own_script_and_stands_last() -> None:
    played = script("1 2", count=2, start_s=1.0)
    found = told(
        """
        c1 2 event_emitted #0
        c1 2.1 message_received #0
        c1 2.1 event_shown #0
        c1 3 event_emitted #1
        3 message_lost #1 fault
        c1 4 message_received #1
        c1 4 event_shown #1
        """,
        played,
    )
    assert [(loss.cause, loss.messages) for loss in found] == [("fault", 1), ("late", 1)]
    assert [(loss.by_push, loss.by_nobody) for loss in found] == [(0, 1), (1, 0)]


def test_without_a_script_nothing_is_known_to_be_late() -> None:
    assert told("1 event_emitted #0\n9 message_received #0\n9 event_shown #0") == []


def test_a_trace_that_knows_its_script_needs_no_other() -> None:
    trace = Trace(rows("1 event_emitted #0\n9 message_received #0\n9 event_shown #0"), script=script("1"))
    assert [loss.cause for loss in losses(trace)] == ["late"]


@pytest.mark.parametrize("row", ["2 message_received #7", "c5 2 message_received #0"])
def test_a_trace_that_is_not_of_the_script_is_refused(row: str) -> None:
    with pytest.raises(TraceError, match="the trace is not of the scenario 'a test': it has no such message_received"):
        told(row, script("1"))
