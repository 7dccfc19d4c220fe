"""Record: each row that a client's trace would have is counted, and kept where it is wanted (section 6)."""

import numpy as np

from sim.fleet import codes
from sim.fleet.compiled import inlined
from sim.fleet.layout import HISTOGRAM_BITS, SECOND_US
from sim.fleet.memory import add, at, put

_MANTISSA = 52 - HISTOGRAM_BITS
_ONE = 1023 << HISTOGRAM_BITS


@inlined
def record(x, c, now, kind, event, detail):
    """One row."""
    if c.since_us < 0:
        c.since_us = c.watched_us = c.newest_us = c.disconnected_us = now
    add(x.counts, 0, kind, 1)
    if c.recorded:
        keep(x, c, now, kind, event, detail)


@inlined
def keep(x, c, now, kind, event, detail):
    """Write it down, as far as there is room."""
    row = x.written
    if row < x.rows.rows:
        put(x.rows, row, 0, now)
        put(x.rows, row, 1, c.number)
        put(x.rows, row, 2, kind)
        put(x.rows, row, 3, event)
        put(x.rows, row, 4, detail)
    x.written = row + 1


@inlined
def bin_of(latency_us):
    """Where in a histogram a latency of whole microseconds counts: by its leading bits, as a float has them."""
    if latency_us <= 0:
        return 0
    return 1 + ((np.float64(latency_us).view(np.int64) >> _MANTISSA) - _ONE)


@inlined
def record_emitted(x, c, now, event):
    """An event is emitted, and not on display."""
    record(x, c, now, codes.EVENT_EMITTED, event, 0)
    lack(c, now)


@inlined
def record_shown(x, c, now, event):
    """An event is shown for the first time."""
    record(x, c, now, codes.EVENT_SHOWN, event, 0)
    has(x, c, now)
    count_shown(x, c, now, at(x.event_us, c.row, event))


@inlined
def count_shown(x, c, now, emitted_us):
    """One that was emitted then is shown: its latency, and the client's age."""
    sums = x.sums
    latency_us = now - emitted_us
    sums.shown_last_us = max(sums.shown_last_us, latency_us)
    place = bin_of(latency_us)
    add(x.latencies, 0, place, 1)
    add(x.latency_sums_us, 0, place, latency_us)
    if not c.terminal and emitted_us > c.newest_us:
        age(x, c, now)
        c.newest_us = emitted_us


@inlined
def lack(c, now):
    """One event more is emitted and not on display."""
    if c.missing == 0:
        c.stale_us = now
    c.missing += 1


@inlined
def has(x, c, now):
    """One event less is."""
    c.missing -= 1
    if c.missing == 0 and not c.terminal:
        x.sums.stale_us += now - c.stale_us


@inlined
def age(x, c, now):
    """The client has grown older up to now (`measure.metrics._mean_age_s`)."""
    x.sums.age_area += np.float64(now - c.watched_us) * np.float64(now + c.watched_us - 2 * c.newest_us)
    c.watched_us = now


@inlined
def stop_watching(x, c, now):
    """The client knows the terminal, or the performance ends: what is measured per client up to here is complete."""
    if c.since_us < 0:
        return
    sums = x.sums
    age(x, c, now)
    sums.age_us += now - c.since_us
    sums.watched += now > c.since_us
    if c.missing > 0:
        sums.stale_us += now - c.stale_us
    if c.disconnected_us >= 0:
        sums.disconnected_us += now - c.disconnected_us


@inlined
def record_terminal(x, c, now, event):
    """The client knows that its run has ended (C5, P6)."""
    record(x, c, now, codes.TERMINAL_REACHED, event, 0)
    x.sums.ends += 1
    x.sums.ends_late_us += now - at(x.event_us, c.row, event)
    stop_watching(x, c, now)
    c.terminal = 1


@inlined
def record_arrival(x, now, message):
    """The hub has a handshake to make, or a message to send."""
    place = x.arrived
    if place < x.arrivals.columns:
        put(x.arrivals, 0, place, 2 * now + message)
    x.arrived = place + 1


@inlined
def record_opened(x, c, now):
    """The WebSocket is open."""
    record_arrival(x, now, 0)
    record(x, c, now, codes.WEBSOCKET_OPENED, -1, 0)
    add(x.opened, 0, now // SECOND_US, 1)
    sums = x.sums
    sums.reconnects += c.opened
    c.opened = 1
    if not c.terminal:
        sums.disconnected_us += now - c.disconnected_us
    c.disconnected_us = -1


@inlined
def record_closed(x, c, now, reason):
    """The WebSocket is closed, or did not open."""
    record(x, c, now, codes.WEBSOCKET_CLOSED, -1, reason)
    if c.disconnected_us < 0:
        c.disconnected_us = now
