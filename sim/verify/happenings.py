"""Section 6's table as a grammar: the rows of one client are happenings, each complete and in order."""

from collections.abc import Sequence
from typing import NamedTuple

from sim.contract.trace import Row, seconds

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REQUEST, FINISH, FIRE, SERVE = range(9)
"""The turns of one instant (DESIGN.md section 3); a request's arrival writes no row."""

AT_PUBLICATION = ("redis-outage", "no-subscriber", "no-connection", "fault", "half-open")
"""For what a message is lost at its publication, each outranking those after it (B13)."""

BEFORE_SENDING = AT_PUBLICATION[:3]
"""For what it is lost where no connection takes it."""

REASONS = (*AT_PUBLICATION, "connection-lost", "overflow")
"""For what a message is lost (B13)."""

Turns = tuple[int, ...]


class Happening(NamedTuple):
    """One happening: the turns that it may take, by its rows alone, the first one first; when, and its first row."""

    turns: Turns
    time_us: int
    row: Row


class Parsed(NamedTuple):
    """The happenings up to the first row that fits none, and that row's time with what was due."""

    happenings: list[Happening]
    broken: tuple[int, str] | None


def parse(rows: Sequence[Row], *, exact: bool, margin_us: int) -> Parsed:
    """Read one client's rows.

    exact: whether a message that is lost at its publication, at an abort or at a close must be told in that very
    turn; in a live trace whoever discards it tells it a little later.
    """
    reader = _Reader(rows, exact, margin_us)
    happenings: list[Happening] = []
    try:
        while reader.place < len(rows):
            first = rows[reader.place]
            happenings.append(Happening(reader.happening(), first[0], first))
    except _Unparsed as error:
        row = rows[min(reader.place, len(rows) - 1)]
        return Parsed(happenings, (row[0], str(error)))
    return Parsed(happenings, None)


class _Unparsed(Exception):
    """Rows that no happening writes."""


