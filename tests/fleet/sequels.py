"""Random scenarios in which one connection follows the other at once, and what the last one leaves could show."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from tests.dense import TICK_S, much_at_once

Table = dict[str, Any]

SCALES = (1, 50, 1_000_000)
"""A tick is a microsecond; so long that times get all their decimals; or a second, as what a 503 asks for is."""

OF_SEQUENCE = ("gap_poll", "final_poll")


def sequels() -> st.SearchStrategy[Scenario]:
    """As `dense` ones, but that clients reconnect after a tick, and messages take their time, each its own."""
    return st.integers(0, 2**40 - 1).map(lambda number: _sequel(Random(number)))


def _sequel(random: Random) -> Scenario:
    table = much_at_once(random).to_dict()
    if random.random() < 0.4:
        _leave_own_events(table, random)
    else:
        table.setdefault("orchestrator", {})["heartbeat_s"] = random.randint(1, 4) * TICK_S
    if random.random() < 0.2:
        _overlap_poll_windows(table, random.randint(0, 12))
    table["client"] |= {"reconnect": "fixed", "jitter": "none", "reconnect_delay_s": TICK_S}
    if table["client"].get("policy") != "websocket-only":
        table["client"] |= {"catch_up_poll": random.random() < 0.5, "retry_after": True}
    latencies: list[Any] = [TICK_S, {"uniform": [0.0, TICK_S]}, {"uniform": [0.0, 16 * TICK_S]}]
    table["websocket"] = {"connect_s": random.choice([0.0, TICK_S]), "latency_s": random.choice(latencies)}
    for fault in table["fault"]:
        if fault["kind"] in ("poll-failed", "message-lost"):
            fault["fraction"] = random.choice([1.0, 0.5])
    if random.random() < 0.2:
        _break_while_held_up(table, random.randint(0, 12))
    table = _scaled(table, random.choice(SCALES))
    table.setdefault("orchestrator", {})["retry_after_s"] = random.randint(0, 4)
    return Scenario.from_dict(table)


def _leave_own_events(table: Table, random: Random) -> None:
    """No other messages, and no sequence: such events the fleet takes in one go (sim/fleet/calm.py), but at losses."""
    if random.random() < 0.1:
        table["client"] = {key: table["client"][key] for key in ("count", "start_s")} | {"policy": "websocket-only"}
    else:
        client = {key: value for key, value in table["client"].items() if key not in OF_SEQUENCE}
        client |= {"policy": "hybrid", "error_backoff_factor": 2.0, "error_backoff_max_s": 12 * TICK_S}
        table["client"] = client
    table["workload"].pop("other_events", None)
    table.get("orchestrator", {}).pop("heartbeat_s", None)
    faults = [fault for fault in table["fault"] if fault["kind"] not in ("redis-outage", "fanout-restart")]
    lost = {"kind": "connection-lost", "at_s": random.randint(0, 24) * TICK_S}
    table["fault"] = [*faults, lost, {"kind": "poll-failed", "manner": "error", "probability": 0.5}]


def _overlap_poll_windows(table: Table, tick: int) -> None:
    """Two, of which the first decides (B8)."""
    window = {"kind": "poll-failed", "from_s": tick * TICK_S, "until_s": (tick + 12) * TICK_S}
    table["fault"] += [window | {"manner": manner} for manner in ("timeout", "error")]


def _break_while_held_up(table: Table, tick: int) -> None:
    """A connection turns half-open while the answer to a ping is held up, which must not pass then (F10)."""
    from_s, broken_s = tick * TICK_S, (tick + 2) * TICK_S
    table["fanout"] |= {"ping_every_s": 4 * TICK_S, "pong_within_s": 6 * TICK_S}
    table["fault"] += [
        {"kind": "partition", "at_s": from_s, "for_s": 4 * TICK_S},
        {"kind": "connection-lost", "manner": "half-open", "at_s": broken_s},
    ]


def _scaled(value: Any, scale: int, *, timed: bool = False) -> Any:
    """With longer times, which all keys that end in _s hold."""
    if isinstance(value, dict):
        return {key: _scaled(item, scale, timed=timed or key.endswith("_s")) for key, item in value.items()}
    if isinstance(value, list):
        return [_scaled(item, scale, timed=timed) for item in value]
    return round(value * scale, 6) if timed else value
