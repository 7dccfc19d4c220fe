"""Random scenarios of a few microseconds, in which happenings at one instant are the rule.

Most have few of the mechanisms that lose or delay messages, so that each is seen on its own, and some have them all.
"""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.verify.generate_common import (
    JITTERS,
    LOSS_MANNERS,
    POLL_MANNERS,
    RECONNECTS,
    RESTART_MANNERS,
    Table,
    in_time_order,
    presets,
)

TICK_S = 1e-6
"""The lattice: drawn durations fall on it too, and halves of odd latencies show."""

POLICIES = ("hybrid", "hybrid", "hybrid-backoff", "polling-only", "websocket-only")
BY_SEQUENCE = ("hybrid-cursor", "hybrid-cursor", "hybrid")

_TYPES = st.sampled_from(["node_completed", "node_started", "workflow_completed", "workflow_failed"])
_COUNTS = st.integers(1, 4)
_FACTOR_VALUES = (1.1, 1.5, 2.0)
_FACTORS = st.sampled_from(_FACTOR_VALUES)


@cache
def ticks(last: int, first: int = 0) -> st.SearchStrategy[float]:
    """Times on the lattice."""
    return st.integers(first, last).map(lambda n: n * TICK_S)


@cache
def durations(last: int) -> st.SearchStrategy[Any]:
    """None, one for all, or drawn."""
    spread = st.tuples(ticks(last), ticks(last)).map(lambda pair: {"uniform": sorted(pair)})
    return st.just(0.0) | ticks(last) | spread | spread


@cache
def events(last: int, most: int = 6) -> st.SearchStrategy[list[Table]]:
    """Events in time order, terminals anywhere among them."""
    one = st.fixed_dictionaries({"at_s": ticks(last), "type": _TYPES})
    return _some(one, most).map(in_time_order)


def _some(one: st.SearchStrategy[Table], most: int) -> st.SearchStrategy[list[Table]]:
    """Up to so many; Hypothesis alone makes short lists."""
    return st.lists(one, max_size=most) | st.lists(one, min_size=(most + 1) // 2, max_size=most)


@cache
def faults(count: int, last: int) -> st.SearchStrategy[list[Table]]:
    """Up to four faults, for runs of so many events: of all kinds, or only of some."""
    messages, polls, servers = _message_faults(count), _poll_faults(last), _server_faults(last)
    closed, held_up = _connection_faults(last, st.just("closed")), [_partitions(last)]
    any_loss = _connection_faults(last, LOSS_MANNERS)
    mixtures = (
        messages + closed + polls,
        messages + closed,
        polls + held_up,
        servers + any_loss,
        servers + polls,
        held_up + any_loss,
        messages + polls + servers + held_up + any_loss,
    )
    return st.one_of([_some(st.one_of(kinds), 4) for kinds in mixtures])


_SHARES = st.sampled_from([1.0, 1.0, 0.5])
_PROBABILITIES = st.sampled_from([0.3, 1.0])


def _message_faults(count: int) -> list[st.SearchStrategy[Table]]:
    lost = {"kind": st.just("message-lost")}
    burst = st.fixed_dictionaries(
        {"enter": _PROBABILITIES, "leave": st.sampled_from([0.0, 0.4, 1.0]), "lost": st.sampled_from([0.5, 1.0])}
    )
    kinds = [
        st.fixed_dictionaries({**lost, "probability": _PROBABILITIES, "fraction": _SHARES}),
        st.fixed_dictionaries({**lost, "burst": burst, "fraction": _SHARES}),
    ]
    return kinds + ([st.fixed_dictionaries({**lost, "event": st.integers(0, count - 1)})] if count else [])


def _connection_faults(last: int, manners: st.SearchStrategy[str]) -> list[st.SearchStrategy[Table]]:
    lost = {"kind": st.just("connection-lost"), "at_s": ticks(last), "manner": manners, "fraction": _SHARES}
    refused = st.builds(lambda w, f: {"kind": "connection-refused", "fraction": f, **w}, _windows(last), _SHARES)
    return [st.fixed_dictionaries(lost), refused]


def _poll_faults(last: int) -> list[st.SearchStrategy[Table]]:
    failed = {"kind": st.just("poll-failed"), "manner": POLL_MANNERS}
    polls = st.lists(st.integers(0, 5), min_size=1, max_size=3)
    return [
        st.builds(lambda fault, window: fault | window, st.fixed_dictionaries(failed), _windows(last)),
        st.fixed_dictionaries({**failed, "polls": polls}),
        st.fixed_dictionaries({**failed, "probability": _PROBABILITIES}),
    ]


def _server_faults(last: int) -> list[st.SearchStrategy[Table]]:
    away = {"at_s": ticks(last), "for_s": ticks(8, 1)}
    return [
        st.fixed_dictionaries({"kind": st.just("fanout-restart"), "manner": RESTART_MANNERS, **away}),
        st.fixed_dictionaries({"kind": st.just("redis-outage"), **away}),
    ]


def _partitions(last: int) -> st.SearchStrategy[Table]:
    away = {"at_s": ticks(last), "for_s": ticks(8, 1)}
    return st.fixed_dictionaries({"kind": st.just("partition"), "fraction": _SHARES, **away})


def _windows(last: int) -> st.SearchStrategy[Table]:
    return st.tuples(ticks(last), ticks(last)).map(lambda pair: {"from_s": min(pair), "until_s": max(pair)})


_RECONNECTIONS: st.SearchStrategy[Table] = st.just({}) | st.fixed_dictionaries(
    {
        "reconnect": RECONNECTS,
        "jitter": JITTERS,
        "reconnect_delay_s": ticks(4, 1),
        "reconnect_max_s": ticks(6, 1),
    }
)
_SERVERS: st.SearchStrategy[Table] = st.just({}) | st.fixed_dictionaries(
    {
        "ping_every_s": ticks(6, 1),
        "pong_within_s": ticks(6, 1),
        "resubscribe_s": ticks(3, 1),
        "resubscribe_max_s": ticks(6, 1),
    }
)
_QUEUES: st.SearchStrategy[Table] = st.one_of(
    st.just({}),
    st.just({}),
    st.fixed_dictionaries(
        {
            "workers": st.integers(1, 3),
            "service_s": durations(5),
            "queue_limit": st.integers(0, 3),
            "retry_after_s": st.sampled_from([0, 1]),
        }
    ),
)


_PROTOCOL: st.SearchStrategy[Table] = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "gap_poll": st.booleans(),
        "final_poll": st.booleans(),
        "catch_up_poll": st.booleans(),
        "poll_jitter": st.sampled_from([0.0, 0.25, 1.0]),
        "error_backoff_factor": st.sampled_from([1.0, *_FACTOR_VALUES]),
        "error_backoff_max_s": ticks(9, 1),
        "retry_after": st.booleans(),
        "backoff_factor": _FACTORS,
        "backoff_max_s": ticks(9, 1),
    },
)
_HEARTBEATS: st.SearchStrategy[Table] = st.just({}) | ticks(6, 1).map(lambda s: {"heartbeat_s": s})


