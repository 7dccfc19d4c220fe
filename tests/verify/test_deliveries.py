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


def told(own: str, *faults: dict[str, Any], every_s: float, **kwargs: Any) -> list[str]:
    """How messages and heartbeats end: what the row says besides, and when; own ones by their index."""
    given = script(own, faults=list(faults), orchestrator={"heartbeat_s": every_s}, **kwargs)
    me = given.client(0)
    found = [d for d in deliveries(given, me, attempts(given, me), {}) if d.end is not None]
    return [f"{end[3] if end[2] < 0 else end[2]} {end[0] / 1e6:g}" for end in (d.end for d in found) if end]


BEATS: dict[str, tuple[list[str], list[str]]] = {
    "P3: one comes so often from the client's start on": (
        told("", every_s=2.0, horizon=6, start_s=1.0),
        ["heartbeat 3", "heartbeat 5"],
    ),
    "P3: at one instant after other runs' messages": (
        told("2", every_s=2.0, horizon=3, others="2"),
        ["0 2", "other 2", "heartbeat 2"],
    ),
    "P3: none once a terminal event is emitted, nor at that instant": (
        told("1 4!", every_s=2.0, horizon=9),
        ["0 1", "heartbeat 2", "1 4"],
    ),
    "P3: it is lost where there is no connection": (
        told("", cut(3), every_s=2.0, horizon=4),
        ["heartbeat 2", "no-connection 4"],
    ),
    "P3: and where a fault takes it": (
        told("", {"kind": "message-lost", "probability": 1.0}, every_s=2.0, horizon=4),
        ["fault 2", "fault 4"],
    ),
    "P3: and to an outage": (told("", redis_outage(1, 2), every_s=2.0, horizon=2), ["redis-outage 2"]),
    "L1, P3: it overtakes no message": (
        told("1.5", partition(1.6, 3), every_s=2.0, latency=0.2, horizon=5),
        ["0 4.6", "heartbeat 4.6", "heartbeat 4.6"],
    ),
}


@pytest.mark.parametrize("name", BEATS)
def test_heartbeats_end(name: str) -> None:
    found, wanted = BEATS[name]
    assert found == wanted
