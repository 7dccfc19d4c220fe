"""What a client by sequence has and owes, row by row, worked out by hand (P4, P5, P7, P10)."""

import pytest

from sim.contract.policy import PRESETS, Policy
from sim.contract.script import ClientScript
from sim.verify.duty import Duty, may_owe
from tests.verify.faults import script

CURSOR = PRESETS["hybrid-cursor"]
GAPS = Policy(gap_poll=True)
FINAL = Policy(final_poll=True)
ME: ClientScript = script("1 2 3! 4", policy="hybrid-cursor").client(0)


def message(duty: Duty, event: int, policy: Policy = CURSOR) -> Duty:
    return duty.received(policy, ME, event, None)


def heartbeat(duty: Duty, of_events: int, policy: Policy = CURSOR) -> Duty:
    return duty.received(policy, ME, -1, of_events)


def asked(duty: Duty) -> Duty:
    return duty.sent(by_sequence=True)


BEHIND = message(Duty(), 1)
"""Event 0 is missing."""


@pytest.mark.parametrize(("preset", "owes"), [("hybrid", False), ("polling-only", False), ("hybrid-cursor", True)])
def test_p7_of_the_presets_only_the_cursor_protocol_polls_at_once(preset: str, owes: bool) -> None:
    assert may_owe(PRESETS[preset]) == owes


def test_p4_an_event_is_held_back_until_all_before_it_are_there() -> None:
    assert BEHIND.shown == 0
    assert message(BEHIND, 0).shown == 2


def test_p5_who_has_heard_of_more_than_it_shows_is_behind_by_message_answer_or_heartbeat() -> None:
    assert not Duty().behind
    assert BEHIND.behind
    assert heartbeat(Duty(), 1).behind
    assert not heartbeat(Duty(), 0).behind
    assert not message(Duty(), 0).behind


def test_p2_an_answer_holds_what_follows_what_had_been_shown_when_it_was_asked_for() -> None:
    duty = asked(message(Duty(), 0))
    assert message(duty, 1).answered(1).have == {0, 1}
    assert message(duty, 1).answered(2).shown == 3


def test_a_client_that_does_not_go_by_sequence_asks_for_all() -> None:
    assert message(Duty(), 0).sent(by_sequence=False).answered(2).shown == 2


def test_p7_a_gap_poll_is_owed_when_a_message_or_a_heartbeat_leaves_the_client_behind() -> None:
    assert message(Duty(), 1, GAPS).owed
    assert heartbeat(Duty(), 1, GAPS).owed
    assert not message(Duty(), 0, GAPS).owed
    assert not message(BEHIND._replace(owed=False), 0, GAPS).owed


def test_p7_also_when_the_message_itself_was_there_already() -> None:
    assert message(BEHIND._replace(owed=False), 1, GAPS).owed


def test_p7_a_final_poll_is_owed_when_a_message_leaves_the_client_behind_that_holds_back_the_terminal() -> None:
    assert not message(Duty(), 1, FINAL).owed
    ending = message(Duty(), 2, FINAL)
    assert ending.owed
    assert message(ending._replace(owed=False), 0, FINAL).owed
    assert not heartbeat(ending._replace(owed=False), 3, FINAL).owed


def test_p7_a_catch_up_poll_is_owed_at_an_opening_where_the_policy_has_it() -> None:
    assert Duty().opened(CURSOR).owed
    assert not Duty().opened(GAPS).owed


def test_p7_another_runs_message_makes_nothing_owed() -> None:
    behind = heartbeat(Duty(), 1)._replace(owed=False)
    assert not behind.received(CURSOR, ME, -1, None).owed


def test_p7_what_is_owed_stays_so_until_a_poll_that_was_sent_afterwards_is_answered() -> None:
    assert not asked(BEHIND).answered(2).owed
    assert asked(BEHIND).poll_failed("error").owed
    assert message(asked(Duty()), 1).answered(0).owed
    assert asked(asked(BEHIND).poll_failed("error")).answered(2).owed is False


def test_p10_the_idle_wait_counts_answers_without_news_since_the_last_message_or_news() -> None:
    quiet = asked(asked(Duty()).answered(0)).answered(0)
    assert quiet.idle == 2
    assert asked(quiet).poll_failed("error").idle == 2
    assert asked(quiet).answered(1).idle == 0
    assert heartbeat(quiet, 0).idle == 0
    assert quiet.received(CURSOR, ME, -1, None).idle == 0


def test_p10_errors_count_until_a_poll_is_answered() -> None:
    failing = asked(asked(Duty()).poll_failed("timeout")).poll_failed("overloaded")
    assert (failing.failed, failing.reason) == (2, "overloaded")
    answered = asked(failing).answered(0)
    assert (answered.failed, answered.reason) == (0, "")
