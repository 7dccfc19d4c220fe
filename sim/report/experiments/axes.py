"""Axes: what the axes of experiments' figures are called, with units."""

from sim.contract.claim import MEASURES

OF_MEASURES = {
    "poll_requests": "polls",
    "polls_failed": "failed polls",
    "polls_per_s_mean": "polls per second",
    "polls_per_s_peak": "polls in the busiest second",
    "messages_received": "messages received",
    "messages_lost": "messages lost",
    "events_lost": "events never shown",
    "events_repeated": "events repeated",
    "events_erased": "events erased",
    "latency_mean_s": "mean latency (s)",
    "latency_p50_s": "median latency (s)",
    "latency_p95_s": "latency, 95th percentile (s)",
    "latency_p99_s": "latency, 99th percentile (s)",
    "latency_max_s": "longest latency (s)",
    "age_mean_s": "mean age of information (s)",
    "terminal_delay_s": "delay of the terminal event (s)",
    "bytes_websocket": "bytes by WebSocket",
    "bytes_http": "bytes by HTTP",
    "empty_poll_ratio": "polls without news (share)",
    "reconnects": "reconnections",
    "disconnected_s": "disconnected per client (s)",
    "stale_s": "stale per client (s)",
}
assert OF_MEASURES.keys() == set(MEASURES)

_UNITS = {"_per_s": "/s", "_s": "s", "_bytes": "bytes"}


def of_key(key: str) -> str:
    """A dotted key in words, with its unit: `client.poll_interval_s` is a poll interval (s)."""
    name = key.rsplit(".", maxsplit=1)[-1]
    for ending, unit in _UNITS.items():
        if name.endswith(ending):
            return f"{name.removesuffix(ending).replace('_', ' ')} ({unit})"
    return name.replace("_", " ")
