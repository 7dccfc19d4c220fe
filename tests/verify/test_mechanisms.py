"""The judges over what loses or delays messages: the model's traces keep the rules, and each change breaks one."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.contract.script import Script
from sim.contract.trace import Row, Trace
from sim.verify.invariants import check
from sim.worlds import perform
from tests.model.telling import cut, fail, refuse, rows
from tests.verify.faults import half_open, partition, redis_outage, restart, script, slow_reader

Change = Callable[[list[Row]], list[Row]]
OPEN = "0 timer_armed 4\n0 websocket_opened\n0 timer_armed 4\n"
HELD_CLOSE = (
    "1 event_emitted #0\n1 message_published #0\n1 message_lost #0 no-connection\n"
    "2 event_emitted #1\n2 message_published #1\n3 message_received #1\n3 event_shown #1\n3 timer_armed 7"
)
SILENT = (
    "1 event_emitted #0\n1 message_published #0\n1 message_lost #0 half-open\n3 message_received other\n3 timer_armed 7"
)

BY_ITSELF = {
    "L7, F10: what is published once the server's side is gone arrives": (OPEN + HELD_CLOSE, "L6, L7, F10"),
    "L6: something arrives after a half-open loss": (OPEN + SILENT, "L6, L7, F10"),
    "B4: a goodbye to an attempt": ("0 timer_armed 4\n1 websocket_closed going-away", "B4, L5"),
    "B4: what is open is refused": (OPEN + "1 websocket_closed refused", "B4, L5"),
    "B13: a message waits for a subscriber": (
        OPEN + "1 event_emitted #0\n1 message_published #0\n2 message_lost #0 no-subscriber",
        "L2, B13",
    ),
    "L2: a message without a connection is lost for a fault": (
        "0 timer_armed 4\n1 event_emitted #0\n1 message_published #0\n1 message_lost #0 fault",
        "L2, B7, B13",
    ),
    "section 3: a goodbye after a message of its instant": (
        OPEN + "1 message_received other\n1 timer_armed 5\n1 websocket_closed going-away",
        "section 3, one instant",
    ),
    "B14: a server is back that was not away": ("c-1 3 outage_ended redis-outage", "B14"),
    "B14: a server goes that is away": (
        "c-1 3 outage_began redis-outage\nc-1 4 outage_began redis-outage",
        "B14",
    ),
    "B14: a server's row of another kind": ("c-1 3 timer_armed 4", "B14"),
}


@pytest.mark.parametrize("what", BY_ITSELF)
def test_a_trace_shows_by_itself(what: str) -> None:
    found, rule = BY_ITSELF[what]
    assert rule in [finding.rule for finding in check(Trace(rows(found)))]


def test_by_itself_a_message_may_be_lost_for_no_connection_though_the_client_sees_one() -> None:
    found = OPEN + "1 event_emitted #0\n1 message_published #0\n1 message_lost #0 no-connection"
    assert check(Trace(rows(found))) == []


AGAIN: dict[str, Any] = {"reconnect": "fixed", "reconnect_delay_s": 2.0}
PINGS = {"ping_every_s": 3.0, "pong_within_s": 4.0}
LINK = "C1, C8, C10, L5, L6, L7, F8, F9, F10, B4"
OWN = "L1, L2, L4, L6, L7, R4, R5, B13"
OTHERS = "L1, L2, L6, L7, R4, R5, B1, P3"
POLLS = "C9, C11, L7, B8"


def told(kind: str, detail: str, other: str) -> Change:
    """Another detail in the first row of this kind with this one."""

    def change(found: list[Row]) -> list[Row]:
        place = next(n for n, row in enumerate(found) if row[2] == kind and row[4] == detail)
        return [*found[:place], (*found[place][:4], other), *found[place + 1 :]]

    return change


def moved(kind: str, detail: str, by_us: int) -> Change:
    """The first row of this kind with this detail, and all of its instant that follow it, at another time."""

    def change(found: list[Row]) -> list[Row]:
        place = next(n for n, row in enumerate(found) if row[2] == kind and row[4] == detail)
        at_us = found[place][0]
        return [(row[0] + by_us, *row[1:]) if n >= place and row[0] == at_us else row for n, row in enumerate(found)]

    return change


def instead(kind: str, detail: str, text: str) -> Change:
    """Other rows instead of the first row of this kind with this detail."""

    def change(found: list[Row]) -> list[Row]:
        place = next(n for n, row in enumerate(found) if row[2] == kind and row[4] == detail)
        return [*found[:place], *rows(text), *found[place + 1 :]]

    return change


QUEUE = {"workers": 1, "service_s": 1.0, "queue_limit": 1}

BY_SCRIPT: dict[str, tuple[Script, Change, str]] = {
    "C10: a client connects again too early": (
        script(faults=[refuse(0, 1)], **AGAIN),
        moved("websocket_opened", "", -1),
        LINK,
    ),
    "F8: a killed server says goodbye": (
        script(faults=[restart(3, 1, "killed")]),
        told("websocket_closed", "connection-lost", "going-away"),
        LINK,
    ),
    "F9: an attempt is lost that was refused": (
        script(faults=[restart(3, 4)], **AGAIN),
        told("websocket_closed", "refused", "connection-lost"),
        LINK,
    ),
    "L6: a half-open client is told": (
        script(faults=[half_open(3)], horizon=5),
        lambda found: sorted([*found, *rows("5 websocket_closed connection-lost")]),
        LINK,
    ),
    "L7: a close passes through a partition": (
        script(faults=[partition(2, 4), restart(3, 1)], horizon=7),
        moved("websocket_closed", "going-away", -1),
        LINK,
    ),
    "L6: what is on its way at a half-open loss is lost for another reason": (
        script("1", latency=3.0, faults=[half_open(2)], horizon=3),
        told("message_lost", "half-open", "no-connection"),
        OWN,
    ),
    "F10: the server finds out too late": (
        script("11", faults=[half_open(5)], fanout=PINGS, horizon=12),
        told("message_lost", "no-connection", "half-open"),
        OWN,
    ),
    "R4: an outage is taken for want of a subscriber": (
        script("2.5", faults=[redis_outage(2, 1)], horizon=3),
        told("message_lost", "redis-outage", "no-subscriber"),
        OWN,
    ),
    "R5: a message is heard before the server has subscribed again": (
        script("3.2", faults=[redis_outage(2, 1)], fanout={"resubscribe_s": 0.5}, horizon=3.3),
        instead("message_lost", "no-subscriber", "3.2 message_received #0\n3.2 event_shown #0\n3.2 timer_armed 7.2"),
        OWN,
    ),
    "R5: another run's message is lost for another reason": (
        script(others="3.2", faults=[redis_outage(2, 1)], fanout={"resubscribe_s": 0.5}, horizon=3.5),
        told("message_lost", "no-subscriber", "no-connection"),
        OTHERS,
    ),
    "L7: a message passes through a partition": (
        script("3", latency=0.5, faults=[partition(2, 4)], horizon=6.5),
        moved("message_received", "", -1),
        OWN,
    ),
    "L7: an answer passes through a partition": (
        script(poll_latency=1.0, faults=[partition(4.75, 1)], horizon=6.5),
        moved("poll_answered", "0", -1),
        POLLS,
    ),
    "C11: a client waits beyond its limit": (
        script(timeout=2.0, faults=[partition(3, 5)], horizon=7),
        moved("poll_failed", "timeout", 1),
        POLLS,
    ),
    "O3: an answer holds the history as of its sending": (
        script("5", poll_latency=0.2, faults=[partition(3, 3)], horizon=6.5, policy="polling-only"),
        lambda found: [
            row if row[2] != "poll_answered" else (*row[:4], "0") for row in found if row[2] != "event_shown"
        ],
        "O3, C9, L7, P2",
    ),
    "O5: a poll overtakes the queue": (
        script(count=2, orchestrator=QUEUE, policy="polling-only", horizon=6.5),
        lambda found: [(row[0] - 1_000_000, *row[1:]) if row[1] == 1 and row[0] == 6_000_000 else row for row in found],
        "O5",
    ),
    "O5: a poll is turned away that could wait": (
        script(count=2, orchestrator=QUEUE, policy="polling-only", horizon=5.5),
        lambda found: [*found, *rows("c1 4 poll_failed overloaded\nc1 4 timer_armed 8")],
        "O5",
    ),
    "O5: a poll is answered sooner than it is served": (
        script(orchestrator=QUEUE, policy="polling-only", horizon=5.5),
        moved("poll_answered", "0", -1),
        POLLS,
    ),
    "C11: a poll in the queue outlives its limit": (
        script(orchestrator=QUEUE | {"service_s": 5.0}, timeout=2.0, policy="polling-only", horizon=6.5),
        lambda found: [row for row in found if row[0] < 6_000_000],
        POLLS,
    ),
    "B8: a fault is taken for the queue's": (
        script(orchestrator=QUEUE, faults=[fail(0)], policy="polling-only", horizon=5.5),
        told("poll_failed", "error", "overloaded"),
        POLLS,
    ),
    "B14: an outage goes untold": (
        script(faults=[redis_outage(2, 1)], horizon=5),
        lambda found: [row for row in found if row[2] != "outage_ended"],
        "B14",
    ),
    "B14: an outage comes late": (
        script(faults=[restart(2, 1)], horizon=5),
        moved("outage_began", "fanout-restart", 1),
        "B14",
    ),
    "L9: even a slow reader's connection does not outlive its loss": (
        script(faults=[slow_reader(9.0), cut(3)], horizon=5),
        lambda found: [row for row in found if row[2] != "websocket_closed"],
        LINK,
    ),
    "L9: nor does it close later": (
        script(faults=[slow_reader(9.0), cut(3)], horizon=5),
        moved("websocket_closed", "connection-lost", 1),
        LINK,
    ),
    "section 3: a loss takes its connection after a publication": (
        script("3", faults=[cut(3)], horizon=5),
        lambda found: sorted(found, key=lambda row: (row[0], row[2] == "websocket_closed")),
        "section 3, one instant",
    ),
    "R4: even a slow reader's message is lost to an outage": (
        script("2.5", faults=[slow_reader(9.0), redis_outage(2, 1)], horizon=3),
        told("message_lost", "redis-outage", "no-subscriber"),
        OWN,
    ),
}


@pytest.mark.parametrize("what", BY_SCRIPT)
def test_with_its_script_a_trace_shows(what: str) -> None:
    given, change, rule = BY_SCRIPT[what]
    found = perform(given, "model").rows
    assert check(Trace(found), given) == []
    assert rule in [finding.rule for finding in check(Trace(change(found)), given)]


def test_redis_is_back_before_the_server_and_both_before_the_clients() -> None:
    given = script(faults=[redis_outage(1, 2), restart(2, 1)], horizon=5, **AGAIN)
    found = perform(given, "model").rows
    servers = [row for row in found if row[1] < 0]
    assert [row[2:5:2] for row in servers[-2:]] == [
        ("outage_ended", "redis-outage"),
        ("outage_ended", "fanout-restart"),
    ]
    assert check(Trace([*servers[:-2], *reversed(servers[-2:]), *found]), given) != []


def test_a_service_that_ends_at_the_limit_ends_too_late() -> None:
    given = script(orchestrator=QUEUE | {"service_s": 2.0}, timeout=2.0, policy="polling-only", horizon=7)
    found = perform(given, "model").rows
    assert rows("6 poll_failed timeout")[0] in found
    assert check(Trace(found), given) == []


def test_a_slow_reader_may_be_aborted_whenever_it_is_full() -> None:
    given = script(
        "1 2 3 4", faults=[slow_reader(9.0)], horizon=5, fanout={"send_buffer_bytes": 200, "write_within_s": 2.0}
    )
    found = perform(given, "model").rows
    assert "overflow" in [row[4] for row in found]
    assert check(Trace(found), given) == []


def test_at_one_instant_an_abort_may_come_at_another_runs_second_publication() -> None:
    found = (
        OPEN
        + "1 event_emitted #0\n1 message_published #0\n1 message_lost fault\n"
        + "1 message_lost #0 overflow\n1 message_lost overflow\n1 websocket_closed connection-lost"
    )
    assert check(Trace(rows(found))) == []


def test_refusals_in_a_row_are_no_wonder_to_the_rules() -> None:
    given = script("9", faults=[refuse(0, 8)], reconnect="exponential", jitter="full", reconnect_delay_s=0.5)
    assert check(perform(given, "model"), given) == []
