"""Which happenings of a live world are too close to what loses or delays messages to be decided, and which are not."""

from typing import Any

import pytest

from sim.contract.script import Script
from sim.contract.trace import Row, Trace
from sim.verify.agreement import compare
from sim.verify.invariants import check
from sim.verify.races import decided_until_us
from sim.verify.story import Story
from sim.worlds import perform
from tests.model.telling import cut, fail_sent, lose, refuse, rows
from tests.verify.faults import half_open, partition, redis_outage, restart, script, slow_reader
from tests.verify.lateness import LateScript

MARGIN_S = 0.25
AGAIN: dict[str, Any] = {"reconnect": "fixed", "reconnect_delay_s": 1.5}
PINGS = {"ping_every_s": 3.0, "pong_within_s": 4.0}
TRIES = {"resubscribe_s": 0.5, "resubscribe_max_s": 4.0}
"""Tries come 0.5, 1.5, 3.5 and 7.5 s after a loss."""
SOCKETS: dict[str, Any] = {"policy": "websocket-only", "horizon": 12.0}


def decided_until_s(given: Script) -> float:
    """Until when client 0 of the model's trace would be decided live; the margin before the first race."""
    found = [row for row in perform(given, "model").rows if row[1] == 0]
    return decided_until_us(Story(0, found, given, given.client(0), round(MARGIN_S * 1e6))) / 1e6


RACES: dict[str, tuple[Script, float]] = {
    "an attempt as it begins to be refused": (script(faults=[cut(2), refuse(3.6, 9)], **AGAIN, **SOCKETS), 3.5),
    "an attempt as the server is back": (script(faults=[restart(2, 1.4)], **AGAIN, **SOCKETS), 3.4),
    "an attempt as the server stops": (script(faults=[cut(2), restart(3.6, 3)], **AGAIN, **SOCKETS), 3.5),
    "an attempt as a loss comes": (script(faults=[cut(2), cut(3.4)], **AGAIN, **SOCKETS), 3.4),
    "a handshake's end as the server stops": (script(faults=[restart(3.2, 1)], connect=3.0, **SOCKETS), 3.0),
    "a handshake's end as a partition begins": (script(faults=[partition(3.2, 2)], connect=3.0, **SOCKETS), 3.0),
    "a handshake's end as the line goes silent": (script(faults=[half_open(3.2)], connect=3.0, **SOCKETS), 3.0),
    "a publication as Redis goes": (script("3.2", faults=[redis_outage(3, 2)], **SOCKETS), 3.0),
    "a publication as Redis is back": (script("5.2", faults=[redis_outage(3, 2)], **SOCKETS), 5.0),
    "a publication as the server stops": (script("3.2", faults=[restart(3, 2)], **SOCKETS), 3.0),
    "a publication as the server is back": (script("5.2", faults=[restart(3, 2)], **SOCKETS), 5.0),
    "a publication as the server subscribes again": (
        script("4.6", faults=[redis_outage(3, 1)], fanout=TRIES, **SOCKETS),
        4.6,
    ),
    "a publication between two tries as the first may fail": (
        script("5.5", faults=[redis_outage(3, 1.4)], fanout=TRIES, **SOCKETS),
        5.5,
    ),
    "a publication between two tries as the first may succeed": (
        script("5.5", faults=[redis_outage(3, 1.6)], fanout=TRIES, **SOCKETS),
        5.5,
    ),
    "a publication as the line goes silent": (script("3.2", faults=[half_open(3)], **SOCKETS), 3.0),
    "a publication as the server finds out": (
        script("10.2", faults=[half_open(4)], fanout=PINGS, **SOCKETS),
        10.000001,
    ),
    "a ping as the line goes silent": (script("11", faults=[half_open(3.1)], fanout=PINGS, **SOCKETS), 7.0),
    "a pong as its deadline passes": (script(faults=[partition(2, 5.1)], fanout=PINGS, **SOCKETS), 7.0),
    "a ping as a partition begins": (script(faults=[partition(3.1, 6)], fanout=PINGS, **SOCKETS), 7.0),
    "a message as a partition begins": (script("3", latency=1.0, faults=[partition(4.2, 2)], **SOCKETS), 4.0),
    "a message as its connection is lost": (script("3", latency=1.0, faults=[cut(3.8)], **SOCKETS), 3.8),
    "a message as its line goes silent": (script("3", latency=1.0, faults=[half_open(3.8)], **SOCKETS), 3.8),
    "two ends of one connection": (script(faults=[restart(3, 1), cut(3.2)], **SOCKETS), 3.0),
    "a request as a partition begins": (script(poll_latency=2.0, faults=[partition(5.2, 2)], horizon=9), 5.0),
    "an answer as a partition begins": (script(poll_latency=2.0, faults=[partition(6.2, 2)], horizon=9), 6.0),
    "an answer as the client gives up": (
        script(timeout=5.0, poll_latency=2.0, faults=[partition(5.5, 3.6)], horizon=9.9),
        9.0,
    ),
    "a goodbye as a partition begins": (script(faults=[restart(3, 1), partition(3.2, 2)], **SOCKETS), 3.0),
    "a goodbye that is held up as a loss comes": (
        script(faults=[partition(2, 5), restart(3, 1), cut(7.2)], **SOCKETS),
        7.0,
    ),
    "a pong as a partition ends in silence": (
        script("9", faults=[partition(5, 1.2), half_open(6.3)], fanout=PINGS | {"ping_every_s": 2.7}, **SOCKETS),
        9.4,
    ),
    "a publication long after a try that decides when all later ones come": (
        script("11", faults=[redis_outage(3, 1.4), redis_outage(6, 1)], fanout=TRIES, **SOCKETS),
        11.0,
    ),
    "an opening as a poll is answered, under backoff": (
        script(policy="hybrid-backoff", poll_at_mount=True, connect=1.1, poll_latency=1.0, horizon=4.0),
        1.0,
    ),
    "the terminal as a timer fires for nothing": (
        script("3.1!", poll_at_mount=True, poll_interval_s=3.0, poll_latency=7.0, horizon=9.5),
        3.0,
    ),
    "a poll as its window ends": (script(faults=[fail_sent(0, 4.1)], horizon=7), 4.0),
    "a slow reader's abort": (
        script("1 2 3", faults=[slow_reader(1.0)], fanout={"send_buffer_bytes": 160}, **SOCKETS),
        3.0,
    ),
}