class _Reader:
    def __init__(self, rows: Sequence[Row], exact: bool, margin_us: int) -> None:
        self.place = 0
        self._rows = rows
        self._exact = exact
        self._margin_us = margin_us
        self._polling = any(row[2] == "timer_armed" for row in rows)
        self._mounted = False
        self._terminal = False
        self._now_us = 0

    def _next(self) -> Row | None:
        """The next row, if it is of the same instant."""
        row = self._rows[self.place] if self.place < len(self._rows) else None
        return row if row is not None and abs(row[0] - self._now_us) <= self._margin_us else None

    def _is(self, kind: str) -> bool:
        row = self._next()
        return row is not None and row[2] == kind

    def _take(self, kind: str, event: int | None = None) -> Row:
        row = self._next()
        if row is None or row[2] != kind or (event is not None and row[3] != event):
            wanted = kind if event is None or event < 0 else f"{kind} {event}"
            found = "nothing more follows" if row is None else f"{row[2]} {row[3] if row[3] >= 0 else ''}".strip()
            raise _Unparsed(f"{wanted} is due after {self._last()}, but found is: {found}")
        self.place += 1
        if row[3] >= 0 and kind in _WITHOUT_EVENT:
            raise _Unparsed(f"{kind} has event {row[3]}, but concerns none (B5)")
        return row

    def _last(self) -> str:
        if not self.place:
            return "the start"
        row = self._rows[self.place - 1]
        return f"{row[2]} at {seconds(row[0])} s"

    def happening(self) -> Turns:
        """Read one happening; gives its turns."""
        self._now_us, _, kind, _, _ = self._rows[self.place]
        begin = _HAPPENINGS.get(kind)
        if begin is None or (kind == "timer_armed" and self._mounted):
            raise _Unparsed(f"no happening begins with {kind}")
        return begin(self)

    def mount(self) -> Turns:
        self._take("timer_armed")
        self._mounted = True
        if self._exact and self._is("poll_sent"):  # B6; no timer can fire at the mount's instant
            self._take("poll_sent")
        return (MOUNT,)

    def open(self) -> Turns:
        self._take("websocket_opened")
        if self._polling and not self._terminal:
            self._take("timer_armed")
        return (OPEN,)

    def event(self) -> Turns:
        event = self._take("event_emitted")[3]
        self._take("message_published", event)
        following = self._next()
        if following is not None and following[2:4] == ("message_lost", event) and following[4] in AT_PUBLICATION:
            self._take("message_lost")
        elif self._exact and self._loses("overflow"):
            self._abort(event)
        return (EMIT,)

    def message(self) -> Turns:
        _, _, _, event, detail = self._take("message_received")
        if (event < 0) != (detail == "other"):
            raise _Unparsed(f"a message of event {event} with detail {detail!r} (B1)")
        if event >= 0:
            self._take("event_repeated" if self._is("event_repeated") else "event_shown", event)
        self._end(may_end=event >= 0)
        return (ARRIVE,)

    def fire(self) -> Turns:
        self._take("poll_sent")
        return (FIRE,)

    def answer(self) -> Turns:
        self._take("poll_answered")
        for kind in ("event_erased", "event_shown", "event_repeated"):
            while self._is(kind):
                self._take(kind)
        self._end(may_end=True)
        return (FINISH,)

    def failure(self) -> Turns:
        if self._take("poll_failed")[4] not in ("error", "overloaded", "timeout"):
            raise _Unparsed("poll_failed has a reason other than error, overloaded and timeout (B8)")
        self._end(may_end=False)
        return (FINISH,)

    def loss(self) -> Turns:
        _, _, _, event, reason = self._rows[self.place]
        if reason not in REASONS:
            raise _Unparsed(f"message_lost has the reason {reason!r}, which there is not (B13)")
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
            raise _Unparsed(f"message_lost {event} ({reason}) does not follow its publication (B2)")
        return (EMIT,)

    def close(self) -> Turns:
        lost = self._lost_together("connection-lost")
        reason = self._take("websocket_closed")[4]
        if reason not in ("refused", "going-away", "connection-lost") or (lost and reason == "refused"):
            raise _Unparsed(f"websocket_closed has the reason {reason!r} (B4)")
        return (CLOSE, SERVE) if reason == "connection-lost" else (CLOSE,)

    def _abort(self, published: int) -> None:
        """An abort at this publication (L9); where a partition holds up the client's end, it closes later."""
        if published not in self._lost_together("overflow"):
            raise _Unparsed("an abort does not lose the message at whose publication it happens (L9)")
        if self._is("websocket_closed") and self._rows[self.place][4] == "connection-lost":
            self._take("websocket_closed")

    def _loses(self, reason: str) -> bool:
        return self._is("message_lost") and self._rows[self.place][4] == reason

    def _lost_together(self, reason: str) -> list[int]:
        """The events whose messages are lost in one turn."""
        lost: list[int] = []
        while self._loses(reason):
            lost.append(self._take("message_lost")[3])
        if lost != sorted(lost, key=lambda event: (event < 0, event)):
            raise _Unparsed("messages lost together must be own first, each by index (B3)")
        return lost

    def _end(self, *, may_end: bool) -> None:
        """*end*: the terminal, once; nothing after it; otherwise the timer."""
        if self._terminal:
            return
        if may_end and self._is("terminal_reached"):
            self._take("terminal_reached")
            self._terminal = True
            if self._is("timer_cleared"):
                self._take("timer_cleared")
        elif self._polling:
            self._take("timer_armed")


_HAPPENINGS = {
    "timer_armed": _Reader.mount,
    "websocket_opened": _Reader.open,
    "websocket_closed": _Reader.close,
    "event_emitted": _Reader.event,
    "message_lost": _Reader.loss,
    "message_received": _Reader.message,
    "poll_sent": _Reader.fire,
    "poll_answered": _Reader.answer,
    "poll_failed": _Reader.failure,
}
"""How each happening is read, by the kind of its first row."""

_WITHOUT_EVENT = (
    "timer_armed",
    "timer_cleared",
    "poll_sent",
    "poll_answered",
    "poll_failed",
    "websocket_opened",
    "websocket_closed",
)
