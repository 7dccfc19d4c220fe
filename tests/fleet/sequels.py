"""Random scenarios in which one connection follows the other at once, and what the last one leaves could show."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from tests.dense import TICK_S, much_at_once


def sequels() -> st.SearchStrategy[Scenario]:
    """As `dense` ones, but that clients reconnect after a tick, and messages take their time, each its own.

    A tick is a microsecond, or a second: then waits are as long as what a 503 asks for, which is in whole seconds.
    """
    return st.integers(0, 2**40 - 1).map(lambda number: _sequel(Random(number)))


def _sequel(random: Random) -> Scenario:
    table = much_at_once(random).to_dict()
    table["client"] |= {"reconnect": "fixed", "jitter": "none", "reconnect_delay_s": TICK_S}
    table["client"] |= {"catch_up_poll": random.random() < 0.5, "retry_after": True}
    table["websocket"] = {"connect_s": random.choice([0.0, TICK_S]), "latency_s": {"uniform": [0.0, 8 * TICK_S]}}
    for fault in table["fault"]:
        if fault["kind"] in ("poll-failed", "message-lost"):
            fault["fraction"] = random.choice([1.0, 0.5])
    if random.random() < 0.5:
        table = _in_seconds(table)
    table["orchestrator"]["retry_after_s"] = random.randint(0, 4)
    return Scenario.from_dict(table)


def _in_seconds(value: Any, *, timed: bool = False) -> Any:
    """What was in microseconds, which all keys that end in _s are, and what they hold."""
    if isinstance(value, dict):
        return {key: _in_seconds(item, timed=timed or key.endswith("_s")) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_seconds(item, timed=timed) for item in value]
    return value / TICK_S if timed else value