@pytest.mark.parametrize("name", RACES)
def test_a_race_is(name: str) -> None:
    given, from_s = RACES[name]
    assert decided_until_s(given) == pytest.approx(from_s - MARGIN_S)


NO_RACES: dict[str, Script] = {
    "a close that takes what is on its way": script("1 2.5 6", latency=1.0, faults=[restart(3, 1)], **AGAIN, **SOCKETS),
    "several connections with a message each": script(
        "1 4 7", faults=[cut(2), restart(5, 0.7), redis_outage(8, 1)], **AGAIN, **SOCKETS
    ),
    "attempts that follow a loss within the margin": script(
        "5", faults=[cut(2)], reconnect="fixed", reconnect_delay_s=0.1, **SOCKETS
    ),
    "a refusal from the very start": script(faults=[refuse(0, 5.3)], **AGAIN, **SOCKETS),
    "a partition from the very start": script("3", connect=0.1, faults=[partition(0, 1)], **SOCKETS),
    "what a partition releases": script("3", latency=1.0, faults=[partition(3.5, 2)], **SOCKETS),
    "what a close that was held up takes": script(
        "3", latency=1.0, faults=[partition(3.5, 2), restart(3.8, 1)], **SOCKETS
    ),
    "a half-open line that is found out": script("2 6 11.5", faults=[half_open(4)], fanout=PINGS, **SOCKETS),
}


@pytest.mark.parametrize("name", NO_RACES)
def test_no_race_is(name: str) -> None:
    given = NO_RACES[name]
    assert decided_until_s(given) == pytest.approx(given.horizon_us / 1e6 - MARGIN_S)


CURSOR: dict[str, Any] = {"policy": "hybrid-cursor", "poll_jitter": 0.0, "reconnect": "none", "horizon": 12.0}

