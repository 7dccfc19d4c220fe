"""Random scenarios in which all that goes wrong does so early, and the horizon lies long enough behind it (P12).

Plain draws of numpy, of one class of faults each, so that a seed gives the same scenarios under every Hypothesis.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.verify.generate_common import Table
from sim.verify.recovery import recovered_by_us

FAULTS_S = 30.0
"""Within so many seconds faults strike; each may last for a few."""

PUT_OFF_US = 10_000_000
"""How long after the last event its messages, or those before it, may come and re-arm the timer."""

Random = np.random.Generator


def recovering() -> st.SearchStrategy[Scenario]:
    """Some of these of any class that every exact world performs; the number behind each is all that shrinks."""
    names = [name for name in FAULTS if name != "slow reader"]
    drawn = st.tuples(st.sampled_from(names), st.integers(0, 2**32 - 1), st.integers(1, 3))
    return drawn.map(lambda d: recovering_script(d[0], np.random.default_rng(d[1]), clients=d[2]).scenario)


def recovering_script(faults: str, random: Random, clients: int) -> Script:
    """A script of so many clients with policy `hybrid-cursor` and this class of faults.

    Everything up to the run's first terminal event must be shown by its horizon, whatever was lost.
    """
    table = _table(faults, random, clients)
    seed = int(random.integers(2**32))
    while True:
        script = realize(Scenario.from_dict(table), seed)
        by_us = [recovered_by_us(script, me, max(me.event_us) + PUT_OFF_US) for me in script.all_clients()]
        latest_us = max((t for t in by_us if t is not None), default=2 * script.horizon_us)
        if None not in by_us and latest_us <= script.horizon_us:
            return script
        table["horizon_s"] = float(np.ceil(max(latest_us, script.horizon_us) / 1e6)) + 5


def _table(faults: str, random: Random, clients: int) -> Table:
    heartbeats = {"heartbeat_s": _seconds(random, 1, 5)} if random.random() < 0.3 else {}
    return {
        "title": faults,
        "horizon_s": FAULTS_S,
        "client": {
            "policy": "hybrid-cursor",
            "count": clients,
            "start_s": {"uniform": [0.0, 2.0]},
            "poll_interval_s": _one_of(random, 1.0, 2.0, 4.0),
            "error_backoff_max_s": _one_of(random, 4.0, 8.0, 30.0),
            "reconnect_delay_s": _seconds(random, 0.1, 2),
            "reconnect_max_s": _seconds(random, 2, 8),
        },
        "workload": _workload(random),
        "websocket": {"connect_s": _delay(random), "latency_s": _delay(random)},
        "polling": {"latency_s": _delay(random), "timeout_s": _one_of(random, 1.0, 2.0, 5.0)},
        "fanout": {
            "ping_every_s": _seconds(random, 2, 10),
            "pong_within_s": _seconds(random, 2, 10),
            "send_buffer_bytes": int(random.integers(200, 2000)),
            "write_within_s": _seconds(random, 1, 10),
        },
        "orchestrator": heartbeats,
        "fault": FAULTS[faults](random, clients),
    }


def _workload(random: Random) -> Table:
    """A run that ends; now and then with something after its end."""
    count, gap_s = int(random.integers(2, 13)), _one_of(random, 0.3, 1.0, 3.0)
    if random.random() < 0.7:
        return {"poisson": {"count": count, "mean_gap_s": gap_s}}
    at_s = np.round(np.cumsum(random.exponential(gap_s, count)), 3).tolist()
    types = ["node_completed"] * count
    types[-int(random.integers(1, 3))] = _one_of(random, "workflow_completed", "workflow_failed", "workflow_cancelled")
    return {"events": [{"at_s": time_s, "type": kind} for time_s, kind in zip(at_s, types, strict=True)]}


def _one_of(random: Random, *choices: Any) -> Any:
    return choices[int(random.integers(len(choices)))]


def _seconds(random: Random, first: float, last: float) -> float:
    return round(float(random.uniform(first, last)), 3)


def _delay(random: Random) -> float | Table:
    first, last = sorted(_seconds(random, 0.005, 0.6) for _ in range(2))
    choices = (first, {"uniform": [first, last]}, {"lognormal": {"median": first, "p99": last + 0.5}})
    choice: float | Table = _one_of(random, *choices)
    return choice


def _lasting(random: Random, longest_s: float = 8.0) -> Table:
    return {"at_s": _seconds(random, 0, FAULTS_S), "for_s": _seconds(random, 0.1, longest_s)}


def _window(random: Random) -> Table:
    from_s = _seconds(random, 0, FAULTS_S)
    return {"from_s": from_s, "until_s": from_s + _seconds(random, 0.1, 12)}


def _messages(random: Random, _: int) -> list[Table]:
    return [{"kind": "message-lost", "probability": _one_of(random, 0.05, 0.3, 1.0)}]


def _bursts(random: Random, _: int) -> list[Table]:
    burst = {"enter": _seconds(random, 0.05, 0.5), "leave": _seconds(random, 0.1, 0.9), "lost": 1.0}
    return [{"kind": "message-lost", "burst": burst}]


def _closed(random: Random, _: int) -> list[Table]:
    lost = {"kind": "connection-lost", "between_s": [0.0, FAULTS_S]}
    return [lost] * int(random.integers(1, 6))


def _half_open(_random: Random, _: int) -> list[Table]:
    return [{"kind": "connection-lost", "manner": "half-open", "between_s": [0.0, FAULTS_S]}]


def _refused(random: Random, clients: int) -> list[Table]:
    return [*_closed(random, clients), {"kind": "connection-refused", **_window(random)}]


def _polls(random: Random, clients: int) -> list[Table]:
    """Alone they take nothing: with messages that are lost."""
    manner = {"kind": "poll-failed", "manner": _one_of(random, "error", "timeout")}
    which = _one_of(random, _window(random), {"probability": 0.3}, {"polls": [0, 1, 2, 4]})
    return [*_messages(random, clients), manner | which]


def _restarts(random: Random, _: int) -> list[Table]:
    manner = _one_of(random, "graceful", "killed")
    return [{"kind": "fanout-restart", "manner": manner, **_lasting(random)}]


def _outages(random: Random, _: int) -> list[Table]:
    return [{"kind": "redis-outage", **_lasting(random)}]


def _partitions(random: Random, clients: int) -> list[Table]:
    return [{"kind": "partition", **_lasting(random, 20.0)}, *_messages(random, clients)]


def _slow_readers(random: Random, clients: int) -> list[Table]:
    return [{"kind": "slow-reader", "clients": list(range(clients)), "bytes_per_s": _one_of(random, 0.0, 150.0, 600.0)}]


def _several(random: Random, clients: int) -> list[Table]:
    kinds = [_messages, _bursts, _closed, _half_open, _refused, _polls, _restarts, _outages, _partitions]
    return [fault for _ in range(int(random.integers(2, 6))) for fault in _one_of(random, *kinds)(random, clients)]


FAULTS: dict[str, Callable[[Random, int], list[Table]]] = {
    "messages lost": _messages,
    "messages lost in bursts": _bursts,
    "connections lost": _closed,
    "connection half-open": _half_open,
    "connections refused": _refused,
    "polls fail, messages lost": _polls,
    "fanout server restarts": _restarts,
    "Redis away": _outages,
    "partition, messages lost": _partitions,
    "slow reader": _slow_readers,
    "several at once": _several,
}
"""The classes of faults by what they are."""
