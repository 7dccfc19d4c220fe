"""The grammar of what is lost, in exact traces and in those of a live world (section 6, B2 to B4, B8, B13, L9)."""

import pytest

from sim.contract.policy import Policy
from sim.verify.happenings import ARRIVE, CLOSE, EMIT, FINISH, FIRE, MOUNT, SERVE, Reader, parse
from sim.verify.happenings import OPEN as OPENS
from tests.model.telling import rows

OPEN = "0 timer_armed 4\n0 websocket_opened\n0 timer_armed 4\n"
THREE = "".join(f"{n} event_emitted #{n - 1}\n{n} message_published #{n - 1}\n" for n in (1, 2, 3))


def broken(found: str, *, exact: bool = True) -> str:
    """What the grammar says of these rows; empty where they are happenings."""
    parsed = parse(Reader(rows(found), exact=exact, margin_us=0 if exact else 250_000))
    return parsed.broken[1] if parsed.broken else ""


HAPPENINGS = {
    **{
        f"B13: {reason} at publication": OPEN
        + f"1 event_emitted #0\n1 message_published #0\n1 message_lost #0 {reason}"
        for reason in ("redis-outage", "no-subscriber", "no-connection", "fault", "half-open")
    },
    "B1: another run's message": OPEN + "1 message_lost no-subscriber\n1 message_lost half-open",
    "L6: a half-open loss, and no close": OPEN + THREE + "4 message_lost #0 half-open\n4 message_lost #2 half-open",
    "B3: own ones first": OPEN + THREE + "4 message_lost #0 half-open\n4 message_lost half-open",
    "B4: a goodbye": OPEN + THREE + "4 message_lost #1 connection-lost\n4 websocket_closed going-away",
    "L9: an abort at a publication, its own message included": (
        OPEN + THREE + "3 message_lost #0 overflow\n3 message_lost #2 overflow\n3 websocket_closed connection-lost"
    ),
    "L9: an abort at another run's publication": (
        OPEN + THREE + "4 message_lost #1 overflow\n4 message_lost overflow\n4 websocket_closed connection-lost"
    ),
    "L9, L7: an abort whose close a partition holds up": (
        OPEN + THREE + "3 message_lost #2 overflow\n6 websocket_closed connection-lost"
    ),
    "O5: a poll is turned away": OPEN + "4 poll_sent\n4 poll_failed overloaded\n4 timer_armed 8",
    "P3: a heartbeat": OPEN + "3 message_received heartbeat\n3 timer_armed 7",
    "P4: a message is held back": OPEN + "3 message_received #1\n3 timer_armed 7",
    "P4: a message completes what was held back": (
        OPEN + "3 message_received #0\n3 event_shown #0\n3 event_shown #1\n3 timer_armed 7"
    ),
    "P8: a message ends in a poll": OPEN + "3 message_received #1\n3 poll_sent",
    "P8: an opening ends in a poll": "0 timer_armed 4\n3 websocket_opened\n3 poll_sent",
    "P8: an answer ends in a poll": OPEN + "4 poll_sent\n5 poll_answered 0\n5 timer_armed 9\n5 poll_sent",
    "P9: a message does not re-arm": OPEN + "3 message_received other\n4 poll_sent",
}


@pytest.mark.parametrize("name", [name for name in HAPPENINGS if name[0] == "P" and "heartbeat" not in name])
def test_of_a_client_that_neither_goes_by_sequence_nor_owes_polls_it_does_not_read(name: str) -> None:
    reader = Reader(rows(HAPPENINGS[name]), exact=True, policy=Policy())
    parsed = parse(reader)
    assert parsed.broken is not None or [h.turns for h in parsed.happenings][-1] == (FIRE,)


def test_p8_what_ends_a_turn_in_a_poll_is_one_happening() -> None:
    found = parse(Reader(rows(HAPPENINGS["P8: an answer ends in a poll"]), exact=True)).happenings
    assert [(h.turns, h.end - h.place) for h in found] == [((MOUNT,), 1), ((OPENS,), 2), ((FIRE,), 1), ((FINISH,), 3)]


def test_p9_a_message_that_re_arms_owes_nothing_so_that_a_poll_after_it_is_the_timers() -> None:
    found = parse(Reader(rows("3 message_received other\n3 timer_armed 7\n3 poll_sent"), exact=True)).happenings
    assert [h.turns for h in found] == [(ARRIVE,), (FIRE,)]


@pytest.mark.parametrize("name", HAPPENINGS)
def test_it_reads(name: str) -> None:
    assert broken(HAPPENINGS[name]) == ""


BROKEN = {
    "B13: an unknown reason": (OPEN + THREE + "4 message_lost #0 mislaid", "'mislaid', which there is not (B13)"),
    "B2: a loss long after its publication": (OPEN + THREE + "4 message_lost #0 fault", "does not follow"),
    "B3: losses out of order": (
        OPEN + THREE + "4 message_lost half-open\n4 message_lost #0 half-open",
        "own first, each by index (B3)",
    ),
    "B4: a message is lost to a refusal": (
        OPEN + "4 message_lost connection-lost\n4 websocket_closed refused",
        "'refused' (B4)",
    ),
    "B4: an unknown reason": (OPEN + "4 websocket_closed bored", "'bored' (B4)"),
    "B8: an unknown reason": (OPEN + "4 poll_sent\n4 poll_failed bored\n4 timer_armed 8", "(B8)"),
    "L2: a loss at a close that does not come": (OPEN + THREE + "4 message_lost #0 connection-lost", "nothing more"),
    "L9: an abort that spares its message": (
        OPEN + THREE + "3 message_lost #0 overflow\n3 websocket_closed connection-lost",
        "(L9)",
    ),
    "P3: a heartbeat of an event": (OPEN + "3 message_received #0 heartbeat\n3 timer_armed 7", "(B1, P3)"),
    "B14: an outage of a client's": (OPEN + "4 outage_began redis-outage", "no happening begins with outage_began"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_does_not_read(name: str) -> None:
    found, what = BROKEN[name]
    assert what in broken(found)


def test_a_live_world_may_tell_of_a_loss_a_little_later() -> None:
    found = OPEN + THREE + "4.1 message_lost #2 overflow\n4.2 message_lost #0 overflow\n4.3 message_lost #1 fault"
    assert broken(found) != ""
    assert broken(found, exact=False) == ""


def test_another_runs_half_open_message_may_be_lost_at_the_loss_or_at_its_publication() -> None:
    (happening,) = parse(Reader(rows("1 message_lost half-open"), exact=True)).happenings
    assert happening.turns == (CLOSE, EMIT)


def test_a_close_may_be_the_servers_own_timers() -> None:
    (happening,) = parse(Reader(rows("1 websocket_closed connection-lost"), exact=True)).happenings
    assert happening.turns == (CLOSE, SERVE)
