"""Block: the draws of up to BLOCK clients as arrays, and what each fault of a scenario makes of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.contract.draws import BLOCK, NEVER, Draws, Room, Times, microseconds, to_us
from sim.contract.fault import ConnectionLost, ConnectionRefused, MessageLost, Partition, PollFailed, hit_mask
from sim.contract.fields import Exponential, ExponentialParameters, Uniform
from sim.contract.scenario import Scenario

Flags = npt.NDArray[np.bool_]

ANSWERED, ERROR, TIMEOUT = 0, 1, 2
"""Fates of a poll, as `Block.poll_fate` and `ClientScript.poll_fate` hold them."""

FATE = {"error": ERROR, "timeout": TIMEOUT}

ATTEMPTS = 32
"""Attempts to open the WebSocket with draws of their own; attempt k takes those of k modulo this (C10)."""


@dataclass(frozen=True, slots=True)
class Block:
    """The draws of clients first, first + 1, ... as arrays with one row per client; times in microseconds.

    start_us: (n,) mount.
    event_us, event_lost, event_latency_us: (n, events) emission, lost by a fault, latency of the message; events
        that a shorter recorded run lacks are at NEVER.
    other_us, other_lost, other_latency_us: (n, other events) the same for the user's other runs.
    heartbeat_us, heartbeat_lost, heartbeat_latency_us: (n, heartbeats) the same for heartbeats (P3), as if no run
        ended.
    connect_us: (n, attempts) duration of each opening handshake.
    reconnect_draw: (n, attempts) 32 bits for the jitter of each attempt's delay (C10).
    connection_lost_us, half_open_us: (n, connection-lost faults of this manner) absolute; NEVER where the fault does
        not hit the client.
    refused: (n, connection-refused faults) whether the window of `Script.refused_windows` holds for the client.
    partitioned: (n, partition faults) whether the window of `Script.partition_windows` holds for the client.
    poll_latency_us: (n, polls) there and back, by poll number.
    poll_jitter_draw: (n, polls) 32 bits for the wait before each poll (P10).
    poll_service_us: (n, polls) how long a worker of the orchestrator takes (O5), by poll number.
    poll_fate: (n, polls) ANSWERED, ERROR or TIMEOUT, by poll number.
    poll_window: (n, poll-failed windows) whether the window of `Script.poll_windows` holds for the client.
    """

    first: int
    start_us: Times
    event_us: Times
    event_lost: Flags
    event_latency_us: Times
    other_us: Times
    other_lost: Flags
    other_latency_us: Times
    heartbeat_us: Times
    heartbeat_lost: Flags
    heartbeat_latency_us: Times
    connect_us: Times
    reconnect_draw: Times
    connection_lost_us: Times
    half_open_us: Times
    refused: Flags
    partitioned: Flags
    poll_latency_us: Times
    poll_jitter_draw: Times
    poll_service_us: Times
    poll_fate: npt.NDArray[np.uint8]
    poll_window: Flags


def draw_block(
    scenario: Scenario,
    seed: int,
    number: int,
    *,
    recorded_us: list[Times],
    most_events: int,
    most_polls: int,
    heartbeats: int,
    room: Room,
) -> Block:
    """Draw one block of a scenario; `recorded_us` are the events of each recorded run, if there are any."""
    first = number * BLOCK
    rows = min(BLOCK, scenario.client.count - first)
    draw = Draws(seed, number, rows, room)
    policy, others = scenario.policy, scenario.workload.other_events
    start_us = draw.times("start", scenario.client.start_s, 1)[:, 0]
    offsets_us = _offsets_us(scenario, first, draw, recorded_us, most_events)
    event_us = _after(draw, start_us, offsets_us)
    if recorded_us:
        event_us[offsets_us == NEVER] = NEVER  # the sum has wrapped round
    other_at_us = microseconds(np.array([e.at_s for e in others], dtype=np.float64))
    beat_us = np.arange(1, heartbeats + 1) * to_us(scenario.orchestrator.heartbeat_s or 0.0)
    event_lost, other_lost, heartbeat_lost = _message_losses(scenario, draw, first, most_events, heartbeats)
    poll_fate, poll_window = _poll_fates(scenario, draw, first, most_polls)
    reconnecting = policy.websocket and policy.reconnect != "none"
    attempts = ATTEMPTS if reconnecting else int(policy.websocket)
    return Block(
        first=first,
        start_us=start_us,
        event_us=event_us,
        event_lost=event_lost,
        event_latency_us=draw.times("event latency", scenario.websocket.latency_s, most_events),
        other_us=_after(draw, start_us, other_at_us),
        other_lost=other_lost,
        other_latency_us=draw.times("other latency", scenario.websocket.latency_s, len(others)),
        heartbeat_us=_after(draw, start_us, beat_us),
        heartbeat_lost=heartbeat_lost,
        heartbeat_latency_us=draw.times("heartbeat latency", scenario.websocket.latency_s, heartbeats),
        connect_us=draw.times("connect", scenario.websocket.connect_s, attempts),
        reconnect_draw=draw.words("reconnect", ATTEMPTS if reconnecting and policy.jitter != "none" else 0),
        connection_lost_us=_connection_losses(scenario, draw, first, "closed"),
        half_open_us=_connection_losses(scenario, draw, first, "half-open"),
        refused=_hits(draw, [f.fraction for f in scenario.faults if isinstance(f, ConnectionRefused)], first),
        partitioned=_hits(draw, [f.fraction for f in scenario.faults if isinstance(f, Partition)], first),
        poll_latency_us=draw.times("poll latency", scenario.polling.latency_s, most_polls),
        poll_jitter_draw=draw.words("poll jitter", most_polls if policy.poll_jitter > 0 else 0),
        poll_service_us=draw.times("poll service", scenario.orchestrator.service_s, most_polls),
        poll_fate=poll_fate,
        poll_window=poll_window,
    )


def _offsets_us(scenario: Scenario, first: int, draw: Draws, recorded_us: list[Times], most_events: int) -> Times:
    """Shape (rows, events): when events are emitted after the client's start; NEVER where a run has fewer."""
    workload = scenario.workload
    if workload.poisson is not None:
        gap = Exponential(exponential=ExponentialParameters(mean=workload.poisson.mean_gap_s))
        return draw.sums("poisson gap", gap, workload.poisson.count)
    if recorded_us:
        offsets = draw.room.by_column(draw.rows, most_events, np.int64)
        offsets[:] = NEVER
        for row in range(draw.rows):
            run = recorded_us[(first + row) % len(recorded_us)]
            offsets[row, : len(run)] = run
        return offsets
    if workload.even is not None:
        at_s = np.arange(1, workload.even.count + 1, dtype=np.float64) * workload.even.every_s
    else:
        at_s = np.array([e.at_s for e in workload.events or ()], dtype=np.float64)
    return np.broadcast_to(microseconds(at_s), (draw.rows, len(at_s)))


