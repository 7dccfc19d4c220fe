"""Setting: what a script says for all its clients, as the kernel's arrays."""

from fractions import Fraction
from typing import get_args

import numpy as np

from sim.contract.draws import NEVER
from sim.contract.policy import Jitter
from sim.contract.script import RunEvent, Script
from sim.contract.wire import STATUS_OF_TERMINAL, Heartbeat, Message, encode_answer, encode_heartbeat, encode_message
from sim.fleet.layout import Array
from sim.fleet.unheard import unheard_windows

_JITTERS = get_args(Jitter)
_ID = "run-000000"


def common(script: Script) -> dict[str, Array]:
    """The arrays that all clients share, by the names of `layout.COMMON`."""
    data = "x" * script.scenario.workload.payload_bytes
    most = max(1, *map(len, script.runs))
    terminals = np.zeros((len(script.runs), most), np.uint8)
    event_bytes = np.zeros((len(script.runs), most), np.int64)
    runs = np.zeros((len(script.runs), 2), np.int64)
    for number, run in enumerate(script.runs):
        terminals[number, : len(run)] = [event.terminal for event in run]
        event_bytes[number, : len(run)] = [_event_bytes(seq, event, data) for seq, event in enumerate(run)]
        end = next((seq for seq, event in enumerate(run) if event.terminal), None)
        status = "running" if end is None else STATUS_OF_TERMINAL[run[end].type]
        runs[number] = NEVER if end is None else end, len(status)
    others = [_event_bytes(seq, event, data) for seq, event in enumerate(script.other_events)]
    stops = [(outage.from_us, outage.until_us, outage.killed) for outage in script.fanout_outages]
    return {
        "refused_windows": _table(script.refused_windows, 2),
        "partition_windows": _table(script.partition_windows, 2),
        "poll_windows": _table(script.poll_windows, 3),
        "stops": _table(stops, 3),
        "unheard": _table(unheard_windows(script), 3),
        "runs": runs,
        "terminals": terminals,
        "event_bytes": event_bytes,
        "other_bytes": np.array(others, np.int64),
        "idle_us": _idle_us(script),
        "error_us": _error_us(script),
    }


def terms(script: Script) -> dict[str, int]:
    """What the scenario says as single numbers, by the names of `layout.TERMS`."""
    policy = script.policy
    return {
        "horizon_us": script.horizon_us,
        "plain": not (
            policy.by_sequence
            or policy.poll_jitter
            or script.other_events
            or script.heartbeats
            or unheard_windows(script)
        ),
        "websocket": policy.websocket,
        "polling": policy.polling,
        "poll_at_mount": policy.poll_at_mount,
        "by_sequence": policy.by_sequence,
        "gap_poll": policy.gap_poll,
        "final_poll": policy.final_poll,
        "catch_up_poll": policy.catch_up_poll,
        "queued": script.scenario.orchestrator.workers > 0,
        "timeout_us": script.poll_timeout_us,
        "reconnects": policy.reconnect != "none",
        "grows": policy.reconnect == "exponential",
        "jitter": _JITTERS.index(policy.jitter),
        "reconnect_delay_us": script.reconnect_delay_us,
        "reconnect_max_us": script.reconnect_max_us,
        "poll_jitter": script.poll_jitter.numerator,
        "poll_jitter_parts": script.poll_jitter.denominator,
        "retry_after_us": script.retry_after_us if policy.retry_after else 0,
        "ping_every_us": script.ping_every_us,
        "pong_within_us": script.pong_within_us,
        "message_bytes": len(encode_message(Message(_ID, 0, "", None, 0.0))) - len(_event_text("", 0, None, "")),
        "heartbeat_bytes": len(encode_heartbeat(Heartbeat(_ID, 0, 0))) - len("00"),
        "answer_bytes": len(encode_answer(_ID, [])) - len("running"),
    }


def _event_text(event_type: str, seq: int, node_id: str | None, data: str) -> str:
    """An event as an answer holds it."""
    message = Message("", seq, event_type, node_id, 0.0, data)
    return encode_message(message).removesuffix(',"run_id":""}') + "}"


def _event_bytes(seq: int, event: RunEvent, data: str) -> int:
    """Its JSON text without the time."""
    return len(_event_text(event.type, seq, event.node_id, data).encode()) - len("0.0")


def _idle_us(script: Script) -> Array:
    """Waits after so many polls without news (C7, B10)."""
    if script.backoff_factor == 1:
        return np.array([script.poll_interval_us])
    openings = len(script.scenario.faults) + len(script.fanout_outages) + 2  # each may bring a poll without a wait (P7)
    return _growing(script, script.backoff_factor, script.backoff_max_us, openings)


def _error_us(script: Script) -> Array:
    """Waits after so many failed polls, from one; none where they do not grow (P10)."""
    if script.error_backoff_factor == 1:
        return np.empty(0, np.int64)
    return _growing(script, script.error_backoff_factor, script.error_backoff_max_us, 0)


def _growing(script: Script, factor: Fraction, longest_us: int, at_once: int) -> Array:
    """min(floor(base x factor^n), longest) for n = 0, 1, ... until it grows no more, or no more can be waited for.

    at_once: how many repetitions may come without a wait.
    """
    base_us, horizon_us = script.poll_interval_us, script.horizon_us
    waits_us, total_us, power = [min(base_us, longest_us)], 0, Fraction(1)
    while waits_us[-1] < longest_us and (total_us <= horizon_us or at_once > 0):
        power *= factor
        waits_us.append(min(int(base_us * power), longest_us))
        at_once -= total_us > horizon_us
        total_us += waits_us[-1]
    return np.array(waits_us, np.int64)


def _table(rows: object, columns: int) -> Array:
    return np.array(rows, np.int64).reshape(-1, columns)
