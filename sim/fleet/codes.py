"""Codes: how rows and reasons stand in the kernel's arrays, as whole numbers."""

from sim.contract.kinds import KINDS
from sim.contract.script import ANSWERED, ERROR, TIMEOUT
from sim.contract.trace import Row, seconds

(
    TIMER_ARMED,
    TIMER_CLEARED,
    POLL_SENT,
    POLL_ANSWERED,
    POLL_FAILED,
    EVENT_EMITTED,
    MESSAGE_PUBLISHED,
    MESSAGE_RECEIVED,
    MESSAGE_LOST,
    EVENT_SHOWN,
    EVENT_REPEATED,
    EVENT_ERASED,
    TERMINAL_REACHED,
    WEBSOCKET_OPENED,
    WEBSOCKET_CLOSED,
    OUTAGE_BEGAN,
    OUTAGE_ENDED,
) = range(len(KINDS))

OWN, OTHER, HEARTBEAT = range(3)
"""What a message is; at one instant, and where several are lost, they come in this order (B3, P3)."""

ANSWER, REFUSAL, EXPIRY, OVERLOAD = ANSWERED, ERROR, TIMEOUT, 3
"""What comes of a poll (B8, O5)."""

REDIS_OUTAGE, NO_SUBSCRIBER, NO_CONNECTION, FAULT, HALF_OPEN, CONNECTION_LOST = range(6)
"""Why a message is lost (B13)."""

LOST, REFUSED, GOING_AWAY = range(3)
"""Why a WebSocket closes (B4)."""

_REASONS = {
    MESSAGE_RECEIVED: ("", "other", "heartbeat"),
    MESSAGE_LOST: ("redis-outage", "no-subscriber", "no-connection", "fault", "half-open", "connection-lost"),
    WEBSOCKET_CLOSED: ("connection-lost", "refused", "going-away"),
    POLL_FAILED: ("", "error", "timeout", "overloaded"),
}

__all__ = [name for name in dir() if name.isupper()]


def row(time_us: int, client: int, kind: int, event: int, detail: int) -> Row:
    """A row of a trace (section 6) from its codes."""
    if kind == TIMER_ARMED:
        text = seconds(detail)
    elif kind == POLL_ANSWERED:
        text = str(detail)
    else:
        text = _REASONS[kind][detail] if kind in _REASONS else ""
    return (time_us, client, KINDS[kind], event, text)
