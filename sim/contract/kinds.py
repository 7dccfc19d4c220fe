"""The kinds of rows that a trace may hold (DESIGN.md section 6; B14)."""

KINDS = (
    "timer_armed",
    "timer_cleared",
    "poll_sent",
    "poll_answered",
    "poll_failed",
    "event_emitted",
    "message_published",
    "message_received",
    "message_lost",
    "event_shown",
    "event_repeated",
    "event_erased",
    "terminal_reached",
    "websocket_opened",
    "websocket_closed",
    "outage_began",
    "outage_ended",
)

OUTAGES = ("outage_began", "outage_ended")
"""Those of no client: a server goes or comes (B14)."""