def _after(draw: Draws, start_us: Times, offsets_us: Times) -> Times:
    """Shape (rows, offsets): so long after each start."""
    times_us = draw.room.by_column(draw.rows, offsets_us.shape[-1], np.int64)
    for column in range(times_us.shape[1]):
        np.add(start_us, offsets_us[..., column], out=times_us[:, column])
    return times_us


def _message_losses(
    scenario: Scenario, draw: Draws, first: int, most_events: int, heartbeats: int
) -> tuple[Flags, Flags, Flags]:
    """Which messages of own events, of other events and which heartbeats a fault takes (L4, L8, P3)."""
    lists = (("event", most_events), ("other", len(scenario.workload.other_events)), ("heartbeat", heartbeats))
    lost = {name: draw.room.by_column(draw.rows, count, np.bool_) for name, count in lists}
    for flags in lost.values():
        flags.fill(False)
    for index, fault in enumerate(scenario.faults):
        if not isinstance(fault, MessageLost):
            continue
        hit = hit_mask(fault.fraction, first, draw.rows)
        if fault.event is not None:
            lost["event"][:, fault.event] |= hit
            continue
        for name, count in lists:
            stream = f"fault/{index}/{name}"
            if fault.burst is not None:
                taken = draw.bursts(stream, fault.burst, count)
            else:
                taken = draw.chances(stream, fault.probability or 0.0, count)
            taken &= hit[:, np.newaxis]
            lost[name] |= taken
    return lost["event"], lost["other"], lost["heartbeat"]


def _connection_losses(scenario: Scenario, draw: Draws, first: int, manner: str) -> Times:
    """Shape (rows, connection-lost faults of this manner): when each hits its client, NEVER where it does not."""
    columns: list[Times] = []
    for index, fault in enumerate(scenario.faults):
        if isinstance(fault, ConnectionLost) and fault.manner == manner:
            when = Uniform(uniform=fault.between_s) if fault.between_s is not None else fault.at_s or 0.0
            at_us = draw.times(f"fault/{index}", when, 1)[:, 0]
            columns.append(np.where(hit_mask(fault.fraction, first, draw.rows), at_us, NEVER))
    return _columns(draw, columns, np.dtype(np.int64))


def _poll_fates(scenario: Scenario, draw: Draws, first: int, most_polls: int) -> tuple[npt.NDArray[np.uint8], Flags]:
    """What faults make of each poll by its number, and which windows hold for which client (C9, B8)."""
    fates = draw.room.by_column(draw.rows, most_polls, np.uint8)
    fates.fill(ANSWERED)
    windows: list[float] = []
    for index, fault in enumerate(scenario.faults):
        if not isinstance(fault, PollFailed):
            continue
        if fault.from_s is not None:
            windows.append(fault.fraction)
            continue
        if fault.probability is not None:
            chosen = draw.chances(f"fault/{index}", fault.probability, most_polls)
        else:
            chosen = np.zeros(fates.shape, np.bool_, order="F")
        chosen[:, [n for n in fault.polls or () if n < most_polls]] = True
        hit = hit_mask(fault.fraction, first, draw.rows)
        fates[chosen & hit[:, np.newaxis] & (fates == ANSWERED)] = FATE[fault.manner]
    return fates, _hits(draw, windows, first)


def _hits(draw: Draws, fractions: list[float], first: int) -> Flags:
    """Shape (rows, fractions): which clients a fault of each fraction hits."""
    return _columns(draw, [hit_mask(fraction, first, draw.rows) for fraction in fractions], np.dtype(np.bool_))


def _columns(draw: Draws, columns: list[npt.NDArray[Any]], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    stacked = draw.room.by_column(draw.rows, len(columns), dtype)
    for number, column in enumerate(columns):
        stacked[:, number] = column
    return stacked
