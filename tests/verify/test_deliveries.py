"""How messages end by the script, worked out by hand (L1, L2, L6, L7, B13)."""

from dataclasses import replace
from typing import Any

import pytest

from sim.verify.connections import attempts
from sim.verify.deliveries import deliveries
from tests.model.telling import cut, lose
from tests.verify.faults import half_open, partition, redis_outage, restart, script

AGAIN: dict[str, Any] = {"reconnect": "fixed", "reconnect_delay_s": 1.0}


def ends(own: str, *faults: dict[str, Any], latencies: list[float], **kwargs: Any) -> list[str]:
    """How the messages end: the reason or `received`, and when."""
    given = script(own, faults=list(faults), **kwargs)
    me = replace(given.client(0), event_latency_us=[round(t * 1e6) for t in latencies])
    found = deliveries(given, me, attempts(given, me), {})
    return [f"{end[3] or 'received'} {end[0] / 1e6:g}" if end else "beyond" for *_, end in found]


ENDS: dict[str, tuple[list[str], list[str]]] = {
    "L1: none overtakes another": (
        ends("1 2", latencies=[3.0, 0.0]),
        ["received 4", "received 4"],
    ),
    "L1: but on another connection it does not wait": (
        ends("1 4", cut(2), latencies=[9.0, 1.0], **AGAIN),
        ["connection-lost 2", "received 5"],
    ),
    "L1: nor for one that was lost": (
        ends("1 2", lose(0), latencies=[9.0, 1.0]),
        ["fault 1", "received 3"],
    ),
    "L2: what would arrive as it closes is lost": (ends("1", cut(3), latencies=[2.0]), ["connection-lost 3"]),
    "L6: what would arrive as it goes silent is lost": (ends("1", half_open(3), latencies=[2.0]), ["half-open 3"]),
    "L6: a fault outranks silence": (ends("3", lose(0), half_open(2), latencies=[0.0]), ["fault 3"]),
    "L6: silence holds until the server finds out": (
        ends("2 6 7.5", half_open(2), fanout={"ping_every_s": 3.0, "pong_within_s": 4.0}, latencies=[0.0] * 3),
        ["half-open 2", "half-open 6", "no-connection 7.5"],
    ),
    "F10: at the deadline's instant it still holds": (
        ends("7", half_open(2), fanout={"ping_every_s": 3.0, "pong_within_s": 4.0}, latencies=[0.0]),
        ["half-open 7"],
    ),
    "L7: what waits for a partition's end keeps its order": (
        ends("1 2 5", partition(1.5, 3), latencies=[1.0, 0.0, 0.0]),
        ["received 4.5", "received 4.5", "received 5"],
    ),
    "L7, F8: what is on its way to a goodbye is lost with it": (
        ends("1 2.5", partition(1.5, 3), restart(2, 1), latencies=[1.0, 0.0]),
        ["connection-lost 4.5", "no-subscriber 2.5"],
    ),
    "B13: Redis outranks the server, the server the connection": (
        ends("1 2 4.5", restart(1, 3), redis_outage(1.5, 1), latencies=[0.0] * 3),
        ["no-subscriber 1", "redis-outage 2", "no-connection 4.5"],
    ),
    "section 5: what arrives beyond the horizon has no end": (ends("1", latencies=[9.0], horizon=5), ["beyond"]),
}


@pytest.mark.parametrize("name", ENDS)
def test_messages_end(name: str) -> None:
    found, wanted = ENDS[name]
    assert found == wanted