RACES_BY_SEQUENCE: dict[str, tuple[Script, float]] = {
    "P9: a message as the answer to a poll for a gap comes": (
        script("1 2 2.6", faults=[lose(0)], poll_latency=0.5, **CURSOR),
        2.5,
    ),
    "P8: a gap as the timer is due": (script("1 3 4.9", faults=[lose(1)], poll_latency=0.5, **CURSOR), 4.9),
    "P7: an event that may be missed as a poll arrives": (
        script("4.1 6", faults=[lose(0)], poll_latency=0.2, **CURSOR),
        4.1,
    ),
    "P10: an event as a poll arrives, under backoff": (
        script("4.1", latency=0.5, poll_latency=0.2, backoff_factor=2.0, **CURSOR),
        4.1,
    ),
    "P7: an opening as the timer fires": (
        script(faults=[cut(2)], **CURSOR | {"reconnect": "fixed", "jitter": "none", "reconnect_delay_s": 2.1}),
        4.0,
    ),
}


@pytest.mark.parametrize("name", RACES_BY_SEQUENCE)
def test_by_sequence_a_race_is(name: str) -> None:
    given, from_s = RACES_BY_SEQUENCE[name]
    assert decided_until_s(given) == pytest.approx(from_s - MARGIN_S)


NO_RACES_BY_SEQUENCE: dict[str, Script] = {
    "a poll for a gap, and its answer soon after": script("1 2", faults=[lose(0)], poll_latency=0.1, **CURSOR),
    "a poll as the terminal shows a gap": script(
        "1 2!", faults=[lose(0)], poll_latency=0.1, **CURSOR | {"gap_poll": False}
    ),
    "a poll for what a heartbeat tells of": script(
        "1", faults=[lose(0)], poll_latency=0.1, orchestrator={"heartbeat_s": 2.0}, **CURSOR | {"horizon": 11.0}
    ),
    "a poll that catches up": script(
        faults=[cut(2)], poll_latency=0.1, **CURSOR | {"reconnect": "fixed", "jitter": "none"}
    ),
    "an event as a poll arrives whose message comes": script("4.1 9", latency=0.5, poll_latency=0.2, **CURSOR),
    "an event as a poll arrives that the next poll brings": script("4.1", faults=[lose(0)], poll_latency=0.2, **CURSOR),
    "an event and a heartbeat of one instant": script("2 4 5!", orchestrator={"heartbeat_s": 2.0}, **CURSOR),
}


@pytest.mark.parametrize("name", NO_RACES_BY_SEQUENCE)
def test_by_sequence_no_race_is(name: str) -> None:
    given = NO_RACES_BY_SEQUENCE[name]
    assert decided_until_s(given) == pytest.approx(given.horizon_us / 1e6 - MARGIN_S)


@pytest.mark.parametrize("name", NO_RACES_BY_SEQUENCE)
def test_by_sequence_what_is_no_race_is_judged_and_a_little_lateness_is_no_difference(name: str) -> None:
    given = NO_RACES_BY_SEQUENCE[name]
    model = perform(given, "model")
    live = Trace(perform(LateScript(given, 0), "model").rows, world="live", script=given)
    assert check(live, given) == []
    meets = "as a poll arrives" in name  # the answer may hold the event or not
    assert compare(model, live).verdict in ({"agree", "not decided"} if meets else {"agree"})
    sent = max(n for n, row in enumerate(live.rows) if row[2] in ("poll_sent", "terminal_reached"))
    less = Trace(live.rows[:sent] + live.rows[sent + 1 :], world="live", script=given)
    assert compare(model, less).verdict == "differ"
    assert check(less, given) != []


def test_p2_what_the_next_answer_holds_hangs_on_an_event_that_meets_a_poll() -> None:
    """The first answer may hold it, then the second does not."""
    given = NO_RACES_BY_SEQUENCE["an event as a poll arrives that the next poll brings"]
    model = perform(given, "model").rows
    first, second = [n for n, row in enumerate(model) if row[2] == "poll_answered"][:2]
    assert [model[first][4], model[second][4]] == ["1", "0"]
    shown = next(n for n, row in enumerate(model) if row[2] == "event_shown")
    other = [row for n, row in enumerate(model) if n != shown]
    first, second = [n for n, row in enumerate(other) if row[2] == "poll_answered"][:2]
    other[first], other[second] = (*other[first][:4], "0"), (*other[second][:4], "1")
    other.insert(second + 1, (other[second][0], 0, "event_shown", 0, ""))
    trace = Trace(other, world="live", script=given)
    assert compare(Trace(model, world="model", script=given), trace).verdict == "not decided"
    assert check(trace, given) == []
    without = [row for row in other if row[2] != "event_shown"]
    assert compare(Trace(model, world="model", script=given), Trace(without, world="live")).verdict == "differ"