@st.composite
def small(
    draw: st.DrawFn,
    *,
    policies: tuple[str, ...] | None = None,
    faulty: bool = True,
    last: int | None = None,
    protocol: bool = False,
) -> Scenario:
    """A scenario of a few microseconds.

    policies: the presets to choose from. faulty: with faults, reconnection, and a queue before the orchestrator.
    last: the latest tick of an event, by default 6 or 16. protocol: with the choices of docs/protocol.md.
    """
    tight = last is None and draw(st.booleans())
    last = (6 if tight else 16) if last is None else last
    longest = 3 if tight else 6
    preset = draw(presets(policies or (BY_SEQUENCE if protocol else POLICIES)))
    client: Table = {
        "policy": preset,
        "count": draw(_COUNTS),
        "start_s": draw(durations(4)),
        "poll_interval_s": draw(ticks(longest, 1)),
    }
    listing = PRESETS[preset].listing != "none"
    if PRESETS[preset].polling and not listing:
        client["poll_at_mount"] = draw(st.booleans())
    if PRESETS[preset].backoff_factor > 1:
        client["backoff_factor"] = draw(_FACTORS)
        client["backoff_max_s"] = draw(ticks(9, 1))
    if protocol:
        client |= draw(_PROTOCOL)
    if faulty and PRESETS[preset].websocket and not listing:
        client |= draw(_RECONNECTIONS)
    orchestrator = (draw(_QUEUES) if faulty else {}) | (draw(_HEARTBEATS) if protocol else {})
    own = draw(events(last))
    return Scenario.from_dict(
        {
            "title": "a small world",
            "horizon_s": draw(ticks(last + 8, last)),
            "client": client,
            "workload": {"events": own, "other_events": draw(events(last, 3))},
            "websocket": {"connect_s": draw(durations(longest)), "latency_s": draw(durations(longest))},
            "polling": {"latency_s": draw(durations(longest + 1)), "timeout_s": draw(ticks(longest + 2, 1))},
            "fanout": draw(_SERVERS) if faulty else {},
            "orchestrator": orchestrator,
            "fault": draw(faults(len(own), last + 4)) if faulty else [],
        }
    )
