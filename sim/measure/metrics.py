"""Measures of one trace. Judgement uses the trace alone; its script, where known, adds horizon and payload sizes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile

import numpy as np

from sim.contract.script import Script
from sim.contract.totals import QUANTILES, Value
from sim.contract.trace import Row, Trace
from sim.measure.connectivity import Disconnected, Stale, mean_s, reconnects
from sim.measure.payload import payload_bytes

_US = 1_000_000
_OF_ANSWER = ("event_erased", "event_shown", "event_repeated")


def measure(
    trace: Trace, script: Script | None = None, *, within_s: tuple[float, float] | None = None
) -> dict[str, Value]:
    """All measures by the names of DESIGN.md section 7; rows of the infrastructure (client -1) count for none.

    trace: what happened.
    script: what was performed, by default the trace's own where it knows it; without one the last row stands for
        the horizon and payload sizes are None.
    within_s: count only what happens at from <= t < until; rates are then per second of that span.
    """
    script = script or trace.script
    all_rows = [row for row in trace.rows if row[1] >= 0]
    end_us = script.horizon_us if script else max((row[0] for row in all_rows), default=0)
    from_us, until_us = (0, end_us + 1) if within_s is None else (round(t * _US) for t in within_s)
    rows = [row for row in all_rows if from_us <= row[0] < until_us]
    watch_us = from_us, min(until_us, end_us)
    span_s = end_us / _US if within_s is None else (until_us - from_us) / _US
    count = Counter(row[2] for row in rows)
    sent_us = [row[0] for row in rows if row[2] == "poll_sent"]
    connects = script is None or script.policy.websocket
    websocket, http = payload_bytes(all_rows, script, (from_us, until_us)) if script else (None, None)
    return {
        "poll_requests": count["poll_sent"],
        "polls_failed": count["poll_failed"],
        "polls_per_s_mean": count["poll_sent"] / span_s if span_s else None,
        "polls_per_s_peak": max(Counter(time_us // _US for time_us in sent_us).values(), default=0),
        "messages_received": count["message_received"],
        "messages_lost": count["message_lost"],
        "events_lost": len(never_shown(rows, all_rows)),
        "events_repeated": count["event_repeated"],
        "events_erased": count["event_erased"],
        **_latencies(rows, all_rows),
        "age_mean_s": _mean_age_s(all_rows, *watch_us),
        "terminal_delay_s": _terminal_delay_s(rows, all_rows),
        "bytes_websocket": websocket,
        "bytes_http": http,
        "empty_poll_ratio": _empty_poll_ratio(rows),
        "reconnects": reconnects(rows, all_rows),
        "disconnected_s": mean_s(all_rows, Disconnected, *watch_us) if connects else None,
        "stale_s": mean_s(all_rows, Stale, *watch_us),
    }


def _times_us(kind: str, rows: Iterable[Row]) -> dict[tuple[int, int], int]:
    """When this happened first to each client's event."""
    times_us: dict[tuple[int, int], int] = {}
    for time_us, client, row_kind, event, _ in rows:
        if row_kind == kind:
            times_us.setdefault((client, event), time_us)
    return times_us


def never_shown(rows: Iterable[Row], all_rows: Iterable[Row] | None = None) -> set[tuple[int, int]]:
    """Events emitted within the rows and never shown, each as its client and its index.

    all_rows: where they might have been shown, by default the same rows.
    """
    shown = _times_us("event_shown", rows if all_rows is None else all_rows)
    return _times_us("event_emitted", rows).keys() - shown.keys()


def latencies_us(rows: Iterable[Row], all_rows: Iterable[Row]) -> list[int]:
    """Emitted to first shown, of the events shown within the rows."""
    emitted_us = _times_us("event_emitted", all_rows)
    shown_us = _times_us("event_shown", rows)
    return [shown_us[key] - emitted_us[key] for key in shown_us if key in emitted_us]


def _latencies(rows: Iterable[Row], all_rows: Iterable[Row]) -> dict[str, Value]:
    """Of the events shown within the rows; quantiles interpolate linearly."""
    latencies_s = [latency_us / _US for latency_us in latencies_us(rows, all_rows)]
    names = ("latency_mean_s", *QUANTILES, "latency_max_s")
    if not latencies_s:
        return dict.fromkeys(names)
    quantiles = np.quantile(latencies_s, [*QUANTILES.values(), 1.0])
    return dict(zip(names, [float(np.mean(latencies_s)), *quantiles.tolist()], strict=True))


def _mean_age_s(rows: Iterable[Row], from_us: int, until_us: int) -> float | None:
    """Time-average age of information over all clients (Kaul, Yates, Gruteser 2012).

    The age of a client is the time since the emission of the newest event it has shown, before that since its first
    row; it is averaged from there until the client knows the terminal, or to the end.
    """
    emitted_us = _times_us("event_emitted", rows)
    newest_us: dict[int, int] = {}
    since_us: dict[int, int] = {}
    area = total = 0

    def add(client: int, to_us: int) -> None:
        nonlocal area, total
        start_us, end_us = max(since_us[client], from_us), min(to_us, until_us)
        if end_us > start_us:
            area += (end_us - newest_us[client]) ** 2 - (start_us - newest_us[client]) ** 2
            total += end_us - start_us
        since_us[client] = to_us

    done: set[int] = set()
    for time_us, client, kind, event, _ in rows:
        if client in done:
            continue
        if client not in newest_us:
            newest_us[client] = since_us[client] = time_us
        if kind == "event_shown" and emitted_us.get((client, event), -1) > newest_us[client]:
            add(client, time_us)
            newest_us[client] = emitted_us[client, event]
        elif kind == "terminal_reached":
            add(client, time_us)
            done.add(client)
    for client in newest_us.keys() - done:
        add(client, until_us)
    return area / 2 / total / _US if total else None


def _terminal_delay_s(rows: Iterable[Row], all_rows: Iterable[Row]) -> float | None:
    """Mean time from a terminal event's emission until its client knows of it."""
    emitted_us = _times_us("event_emitted", all_rows)
    delays_us = [
        time_us - emitted_us[client, event]
        for time_us, client, kind, event, _ in rows
        if kind == "terminal_reached" and (client, event) in emitted_us
    ]
    return sum(delays_us) / len(delays_us) / _US if delays_us else None


def _empty_poll_ratio(rows: Sequence[Row]) -> float | None:
    """Share of answers that showed nothing new: no `event_shown` among the rows that belong to the answer."""
    answers = [number for number, row in enumerate(rows) if row[2] == "poll_answered"]
    if not answers:
        return None
    empty = 0
    for number in answers:
        following = (rows[n][2] for n in range(number + 1, len(rows)))
        empty += "event_shown" not in takewhile(_OF_ANSWER.__contains__, following)
    return empty / len(answers)