def late(found: list[Row], off_us: int = 20_000) -> list[Row]:
    """The rows of a client without polls as a live world tells them: each a little late."""
    return [(row[0] + off_us, *row[1:]) for row in found]


@pytest.mark.parametrize("name", NO_RACES)
def test_what_is_no_race_is_judged_and_kept_by_a_live_trace(name: str) -> None:
    given = NO_RACES[name]
    found = late(perform(given, "model").rows)
    assert check(Trace(found), given, MARGIN_S) == []
    switched = [n for n, row in enumerate(found) if row[2] in ("websocket_opened", "websocket_closed")]
    assert check(Trace(found[: switched[-1]] + found[switched[-1] + 1 :]), given, MARGIN_S) != []


def test_outages_are_compared_like_a_clients_rows() -> None:
    given = script(faults=[redis_outage(3, 2)], horizon=9)
    model = perform(given, "model")
    assert compare(model, Trace(late(model.rows, 0), world="live"), MARGIN_S).verdict == "agree"
    off = [(row[0] + 300_000 * (row[1] < 0), *row[1:]) for row in model.rows]
    agreement = compare(model, Trace(off, world="live"), MARGIN_S)
    assert agreement.verdict == "differ"
    assert "outage_began of client -1" in agreement.sentence


def test_outages_of_a_live_world_may_be_told_a_little_late_and_in_either_order() -> None:
    given = script(faults=[redis_outage(3, 2), restart(3, 1)], horizon=9, policy="websocket-only")
    found = [(row[0] + 10_000 * (row[4] == "redis-outage"), *row[1:]) for row in perform(given, "model").rows]
    assert check(Trace(found), given, MARGIN_S) == []
    assert check(Trace(found), given) != []


def queue(limit: int, starts: float) -> Script:
    table = {"workers": 1, "service_s": 0.5, "queue_limit": limit}
    kwargs: dict[str, Any] = {"count": 2, "policy": "polling-only", "horizon": 7.0, "poll_interval_s": 3.0}
    return script(orchestrator=table, start_s=starts, **kwargs)


def swapped(found: list[Row]) -> list[Row]:
    """The rows of a world in which the two clients come in the other order."""
    return [(row[0], 1 - row[1], *row[2:]) for row in found]


def test_who_comes_first_to_a_worker_at_one_instant_is_not_decided() -> None:
    given = queue(9, 0.0)
    model = perform(given, "model")
    other = Trace(swapped(model.rows), world="live", script=given)
    assert compare(model, other, MARGIN_S).verdict == "not decided"
    assert check(other, given, MARGIN_S) == []


def test_who_is_turned_away_is_not_decided() -> None:
    given = queue(0, 0.0)
    model = perform(given, "model")
    assert "overloaded" in [row[4] for row in model.rows]
    assert compare(model, Trace(swapped(model.rows), world="live", script=given), MARGIN_S).verdict == "not decided"


def test_before_the_workers_are_sought_after_all_is_decided() -> None:
    given = queue(0, 0.0)
    model = perform(given, "model")
    off = [(row[0] + 300_000 * (row[0] < 2_000_000), *row[1:]) for row in model.rows]
    assert compare(model, Trace(off, world="live", script=given), MARGIN_S).verdict == "differ"


def test_a_clients_own_rows_show_a_queue_only_its_bounds() -> None:
    given = queue(9, 0.0)
    found = perform(given, "model").rows
    hurried = [(row[0] - 400_000, *row[1:]) if row[2] == "poll_answered" and row[1] else row for row in found]
    assert "O5" in [finding.rule for finding in check(Trace(hurried), given)]


def test_without_a_script_only_what_rows_show_is_a_race() -> None:
    found = rows("0 websocket_opened\n3 event_emitted #0\n3 message_published #0\n3.2 websocket_closed going-away")
    assert decided_until_us(Story(0, found, margin_us=250_000)) == 2_750_000
