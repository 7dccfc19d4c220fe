"""Policies: what a client does, as data (DESIGN.md section 4)."""

from dataclasses import dataclass
from typing import Literal

Reconnect = Literal["none", "fixed", "exponential"]
Jitter = Literal["none", "equal", "full"]
Listing = Literal["none", "hook", "backoff"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The orthogonal choices of one client.

    websocket: opens a WebSocket at mount (C1, B7).
    polling: arms the poll timer and polls (C1, C3, B7).
    poll_interval_s: seconds without news until a poll (C1 to C4).
    poll_at_mount: polls once at mount, besides arming the timer (B6).
    backoff_factor: growth of the interval per finished poll without a message (C7); 1 means no backoff.
    backoff_max_s: longest interval in seconds under backoff (C7); without backoff it has no effect.
    reconnect: whether a lost connection is opened again, and by which kind of delay (C8, C10).
    jitter: the share of that delay that is drawn: none of it, half, or all (C10).
    reconnect_delay_s: seconds until the first attempt; for `fixed` until each, for `exponential` doubling (C10).
    reconnect_max_s: the longest delay in seconds for `exponential` (C10); otherwise it has no effect.
    gap_poll: goes by sequence (P4), and polls at once when it hears of something that it cannot show (P7).
    final_poll: goes by sequence (P4), and polls at once when only events before the terminal one are missing (P7).
    catch_up_poll: polls at once when the WebSocket is open again (P7).
    poll_jitter: share by which a wait for a poll may be longer, from 0 to 1 (P10).
    error_backoff_factor: growth of the wait per failed poll (P10); 1 means none.
    error_backoff_max_s: the longest such wait in seconds (P10).
    retry_after: waits at least as long as a 503 asks for (P10).
    listing: which of the document's listings this is, performed as written (D1 to D14).
    """

    websocket: bool = True
    polling: bool = True
    poll_interval_s: float = 4.0
    poll_at_mount: bool = False
    backoff_factor: float = 1.0
    backoff_max_s: float = 30.0
    reconnect: Reconnect = "none"
    jitter: Jitter = "none"
    reconnect_delay_s: float = 1.0
    reconnect_max_s: float = 30.0
    gap_poll: bool = False
    final_poll: bool = False
    catch_up_poll: bool = False
    poll_jitter: float = 0.0
    error_backoff_factor: float = 1.0
    error_backoff_max_s: float = 30.0
    retry_after: bool = False
    listing: Listing = "none"

    @property
    def by_sequence(self) -> bool:
        """Whether it asks for what is newer and shows each event once, in order (P4 to P6)."""
        return self.gap_poll or self.final_poll


PRESETS: dict[str, Policy] = {
    "websocket-only": Policy(polling=False),
    "polling-only": Policy(websocket=False),
    "hybrid": Policy(),
    "hybrid-backoff": Policy(backoff_factor=1.5),
    "hybrid-listing": Policy(listing="hook"),
    "hybrid-listing-backoff": Policy(listing="backoff", backoff_factor=1.5),
    "hybrid-cursor": Policy(
        reconnect="exponential",
        jitter="full",
        gap_poll=True,
        final_poll=True,
        catch_up_poll=True,
        poll_jitter=0.25,
        error_backoff_factor=2.0,
        retry_after=True,
    ),
}
