"""What was lost by which cause, who recovered it, and after how long."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from sim.contract.script import Script
from sim.contract.trace import Trace
from sim.measure.mismatch import of_one_script

CAUSES = (
    "redis-outage",
    "no-subscriber",
    "no-connection",
    "fault",
    "half-open",
    "connection-lost",
    "overflow",
    "late",
)
"""The reasons of `message_lost` (B13), and messages that arrive late."""

LATE_S = 0.25
"""A message is late where it is received more than so much after its scripted arrival."""

Message = tuple[int, int]
"""A client, and an event of its run."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of the messages of one cause.

    messages: how many there are; each is counted in one of the next three.
    by_push, by_poll: whose events were first shown with their own message received by then, or without it, so by an
        answer to a poll.
    by_nobody: whose events were never shown.
    after_mean_s, after_max_s: seconds from an event's emission until it was first shown, over those that were; None
        where none was.
    """

    cause: str
    messages: int
    by_push: int
    by_poll: int
    by_nobody: int
    after_mean_s: float | None
    after_max_s: float | None


def losses(trace: Trace, script: Script | None = None) -> list[Loss]:
    """The losses of a trace, one per cause that there is, in the order of CAUSES.

    trace: what happened.
    script: what was performed, by default the trace's own where it knows it; without one nothing is known to be late.

    The cause of a lost message is the reason in its `message_lost`. The cause of one that is received is `late` where
    that is more than LATE_S after publication plus drawn latency: a partition, a slow reader or an earlier message of
    its connection held it up. An event that a poll showed before its message was lost or received counts as
    recovered by poll. Messages of other runs are left out, since nobody tells which of them came (B1).
    """
    script = script or trace.script
    shown = _first_shown(trace)
    emitted_us = {(row[1], row[3]): row[0] for row in reversed(trace.rows) if row[2] == "event_emitted"}
    of_cause: defaultdict[str, list[Message]] = defaultdict(list)
    for _, client, kind, event, detail in trace.rows:
        if kind == "message_lost" and event >= 0:
            of_cause[detail].append((client, event))
    late = _late(trace, script) if script else []
    if late:
        of_cause["late"] = late
    order = {cause: number for number, cause in enumerate(CAUSES)}
    return [
        _loss(cause, of_cause[cause], shown, emitted_us)
        for cause in sorted(of_cause, key=lambda cause: (order.get(cause, len(order)), cause))
    ]


def _first_shown(trace: Trace) -> dict[Message, tuple[int, bool]]:
    """When each event was first shown, and whether by push: its own message had been received by then.

    A client that goes by sequence may hold a message back until a poll brings what is missing before it (P4): what it
    had is not recovered by that poll. `event_shown` comes once per event (section 6).
    """
    shown: dict[Message, tuple[int, bool]] = {}
    received: set[Message] = set()
    for time_us, client, kind, event, _ in trace.rows:
        if kind == "message_received":
            received.add((client, event))
        elif kind == "event_shown":
            shown[client, event] = (time_us, (client, event) in received)
    return shown


def _late(trace: Trace, script: Script) -> list[Message]:
    """The messages received more than LATE_S after their scripted arrival."""
    late: list[Message] = []
    played = lru_cache(maxsize=1)(script.client)
    received = [row for row in trace.rows if row[2] == "message_received" and row[3] >= 0]
    for row in sorted(received, key=itemgetter(1)):  # client by client, so that each is realised once
        time_us, client, _, event, _ = row
        with of_one_script(script, row):
            scripted_us = played(client).event_us[event] + played(client).event_latency_us[event]
        if time_us - scripted_us > LATE_S * 1e6:
            late.append((client, event))
    return late


def _loss(
    cause: str, messages: list[Message], shown: dict[Message, tuple[int, bool]], emitted_us: dict[Message, int]
) -> Loss:
    recovered = [message for message in messages if message in shown]
    by_push = sum(shown[message][1] for message in recovered)
    after_us = [shown[message][0] - emitted_us[message] for message in recovered if message in emitted_us]
    return Loss(
        cause=cause,
        messages=len(messages),
        by_push=by_push,
        by_poll=len(recovered) - by_push,
        by_nobody=len(messages) - len(recovered),
        after_mean_s=sum(after_us) / len(after_us) / 1e6 if after_us else None,
        after_max_s=max(after_us) / 1e6 if after_us else None,
    )
