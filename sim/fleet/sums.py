"""Sums: the measures of section 7 from what the kernel has counted."""

from typing import Any

import numpy as np

from sim.contract.script import Script
from sim.contract.totals import QUANTILES, Queue, Totals, Value, weighted_quantile
from sim.fleet import codes
from sim.fleet.arrays import Arrays
from sim.fleet.layout import Array


def totals_of(script: Script, arrays: Arrays, queue: Array | None = None) -> Totals:
    """What was counted, by name; `queue` is the record of the orchestrator's."""
    latencies_s, shown = _histogram(arrays, "latencies", "latency_sums_us")
    return Totals(
        world="fleet",
        clients=script.clients,
        named=_measures(script, arrays, latencies_s, shown),
        latencies_s=latencies_s,
        shown=shown,
        polls_per_s=arrays["polls"],
        openings_per_s=arrays["opened"],
        messages_per_s=arrays["received"],
        queue=None if queue is None else _queue(script, arrays, queue[0]),
    )


def _histogram(arrays: Arrays, counts: str, sums_us: str) -> tuple[Array, Array]:
    """The mean of what was counted in each bin, in seconds, and how many were; empty bins left out."""
    counted = np.flatnonzero(arrays[counts])
    shown = arrays[counts][counted]
    return arrays[sums_us][counted] / shown / 1e6, shown


def _queue(script: Script, arrays: Arrays, counted: Any) -> Queue:
    waits_s, waited = _histogram(arrays, "waits", "wait_sums_us")
    time_us = script.scenario.orchestrator.workers * script.horizon_us
    return Queue(
        offered=int(counted["offered"]),
        turned_away=int(counted["turned_away"]),
        utilisation=int(counted["served_us"]) / time_us if time_us else 0.0,
        waits_s=waits_s,
        waited=waited,
        offered_per_s=arrays["offered"],
        turned_away_per_s=arrays["turned_away"],
        longest_wait_s=arrays["longest_waits_us"] / 1e6,
    )


def _measures(script: Script, arrays: Arrays, latencies_s: Array, shown: Array) -> dict[str, Value]:
    counts, sums = [int(n) for n in arrays["counts"]], arrays.memory["sums"][0]
    watched = int(sums["watched"])
    websocket = script.policy.websocket
    span_s = script.horizon_us / 1e6
    answered = counts[codes.POLL_ANSWERED]
    return {
        "poll_requests": counts[codes.POLL_SENT],
        "polls_failed": counts[codes.POLL_FAILED],
        "polls_per_s_mean": counts[codes.POLL_SENT] / span_s if span_s else None,
        "polls_per_s_peak": int(arrays["polls"].max()),
        "messages_received": int(arrays["received"].sum()),
        "messages_lost": counts[codes.MESSAGE_LOST],
        "events_lost": counts[codes.EVENT_EMITTED] - counts[codes.EVENT_SHOWN],
        "events_repeated": counts[codes.EVENT_REPEATED],
        "events_erased": counts[codes.EVENT_ERASED],
        **_latencies(latencies_s, shown, float(latencies_s @ shown), int(sums["shown_last_us"])),
        "age_mean_s": float(sums["age_area"]) / 2 / float(sums["age_us"]) / 1e6 if sums["age_us"] else None,
        "terminal_delay_s": int(sums["ends_late_us"]) / int(sums["ends"]) / 1e6 if sums["ends"] else None,
        "bytes_websocket": int(sums["bytes_websocket"]),
        "bytes_http": int(sums["bytes_http"]),
        "empty_poll_ratio": int(sums["empty_answers"]) / answered if answered else None,
        "reconnects": int(sums["reconnects"]),
        "disconnected_s": float(sums["disconnected_us"]) / watched / 1e6 if websocket and watched else None,
        "stale_s": float(sums["stale_us"]) / watched / 1e6 if watched else None,
    }


def _latencies(latencies_s: Array, shown: Array, sum_s: float, last_us: int) -> dict[str, Value]:
    names = ("latency_mean_s", *QUANTILES, "latency_max_s")
    count = int(shown.sum())
    if not count:
        return dict.fromkeys(names)
    quantiles = [weighted_quantile(latencies_s, shown, share) for share in QUANTILES.values()]
    return dict(zip(names, [sum_s / count, *quantiles, last_us / 1e6], strict=True))
