"""Random scenarios in which much goes wrong at once: each is drawn anew, so that rare coincidences come up.

Hypothesis varies what it has drawn before, and seldom draws long lists; these find what it finds late.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from sim.contract.scenario import Scenario

Table = dict[str, Any]

TICK_S = 1e-6
LAST_TICK = 24
MOMENTS = 4
"""At which faults strike: few, so that they meet."""


def dense() -> st.SearchStrategy[Scenario]:
    """Scenarios of a few microseconds with two to five faults each; the number behind each is all that shrinks."""
    return st.integers(0, 2**40 - 1).map(lambda number: much_at_once(Random(number)))


def much_at_once(random: Random) -> Scenario:
    """One of them."""
    own, others = _events(random, 3, 8), _events(random, 0, 3)
    moments_s = [_ticks(random, 0, LAST_TICK) for _ in range(MOMENTS)]
    client: Table = {
        "count": random.randint(1, 3),
        "start_s": _duration(random, 4),
        "poll_interval_s": _ticks(random, 1, 8),
        "poll_at_mount": random.random() < 0.2,
    }
    if random.random() < 0.2:
        client |= {"backoff_factor": 1.5, "backoff_max_s": _ticks(random, 1, 12)}
    if random.random() < 0.5:
        client |= _by_sequence(random)
    if random.random() < 0.7:
        client |= {
            "reconnect": random.choice(["fixed", "exponential"]),
            "jitter": random.choice(["none", "equal", "full"]),
            "reconnect_delay_s": _ticks(random, 1, 5),
            "reconnect_max_s": _ticks(random, 1, 8),
        }
    table: Table = {
        "title": "much at once",
        "horizon_s": _ticks(random, LAST_TICK, LAST_TICK + 8),
        "client": client,
        "workload": {"events": own, "other_events": others},
        "websocket": {"connect_s": _duration(random, 4), "latency_s": _duration(random, 6)},
        "polling": {"latency_s": _duration(random, 7), "timeout_s": _ticks(random, 2, 10)},
        "fanout": {
            "ping_every_s": _ticks(random, 1, 6),
            "pong_within_s": _ticks(random, 1, 6),
            "resubscribe_s": _ticks(random, 1, 3),
            "resubscribe_max_s": _ticks(random, 1, 6),
        },
        "fault": [
            random.choice(_FAULTS)(random, random.choice(moments_s), len(own)) for _ in range(random.randint(2, 5))
        ],
    }
    orchestrator: Table = {}
    if random.random() < 0.4:
        workers, limit = random.randint(1, 2), random.randint(0, 2)
        orchestrator |= {"workers": workers, "service_s": _duration(random, 5), "queue_limit": limit}
        orchestrator |= {"retry_after_s": random.randint(0, 1)}
    if random.random() < 0.3:
        orchestrator |= {"heartbeat_s": _ticks(random, 1, 6)}
    return Scenario.from_dict(table | {"orchestrator": orchestrator})


def _by_sequence(random: Random) -> Table:
    """The cursor protocol, now and then without one of its choices."""
    left_out = random.choice(["gap_poll", "final_poll", "catch_up_poll", "retry_after", "", "", ""])
    table: Table = {"policy": "hybrid-cursor", "poll_jitter": random.choice([0.0, 0.25, 1.0])}
    table |= {"error_backoff_factor": random.choice([1.0, 2.0]), "error_backoff_max_s": _ticks(random, 1, 12)}
    return table | ({left_out: False} if left_out else {})


def _ticks(random: Random, first: int, last: int) -> float:
    return random.randint(first, last) * TICK_S


def _duration(random: Random, last: int) -> float | Table:
    one, other = _ticks(random, 0, last), _ticks(random, 0, last)
    choices: list[float | Table] = [0.0, one, {"uniform": sorted([one, other])}]
    return random.choice(choices)


def _events(random: Random, fewest: int, most: int) -> list[Table]:
    types = ["node_completed"] * 8 + ["workflow_completed", "workflow_failed"]
    at_s = sorted(_ticks(random, 0, LAST_TICK) for _ in range(random.randint(fewest, most)))
    return [{"at_s": time_s, "type": random.choice(types)} for time_s in at_s]


def _message_lost(random: Random, _: float, events: int) -> Table:
    burst = {"enter": 0.4, "leave": 0.4, "lost": random.choice([0.5, 1.0])}
    choices: list[Table] = [{"event": random.randrange(events)}, {"probability": 0.3}, {"burst": burst}]
    return {"kind": "message-lost", **random.choice(choices)}


def _connection_lost(random: Random, at_s: float, _: int) -> Table:
    return {"kind": "connection-lost", "at_s": at_s, "manner": random.choice(["closed", "half-open"]), **_share(random)}


def _connection_refused(random: Random, at_s: float, _: int) -> Table:
    until_s = at_s + _ticks(random, 1, 6)
    return {"kind": "connection-refused", "from_s": at_s, "until_s": until_s, **_share(random)}


def _poll_failed(random: Random, at_s: float, _: int) -> Table:
    window = {"from_s": at_s, "until_s": at_s + _ticks(random, 1, 6)}
    choices: list[Table] = [window, {"polls": [random.randint(0, 4)]}, {"probability": 0.3}]
    return {"kind": "poll-failed", "manner": random.choice(["error", "timeout"]), **random.choice(choices)}


def _fanout_restart(random: Random, at_s: float, _: int) -> Table:
    manner = random.choice(["graceful", "killed"])
    return {"kind": "fanout-restart", "manner": manner, "at_s": at_s, "for_s": _ticks(random, 1, 8)}


def _redis_outage(random: Random, at_s: float, _: int) -> Table:
    return {"kind": "redis-outage", "at_s": at_s, "for_s": _ticks(random, 1, 8)}


def _partition(random: Random, at_s: float, _: int) -> Table:
    return {"kind": "partition", "at_s": at_s, "for_s": _ticks(random, 1, 8), **_share(random)}


def _share(random: Random) -> Table:
    return {"fraction": random.choice([1.0, 1.0, 0.5])}


_FAULTS: list[Callable[[Random, float, int], Table]] = [
    _message_lost,
    _connection_lost,
    _connection_refused,
    _poll_failed,
    _fanout_restart,
    _redis_outage,
    _partition,
]
