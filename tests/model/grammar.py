"""DESIGN.md section 6 as a grammar: the rows of one client must parse, happening by happening."""

from collections.abc import Sequence

from sim.contract.trace import Row


class Unparsed(AssertionError):
    """Rows that no happening of the table writes."""


class Reader:
    """Reads the rows of one client; knows of the past only what the table's words need."""

    def __init__(self, rows: Sequence[Row], *, polling: bool) -> None:
        self.rows, self.place, self.polling = rows, 0, polling
        self.terminal = False
        self.shown: set[int] = set()

    def parse(self) -> list[str]:
        """The happenings, by name."""
        happenings = []
        if self.polling and self.rows:
            self.take("timer_armed")
            happenings.append("mount")
        while self.place < len(self.rows):
            happenings.append(self.happening())
        return happenings

    def peek(self) -> tuple[int, str]:
        return (self.rows[self.place][0], self.rows[self.place][2]) if self.place < len(self.rows) else (-1, "")

    def take(self, kind: str, now: int = -1) -> Row:
        if self.peek()[1] != kind or (now >= 0 and self.peek()[0] != now):
            raise Unparsed(f"row {self.place}: {self.rows[self.place - 1 : self.place + 2]}, {kind} was due")
        self.place += 1
        return self.rows[self.place - 1]

    def happening(self) -> str:
        now, kind = self.peek()
        match kind:
            case "websocket_opened":
                self.take(kind)
                if self.polling and not self.terminal:
                    self.arm(now)
                return "open"
            case "event_emitted":
                event = self.take(kind)[3]
                if event < 0 or self.take("message_published", now)[3] != event:
                    raise Unparsed(f"event {event} is not published as it is emitted")
                return "event"
            case "message_received":
                self.message(now)
                return "message"
            case "poll_sent":
                self.take(kind)
                return "timer fires"
            case "poll_answered":
                self.answer(now)
                return "poll answered"
            case "poll_failed":
                if self.take(kind)[4] not in {"error", "timeout", "overloaded"}:
                    raise Unparsed("a poll fails for no known reason")
                self.end(now, terminal=False)
                return "poll failed"
            case "message_lost":
                reason = self.take(kind)[4]
                if reason == "connection-lost" and self.peek() not in {(now, kind), (now, "websocket_closed")}:
                    raise Unparsed("a message is lost at a close that does not come")
                return f"loss {reason}"
            case "websocket_closed":
                return f"close {self.take(kind)[4]}"
        raise Unparsed(f"row {self.place}: no happening begins with {kind}")

    def message(self, now: int) -> None:
        _, _, _, event, detail = self.take("message_received")
        if (event == -1) != (detail == "other"):
            raise Unparsed(f"a message of event {event} with detail {detail!r}")
        if event >= 0:
            kind = "event_repeated" if event in self.shown else "event_shown"
            if self.take(kind, now)[3] != event:
                raise Unparsed("another event is shown than was received")
            self.shown.add(event)
        self.end(now, terminal=event >= 0)

    def answer(self, now: int) -> None:
        count = int(self.take("poll_answered")[4])
        for kind in ("event_erased", "event_shown", "event_repeated"):
            events: list[int] = []
            while self.peek() == (now, kind) and not (events and self.rows[self.place][3] <= events[-1]):
                events.append(self.take(kind)[3])
            if kind == "event_shown":
                if self.shown & set(events) or max(events, default=-1) >= count:
                    raise Unparsed("an answer shows what was shown or what it does not hold")
                self.shown |= set(events)
        self.end(now, terminal=True)

    def end(self, now: int, *, terminal: bool) -> None:
        """*end*: at the terminal, once; after it nothing; otherwise the timer."""
        if self.terminal:
            return
        if terminal and self.peek() == (now, "terminal_reached"):
            self.take("terminal_reached")
            self.terminal = True
            if self.peek() == (now, "timer_cleared"):
                self.take("timer_cleared")
        elif self.polling:
            self.arm(now)

    def arm(self, now: int) -> None:
        due = self.take("timer_armed", now)[4]
        if len(due.partition(".")[2]) != 6 or float(due) * 1e6 <= now - 0.5:
            raise Unparsed(f"a timer is armed to {due!r}")
