"""Layout: the memory of the compiled kernel, as records and arrays with names.

One record holds what is the same for all clients, and where the arrays are; another is one client's state.
"""

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.contract.block import Block

Array = npt.NDArray[Any]

SECOND_US = 1_000_000

ARRAY = np.dtype([(name, np.int64) for name in ("address", "by_row", "by_column", "rows", "columns")])
"""Where an array of two dimensions is, how many bytes its rows and columns are apart, and how many there are."""

SUMS = np.dtype(
    [
        *((name, np.int64) for name in ("shown_last_us", "ends", "ends_late_us")),
        *((name, np.int64) for name in ("empty_answers", "reconnects", "watched")),
        *((name, np.float64) for name in ("age_area", "age_us", "disconnected_us", "stale_us")),
        *((name, np.int64) for name in ("bytes_websocket", "bytes_http")),
    ]
)
"""What is added up over clients; an area is in microseconds squared.

shown_last_us: the largest latency. ends, ends_late_us: terminals known, and how late.
watched: clients with any time to measure.
"""

TERMS = (
    "horizon_us plain websocket polling poll_at_mount by_sequence gap_poll final_poll catch_up_poll queued timeout_us "
    "reconnects grows jitter reconnect_delay_us reconnect_max_us poll_jitter poll_jitter_parts retry_after_us "
    "ping_every_us pong_within_us message_bytes heartbeat_bytes answer_bytes"
).split()
"""What the scenario says: times in microseconds, choices as 0 or 1.

queued: requests wait in the orchestrator's queue (O5). grows, jitter: of the delay before a reconnection (C10).
poll_jitter, poll_jitter_parts: a fraction (P10). message_bytes and so on: JSON text around what differs.
"""

COMMON = (
    "refused_windows partition_windows poll_windows stops unheard runs terminals event_bytes other_bytes idle_us "
    "error_us"
).split()
"""Arrays that all clients share. Windows have a row each: from, until, and what else there is to say.

stops: whether killed. unheard: why publications reach nobody (R4, R5). runs: a row per kind of run: the index
of its first terminal or NEVER, the bytes of the status that it gives. terminals: by kind of run and event,
whether it is one; event_bytes likewise, its JSON text but the time; other_bytes: of other runs' events.
idle_us, error_us: waits by repetition (C7, P10).
"""

DRAWN = [field.name for field in fields(Block) if field.name != "first"]
"""The arrays of `contract.block.Block`, a row per client."""

CROWD = ["flight_us", "flight", "seen", "history_bytes"]
"""Arrays of the state of clients, a row each; where clients do not meet, one row serves all in turn.

flight_us, flight: messages on their way, by arrival, and what they are. seen: what the client has of each event, as
bytes. history_bytes: JSON text of the first so many events.
"""

TALLY = (
    "counts latencies latency_sums_us polls opened received offered turned_away waits wait_sums_us longest_waits_us "
    "rows arrivals"
).split()
"""Arrays of what is counted: by kind of row, by latency, and per second of time; and rows of traces.

counts: rows by kind, but not those of calm events (`calm.py`), of which nothing is lost.
offered, turned_away, longest_waits_us: at the orchestrator's queue, per second. waits, wait_sums_us: like latencies.
rows: time, client, kind, event and detail of each row of the clients that are recorded, as far as there is room.
arrivals: work for the fanout hub, as far as there is room: twice the time, and one more for a message (`arrivals.py`).
"""

FLEET = np.dtype(
    [
        *((name, np.int64) for name in TERMS),
        *((name, ARRAY) for name in (*COMMON, *DRAWN, *CROWD, *TALLY)),
        ("written", np.int64),
        ("arrived", np.int64),
        ("sums", SUMS),
    ]
)
"""All that the kernel works on but the clients. written: rows that the recorded clients have, room or not.

arrived: likewise, the work for the hub.
"""

_CLIENT = (
    "attempt_us open_us stop_us lost_us half_us over_us publish_us pong_us request_us finish_us due_us late_us "
    "deadline_us ping_us last_arrival_us reached_us back_us limit_us since_us watched_us newest_us stale_us "
    "disconnected_us served_us "
    "number row slot run id_bytes recorded turn rank publishes next_own next_other next_beat ended "
    "stops losses halves attempts failed_attempts state gone half_open over_reason head tail pinged held_up mounted "
    "polls in_flight outcome served asked owed terminal idle_polls failed_polls overloaded cursor heard "
    "held_terminals displayed solid missing opened"
).split()

CLIENT = np.dtype([(name, np.int64 if name.endswith("_us") else np.int32) for name in _CLIENT])
"""One client's state. Those from `attempt_us` to `ping_us` say when something happens next, NEVER where it does not.

number: the client's. row: in the arrays of draws. slot: in those of the crowd. run: its kind of run.
id_bytes: what its number adds to a run's id.
turn: what is happening. rank: of the request in flight among those that arrive in its instant (B18).
publishes: what kind of message is published next.
next_own, next_other, next_beat: the index of the next of each. ended: the run has emitted its terminal (P3).
stops, losses, halves: how many outages of the server, closed and half-open losses it has seen.
state, gone, half_open: of its connection: as the client sees it, gone for the server, nobody told (L6).
head, tail: of its messages in flight. pinged: whether pings can find anything out. held_up: by partitions (L7).
reached_us: when the request in flight is at the orchestrator. back_us: how long its answer is on its way back.
served_us, served: when the last answer left the orchestrator, and which of its services that was.
asked: the cursor that the poll in flight carries. owed: since which poll one is owed (P7), -1 for not.
displayed, solid: past the last event on display; as many from the first are on display without a gap.
since_us, watched_us, newest_us: its first row, up to where its age is counted, and the newest event shown.
missing: how many events are emitted and not on display; stale_us, disconnected_us: since when so, -1 for not.
"""

ROW = 5
"""Numbers in a row: time, client, kind, event, detail."""

HISTOGRAM_BITS = 8
"""Bins per doubling of a latency: 2 to this power, so that a bin is at most 1/256 of its value wide."""

BINS = 1 + (64 << HISTOGRAM_BITS)
"""Of a histogram of latencies: 0 us, and the powers of two from 1 us."""


def bind(fleet: Array, **arrays: Array) -> None:
    """Let the record reach these arrays, which must outlive it; an array of one dimension is one row.

    fleet: an array of one record of FLEET.
    """
    for name, array in arrays.items():
        table = array.reshape(1, -1) if array.ndim == 1 else array
        fleet[name][0] = (table.ctypes.data, *table.strides, *table.shape)
