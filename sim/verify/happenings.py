"""Section 6's table as a grammar: the rows of one client are happenings, each complete and in order."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sim.contract.policy import Policy
from sim.contract.trace import Row, seconds
from sim.verify.duty import may_owe

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, FINISH, FIRE, SERVE = range(9)
"""The turns of one instant (DESIGN.md section 3); a request's arrival writes no row."""

AT_PUBLICATION = ("redis-outage", "no-subscriber", "no-connection", "fault", "half-open")
"""For what a message is lost at its publication, each outranking those after it (B13)."""

BEFORE_SENDING = AT_PUBLICATION[:3]
"""For what it is lost where no connection takes it."""

REASONS = (*AT_PUBLICATION, "connection-lost", "overflow")
"""For what a message is lost (B13)."""

OF_NO_EVENT = ("other", "heartbeat")
"""What a message of event -1 is (B1, P3)."""

OF_DISPLAY = ("event_erased", "event_shown", "event_repeated")
"""What an answer changes, in this order."""

Turns = tuple[int, ...]


class Happening(NamedTuple):
    """One happening: the turns that it may take, by its rows alone, the first one first; when, and its first row.

    place, end: where its rows begin among the client's, and where the next one's do.
    """

    turns: Turns
    time_us: int
    row: Row
    place: int
    end: int


class Parsed(NamedTuple):
    """The happenings up to the first row that fits none, and that row's time with what was due."""

    happenings: list[Happening]
    broken: tuple[int, str] | None


def parse(reader: "Reader") -> Parsed:
    """Read all of one client's rows."""
    happenings: list[Happening] = []
    try:
        while reader.place < len(reader.rows):
            place, first = reader.place, reader.rows[reader.place]
            happenings.append(Happening(reader.happening(), first[0], first, place, reader.place))
    except Unparsed as error:
        row = reader.rows[min(reader.place, len(reader.rows) - 1)]
        return Parsed(happenings, (row[0], str(error)))
    return Parsed(happenings, None)


class Unparsed(Exception):
    """Rows that no happening writes."""


