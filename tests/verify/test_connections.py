"""The lives of connections as the script alone determines them, worked out by hand."""

from typing import Any

import pytest

from sim.verify.connections import Attempt, attempts
from tests.model.telling import cut, refuse
from tests.verify.faults import half_open, partition, restart, script

AGAIN: dict[str, Any] = {"reconnect": "fixed", "reconnect_delay_s": 2.0}
PINGS = {"ping_every_s": 3.0, "pong_within_s": 4.0}


def lives(*faults: dict[str, Any], **kwargs: Any) -> list[Attempt]:
    given = script(faults=list(faults), **kwargs)
    return list(attempts(given, given.client(0)))


def told(life: Attempt) -> str:
    """`start opened closed reason` in seconds, `-` for what does not come."""
    times = (life.start_us, life.opened_us, life.closed_us)
    return " ".join([*("-" if t is None else f"{t / 1e6:g}" for t in times), life.reason]).strip()


def on_the_server(life: Attempt) -> tuple[float | None, float | None]:
    """From when on the server has no connection, and from when on it is silent, in seconds."""
    gone_us, silent_us = life.gone_us, life.silent_us
    return (None if gone_us is None else gone_us / 1e6), (None if silent_us is None else silent_us / 1e6)


LIVES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], list[str]]] = {
    "C1: it opens when its handshake ends": ([], {"connect": 0.5}, ["0 0.5 -"]),
    "L5: a loss while connecting fails it": ([cut(0.5)], {"connect": 1.0}, ["0 - 0.5 connection-lost"]),
    "L5: a loss as it opens closes it": ([cut(1)], {"connect": 1.0}, ["0 1 1 connection-lost"]),
    "B4: a loss comes before a refusal": ([cut(1), refuse(0, 9)], {"connect": 1.0}, ["0 - 1 connection-lost"]),
    "B4: a refusal comes at its handshake's end": ([refuse(0, 9)], {"connect": 1.0}, ["0 - 1 refused"]),
    "C10: the next attempt starts after the delay": ([cut(3)], AGAIN, ["0 0 3 connection-lost", "5 5 -"]),
    "C8: without reconnection there is no next": ([cut(3)], {}, ["0 0 3 connection-lost"]),
    "L5: a loss while nothing opens does nothing": ([cut(3), cut(4)], AGAIN, ["0 0 3 connection-lost", "5 5 -"]),
    "C10: the delay doubles with each failed attempt": (
        [refuse(0, 10)],
        {"reconnect": "exponential", "reconnect_delay_s": 1.0, "reconnect_max_s": 5.0},
        ["0 - 0 refused", "2 - 2 refused", "6 - 6 refused", "11 11 -"],
    ),
    "C10: an opening makes the delay short again": (
        [refuse(0, 1), cut(4)],
        {"reconnect": "exponential", "reconnect_delay_s": 1.0},
        ["0 - 0 refused", "2 2 4 connection-lost", "5 5 -"],
    ),
    "F8: a server that stops says goodbye": ([restart(3, 1)], AGAIN, ["0 0 3 going-away", "5 5 -"]),
    "F8: one that is killed does not": ([restart(3, 1, "killed")], AGAIN, ["0 0 3 connection-lost", "5 5 -"]),
    "F8: attempts under way fail": ([restart(1, 5)], {"connect": 2.0}, ["0 - 1 connection-lost"]),
    "F8: what has just opened closes": ([restart(2, 5)], {"connect": 2.0}, ["0 2 2 going-away"]),
    "F9: the server may be back before a refusal comes": (
        [cut(2), restart(3, 2)],
        {"connect": 3.0, **AGAIN},
        ["0 - 2 connection-lost", "4 - 7 refused", "9 12 -"],
    ),
    "F9: an attempt that starts as the server is back opens": ([restart(3, 2)], AGAIN, ["0 0 3 going-away", "5 5 -"]),
    "F9: one that starts as it stops is under way": (
        [cut(1), restart(3, 2)],
        {"connect": 0.5, **AGAIN},
        ["0 0.5 1 connection-lost", "3 - 3 connection-lost", "5 5.5 -"],
    ),
    "F8: at one instant a goodbye comes before a loss": ([restart(3, 1), cut(3)], {}, ["0 0 3 going-away"]),
    "F8: and before a half-open one": ([restart(3, 1), half_open(3)], {}, ["0 0 3 going-away"]),
    "L6: a half-open loss while connecting fails it": ([half_open(1)], {"connect": 2.0}, ["0 - 1 connection-lost"]),
    "L6: a half-open client is told of no goodbye": ([half_open(2), restart(4, 1)], AGAIN, ["0 0 -"]),
    "L6: only a closed loss ends it for the client": (
        [half_open(2), cut(9)],
        {**AGAIN, "fanout": PINGS},
        ["0 0 9 connection-lost", "11 11 -"],
    ),
    "L6: at one instant the closed loss comes first": (
        [half_open(2), cut(2), restart(9, 1)],
        AGAIN,
        ["0 0 2 connection-lost", "4 4 9 going-away", "11 11 -"],
    ),
    "L7: a partition holds up an opening": ([partition(1, 3)], {"connect": 1.0}, ["0 4 -"]),
    "L7: a partition holds up a refusal": ([refuse(0, 9), partition(1, 3)], {"connect": 1.0}, ["0 - 4 refused"]),
    "L7: what would pass at its end passes": ([partition(1, 3)], {"connect": 4.0}, ["0 4 -"]),
    "L7: a goodbye is told at its end": (
        [partition(2, 5), restart(3, 1)],
        AGAIN,
        ["0 0 7 going-away", "9 9 -"],
    ),
    "L7: a loss is not held up": ([partition(2, 5), cut(3)], AGAIN, ["0 0 3 connection-lost", "5 7 -"]),
    "L7: a loss comes before a goodbye that is held up": (
        [partition(2, 5), restart(3, 1), cut(7)],
        {},
        ["0 0 7 connection-lost"],
    ),
    "L6: a half-open loss takes a goodbye that is held up": (
        [partition(2, 5), restart(3, 1), half_open(7)],
        {},
        ["0 0 -"],
    ),
    "L7, F8: an attempt that fails under way is told at its end": (
        [partition(2, 5), restart(3, 1)],
        {"connect": 4.0},
        ["0 - 7 connection-lost"],
    ),
    "F10: a pong that is held up too long closes it": (
        [partition(2, 9)],
        {**AGAIN, "fanout": PINGS},
        ["0 0 11 connection-lost", "13 13 -"],
    ),
    "F10: a pong at the deadline is in time": ([partition(2, 5)], {**AGAIN, "fanout": PINGS}, ["0 0 -"]),
}


