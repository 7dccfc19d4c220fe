"""Marks: what each kind of happening looks like in a timeline, told apart by shape as well as by colour."""

from dataclasses import dataclass

BLACK = "#000000"
ORANGE, SKY, GREEN = "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
"""Okabe and Ito's colours, which stay apart for the colour-blind; each comes with a shape or a label too."""

LANES = ("events emitted", "messages", "WebSocket open", "poll timer", "polls", "events shown")
"""From top to bottom."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a happening is drawn: in which lane, and with which marker."""

    lane: str
    marker: str
    colour: str
    hollow: bool = False

    @property
    def thin(self) -> bool:
        """Whether it is drawn by lines alone."""
        return self.marker in "x+1234|_"


MARKS = {
    "event emitted": Mark("events emitted", "o", BLACK),
    "message received": Mark("messages", "o", BLUE),
    "message of another run": Mark("messages", "o", BLUE, hollow=True),
    "heartbeat": Mark("messages", "d", BLUE, hollow=True),
    "lost: fault": Mark("messages", "x", VERMILLION),
    "lost: no-connection": Mark("messages", "+", VERMILLION),
    "lost: connection-lost": Mark("messages", "1", VERMILLION),
    "lost: redis-outage": Mark("messages", "2", VERMILLION),
    "lost: no-subscriber": Mark("messages", "3", VERMILLION),
    "lost: half-open": Mark("messages", "4", VERMILLION),
    "lost: overflow": Mark("messages", "|", VERMILLION),
    "lost: another reason": Mark("messages", "_", VERMILLION),
    "WebSocket lost": Mark("WebSocket open", "X", VERMILLION),
    "WebSocket refused": Mark("WebSocket open", "P", VERMILLION),
    "WebSocket closed by the client": Mark("WebSocket open", "X", BLACK),
    "poll answered": Mark("polls", "^", ORANGE),
    "poll failed: error": Mark("polls", "x", VERMILLION),
    "poll failed: timeout": Mark("polls", "+", VERMILLION),
    "poll failed: overloaded": Mark("polls", "2", VERMILLION),
    "poll failed: other": Mark("polls", "1", VERMILLION),
    "poll in flight": Mark("polls", "^", ORANGE, hollow=True),
    "event shown": Mark("events shown", "s", GREEN),
    "event repeated": Mark("events shown", "s", GREEN, hollow=True),
    "event erased": Mark("events shown", "x", GREEN),
}
"""By what the legend calls them."""

AWAY = {"fanout-restart": "fanout server away", "redis-outage": "Redis away", "partition": "partition"}
"""What a span in which something is away is called, by the kind of fault."""

HATCHES = {"fanout server away": "///", "Redis away": "\\\\\\", "partition": "..."}
"""How such a span is drawn, behind everything else."""