class Reader:
    """Reads one client's rows.

    exact: whether a message that is lost at its publication, at an abort or at a close must be told in that very
        turn; in a live trace whoever discards it tells it a little later.
    policy: the client's; where it is not known, it may go by sequence and owe polls, or not.
    """

    closes: tuple[str, ...] = ("refused", "going-away", "connection-lost")
    """For what a WebSocket closes (B4)."""

    def __init__(self, rows: Sequence[Row], *, exact: bool, margin_us: int = 0, policy: Policy | None = None) -> None:
        self.place = 0
        self.rows = rows
        self._exact = exact
        self._margin_us = margin_us
        self._policy = policy
        self._owes = policy is None or may_owe(policy)
        self._polling = any(row[2] == "timer_armed" for row in rows) if policy is None else policy.polling
        self._mounted = False
        self._terminal = False
        self._now_us = 0

    def _next(self) -> Row | None:
        """The next row, if it is of the same instant."""
        row = self.rows[self.place] if self.place < len(self.rows) else None
        return row if row is not None and abs(row[0] - self._now_us) <= self._margin_us else None

    def _is(self, kind: str) -> bool:
        row = self._next()
        return row is not None and row[2] == kind

    def _take(self, kind: str, event: int | None = None) -> Row:
        row = self._next()
        if row is None or row[2] != kind or (event is not None and row[3] != event):
            wanted = kind if event is None or event < 0 else f"{kind} {event}"
            found = "nothing more follows" if row is None else f"{row[2]} {row[3] if row[3] >= 0 else ''}".strip()
            raise Unparsed(f"{wanted} is due after {self._last()}, but found is: {found}")
        self.place += 1
        if row[3] >= 0 and kind in _WITHOUT_EVENT:
            raise Unparsed(f"{kind} has event {row[3]}, but concerns none (B5)")
        return row

    def _last(self) -> str:
        if not self.place:
            return "the start"
        row = self.rows[self.place - 1]
        return f"{row[2]} at {seconds(row[0])} s"

    def happening(self) -> Turns:
        """Read one happening; gives its turns."""
        self._now_us, _, kind, _, _ = self.rows[self.place]
        read = _HAPPENINGS.get(kind)
        if read is None or (kind == "timer_armed" and self._mounted):
            raise Unparsed(f"no happening begins with {kind}")
        turns: Turns = getattr(self, read)()
        return turns

    def mount(self) -> Turns:
        """The timer, and a poll where the policy says so (C1, B6)."""
        self._take("timer_armed")
        self._mounted = True
        if self._exact and self._is("poll_sent"):  # B6; no timer can fire at the mount's instant
            self._take("poll_sent")
        return (MOUNT,)

    def open(self) -> Turns:
        """The WebSocket opens, and re-arms the timer (C1, P9)."""
        self._take("websocket_opened")
        if self._polling and not self._terminal:
            self._arm_or_poll()
        return (OPEN,)

    def event(self) -> Turns:
        """An event is emitted and published, and its message may be lost then."""
        event = self._take("event_emitted")[3]
        self._take("message_published", event)
        following = self._next()
        if following is not None and following[2:4] == ("message_lost", event) and following[4] in AT_PUBLICATION:
            self._take("message_lost")
        elif self._exact and self._loses("overflow"):
            self._abort(event)
        return (EMIT,)

    def message(self) -> Turns:
        """A message arrives."""
        _, _, _, event, detail = self._take("message_received")
        if (event < 0) != (detail in OF_NO_EVENT):
            raise Unparsed(f"a message of event {event} with detail {detail!r} (B1, P3)")
        if event >= 0:
            self._show(event)
        self._end(may_end=event >= 0, re_arms=self._arm_or_poll)
        return (ARRIVE,)

    def _show(self, event: int) -> None:
        """What a message shows: by sequence as many as it completes (P4), else its own event."""
        if self._policy is None and self._is("event_repeated"):
            self._take("event_repeated", event)
        elif self._policy is None or self._policy.by_sequence:
            while self._is("event_shown"):
                self._take("event_shown")
        else:
            self._take("event_repeated" if self._is("event_repeated") else "event_shown", event)

    def fire(self) -> Turns:
        """The timer fires."""
        self._take("poll_sent")
        return (FIRE,)

    def answer(self) -> Turns:
        """A poll is answered."""
        self._take("poll_answered")
        for kind in OF_DISPLAY:
            while self._is(kind):
                self._take(kind)
        self._end(may_end=True, re_arms=self._arm)
        if self._owes and not self._terminal and self._is("poll_sent"):  # P8
            self._take("poll_sent")
        return (FINISH,)

    def failure(self) -> Turns:
        """A poll fails."""
        if self._take("poll_failed")[4] not in ("error", "overloaded", "timeout"):
            raise Unparsed("poll_failed has a reason other than error, overloaded and timeout (B8)")
        self._end(may_end=False, re_arms=self._arm)
        return (FINISH,)

    def loss(self) -> Turns:
        """Messages are lost."""
        _, _, _, event, reason = self.rows[self.place]
        if reason not in REASONS:
            raise Unparsed(f"message_lost has the reason {reason!r}, which there is not (B13)")
        if not self._exact:
            self._take("message_lost")
            return (CLOSE, EMIT)
        if reason == "connection-lost":
            return self.close()
        if reason == "overflow":
            self._abort(-1)
            return (EMIT,)
        if reason == "half-open":
            self._lost_together(reason)
            return (CLOSE,) if event >= 0 else (CLOSE, EMIT)
        self._take("message_lost")
        if event >= 0:
            raise Unparsed(f"message_lost {event} ({reason}) does not follow its publication (B2)")
        return (EMIT,)

    def close(self) -> Turns:
        """A WebSocket closes, and what is on its way is lost; or an attempt fails."""
        lost = self._lost_together("connection-lost")
        reason = self._take("websocket_closed")[4]
        if reason not in self.closes or (lost and reason == "refused"):
            raise Unparsed(f"websocket_closed has the reason {reason!r} (B4)")
        return (CLOSE, SERVE) if reason == "connection-lost" else (CLOSE,)

    def _abort(self, published: int) -> None:
        """An abort at this publication (L9); where a partition holds up the client's end, it closes later."""
        if published not in self._lost_together("overflow"):
            raise Unparsed("an abort does not lose the message at whose publication it happens (L9)")
        if self._is("websocket_closed") and self.rows[self.place][4] == "connection-lost":
            self._take("websocket_closed")

    def _loses(self, reason: str) -> bool:
        return self._is("message_lost") and self.rows[self.place][4] == reason

    def _lost_together(self, reason: str) -> list[int]:
        """The events whose messages are lost in one turn."""
        lost: list[int] = []
        while self._loses(reason):
            lost.append(self._take("message_lost")[3])
        if lost != sorted(lost, key=lambda event: (event < 0, event)):
            raise Unparsed("messages lost together must be own first, each by index (B3)")
        return lost

    def _end(self, *, may_end: bool, re_arms: Callable[[], None]) -> None:
        """*end*: the terminal, once; nothing after it; otherwise the timer."""
        if self._terminal:
            return
        if may_end and self._is("terminal_reached"):
            self._take("terminal_reached")
            self._terminal = True
            if self._is("timer_cleared"):
                self._take("timer_cleared")
        elif self._polling:
            re_arms()

    def _arm(self) -> None:
        self._take("timer_armed")

    def _arm_or_poll(self) -> None:
        """The timer; while a poll is owed it is left alone (P9), and the poll may be sent at once (P8)."""
        if not self._owes or self._is("timer_armed"):
            self._take("timer_armed")
        elif self._is("poll_sent"):
            self._take("poll_sent")


_HAPPENINGS = {
    "timer_armed": "mount",
    "websocket_opened": "open",
    "websocket_closed": "close",
    "event_emitted": "event",
    "message_lost": "loss",
    "message_received": "message",
    "poll_sent": "fire",
    "poll_answered": "answer",
    "poll_failed": "failure",
}
"""Which method reads each happening, by the kind of its first row."""

_WITHOUT_EVENT = (
    "timer_armed",
    "timer_cleared",
    "poll_sent",
    "poll_answered",
    "poll_failed",
    "websocket_opened",
    "websocket_closed",
)