@pytest.mark.parametrize("name", LIVES)
def test_a_connection_lives(name: str) -> None:
    faults, kwargs, wanted = LIVES[name]
    assert [told(life) for life in lives(*faults, **kwargs)] == wanted


def test_the_server_finds_out_a_half_open_connection_at_the_first_missed_pong() -> None:
    (life,) = lives(half_open(4), fanout=PINGS)  # pings at 3, 6, ...: the one at 6 is missed at 10, in class 8
    assert on_the_server(life) == (10.000001, 4)


def test_a_ping_at_the_instant_of_a_half_open_loss_is_not_answered() -> None:
    (life,) = lives(half_open(3), fanout=PINGS)
    assert on_the_server(life) == (7.000001, 3)


def test_a_held_up_ping_is_the_first_that_a_half_open_loss_leaves_unanswered() -> None:
    (life,) = lives(partition(2, 3), half_open(4), fanout=PINGS)
    assert on_the_server(life) == (7.000001, 4)


def test_a_half_open_loss_as_a_partition_ends_comes_before_the_pong_that_it_held_up() -> None:
    (life,) = lives(partition(2, 3), half_open(5), fanout=PINGS)
    assert on_the_server(life) == (7.000001, 5)


def test_a_partition_after_a_half_open_loss_is_of_no_matter() -> None:
    (life,) = lives(half_open(4), partition(8, 3), fanout=PINGS)
    assert on_the_server(life) == (10.000001, 4)


def test_on_the_servers_side_a_connection_is_gone_while_its_goodbye_is_held_up() -> None:
    (life,) = lives(partition(2, 5), restart(3, 1))
    assert on_the_server(life) == (3, None)


@pytest.mark.parametrize(("jitter", "least_s", "most_s"), [("none", 2.0, 2.0), ("equal", 1.0, 2.0), ("full", 0.0, 2.0)])
def test_jitter_takes_the_attempts_own_draw(jitter: str, least_s: float, most_s: float) -> None:
    given = script(faults=[cut(1), cut(4), cut(8)], **AGAIN, jitter=jitter)
    me = given.client(0)
    first, *later = attempts(given, me)
    for before, life in zip([first, *later], later, strict=False):
        waited_us = life.start_us - (before.closed_us or 0)
        assert least_s * 1e6 <= waited_us <= most_s * 1e6
        if jitter == "full":
            assert waited_us == 2_000_000 * me.reconnect_draw[life.number] >> 32
        if jitter == "equal":
            assert waited_us == 1_000_000 + (1_000_000 * me.reconnect_draw[life.number] >> 32)


def test_attempt_32_takes_the_draws_of_attempt_0_again() -> None:
    given = script(
        faults=[refuse(0, 99)], horizon=40, connect={"uniform": [0.1, 0.2]}, reconnect="fixed", reconnect_delay_s=1.0
    )
    me = given.client(0)
    found = list(attempts(given, me))
    assert found[32].done_us - found[32].start_us == me.connect_us[0] == found[0].done_us


def test_where_a_trace_tells_of_a_close_the_next_attempt_counts_from_there() -> None:
    given = script(faults=[cut(3)], **AGAIN)
    _, later = attempts(given, given.client(0), [3_010_000])
    assert later.start_us == 5_010_000
