"""The limits of one fanout server, and how it subscribes again (F3, F4, F7)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one fanout server; the names are those of a scenario's `[fanout]`.

    send_buffer_bytes: more than this unsent aborts a connection (F3).
    ping_every_s, pong_within_s, write_within_s: F4, F10.
    resubscribe_s, resubscribe_max_s: the first and the longest wait before a lost subscription is tried again (F7).
    """

    send_buffer_bytes: int = 1 << 20
    ping_every_s: float = 25.0
    pong_within_s: float = 30.0
    write_within_s: float = 10.0
    resubscribe_s: float = 0.1
    resubscribe_max_s: float = 2.0
