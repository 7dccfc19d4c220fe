"""Sums: the measures of section 7 from what the kernel has counted."""

import numpy as np

from sim.contract.script import Script
from sim.contract.totals import Totals, Value
from sim.fleet import codes
from sim.fleet.arrays import Arrays
from sim.fleet.layout import Array


def totals_of(script: Script, arrays: Arrays, queue: Array | None = None) -> Totals:
    """What was counted, by name."""
    counted = np.flatnonzero(arrays["latencies"])
    shown = arrays["latencies"][counted]
    sums_us = arrays["latency_sums_us"][counted]
    latencies_s = sums_us / shown / 1e6
    return Totals(
        world="fleet",
        clients=script.clients,
        named=_measures(script, arrays, latencies_s, shown),
        latencies_s=latencies_s,
        shown=shown,
        polls_per_s=arrays["polls"],
        openings_per_s=arrays["opened"],
        messages_per_s=arrays["received"],
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
        "messages_received": counts[codes.MESSAGE_RECEIVED],
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
    names = ("latency_mean_s", "latency_p50_s", "latency_p95_s", "latency_p99_s", "latency_max_s")
    count = int(shown.sum())
    if not count:
        return dict.fromkeys(names)
    upto = np.cumsum(shown)
    quantiles = []
    for share in (0.5, 0.95, 0.99):  # between neighbours in rank linearly, as numpy.quantile does
        rank = share * (count - 1)
        low, high = latencies_s[np.searchsorted(upto, [int(rank), int(np.ceil(rank))], side="right")].tolist()
        quantiles.append(low + (high - low) * (rank - int(rank)))
    return dict(zip(names, [sum_s / count, *quantiles, last_us / 1e6], strict=True))
