"""The hybrid client's decisions (C1 to C11), without input or output: what happened in, what to do out."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from sim.contract.trace import seconds
from sim.contract.wire import Message, is_terminal
from sim.reference.reconnection import Reconnection


class Record(NamedTuple):
    """Write this row, at the time of the happening."""

    kind: str
    event: int = -1
    detail: str = ""


class OpenWebSocket(NamedTuple):
    """Start the opening handshake."""


class Reconnect(NamedTuple):
    """Start the opening handshake then."""

    due_us: int


class Arm(NamedTuple):
    """Let the poll timer fire then, and not at any time set before."""

    due_us: int


class Disarm(NamedTuple):
    """Let the poll timer not fire."""


class Poll(NamedTuple):
    """Send a request for the run's events."""


Step = Record | OpenWebSocket | Reconnect | Arm | Disarm | Poll


@dataclass(frozen=True, slots=True)
class Habits:
    """The choices of a policy that this client knows, in microseconds; backoff_factor 1 is none."""

    websocket: bool = True
    polling: bool = True
    poll_at_mount: bool = False
    poll_interval_us: int = 4_000_000
    backoff_factor: Fraction = Fraction(1)
    backoff_max_us: int = 30_000_000


class Client:
    """Watches one run. Each method is one happening and gives the steps to take, in order.

    State: whether the terminal is reached, a poll is in flight, when the timer is due, when the WebSocket is to be
    opened again; what is displayed and what ever was (event indexes as dict keys); how far the interval has grown.
    """

    def __init__(self, run_id: str, habits: Habits, reconnection: Reconnection) -> None:
        """Watch this run with these habits; nothing happens before `mounted`."""
        self._run_id = run_id
        self._habits = habits
        self._reconnection = reconnection
        self._attempts = 1
        self._failed = 0
        self._open = False
        self.reconnect_us: int | None = None
        self.terminal = False
        self.poll_in_flight = False
        self.due_us: int | None = None
        self._displayed: dict[int, None] = {}
        self._ever_shown: dict[int, None] = {}
        self._grown_us = Fraction(habits.poll_interval_us)

    def mounted(self, now_us: int) -> list[Step]:
        """C1; B6."""
        steps: list[Step] = [OpenWebSocket()] if self._habits.websocket else []
        steps += self._armed(now_us)
        if self._habits.poll_at_mount:
            steps += self._poll()
        return steps

    def opened(self, now_us: int) -> list[Step]:
        """The WebSocket is open: re-arm, without resetting the backoff (C1, C7)."""
        self._open, self._failed = True, 0
        return [Record("websocket_opened"), *self._armed(now_us)]

    def closed(self, reason: str, now_us: int) -> list[Step]:
        """The WebSocket is lost, or its attempt failed; polling goes on by its timer (B4, C10)."""
        if not self._open:
            self._failed += 1
        self._open = False
        steps: list[Step] = [Record("websocket_closed", detail=reason)]
        wait_us = self._reconnection.wait_us(self._attempts, self._failed)
        if wait_us is not None:
            self.reconnect_us = now_us + wait_us
            steps.append(Reconnect(self.reconnect_us))
        return steps

    def reconnecting(self) -> list[Step]:
        """It is time for the next attempt (C10)."""
        self.reconnect_us = None
        self._attempts += 1
        return [OpenWebSocket()]

    def received(self, message: Message, now_us: int) -> list[Step]:
        """C2, C5, C6; a message resets the backoff before it re-arms (C7)."""
        self._grown_us = Fraction(self._habits.poll_interval_us)
        if message.run_id != self._run_id:
            return [Record("message_received", detail="other"), *self._end(None, now_us)]
        event = message.seq
        again = event in self._ever_shown
        self._displayed[event] = self._ever_shown[event] = None
        return [
            Record("message_received", event),
            Record("event_repeated" if again else "event_shown", event),
            *self._end(event if is_terminal(message.type) else None, now_us),
        ]

    def fired(self) -> list[Step]:
        """The timer fires: poll, unless a poll is in flight (C3)."""
        self.due_us = None
        return [] if self.poll_in_flight else self._poll()

    def answered(self, history: list[Message], now_us: int) -> list[Step]:
        """C4, C5, C6: the answer replaces what is displayed (B9)."""
        self.poll_in_flight = False
        answer = dict.fromkeys(sorted(m.seq for m in history))
        erased = [e for e in sorted(self._displayed) if e not in answer]
        shown = [e for e in answer if e not in self._ever_shown]
        repeated = [e for e in answer if e in self._ever_shown and e not in self._displayed]
        self._displayed = answer
        self._ever_shown.update(answer)
        self._grow()
        return [
            Record("poll_answered", detail=str(len(history))),
            *(Record("event_erased", e) for e in erased),
            *(Record("event_shown", e) for e in shown),
            *(Record("event_repeated", e) for e in repeated),
            *self._end(next((m.seq for m in history if is_terminal(m.type)), None), now_us),
        ]

    def failed(self, reason: str, now_us: int) -> list[Step]:
        """A poll failed; it counts like an answered one (C4, C7; B8)."""
        self.poll_in_flight = False
        self._grow()
        return [Record("poll_failed", detail=reason), *self._end(None, now_us)]

    def _poll(self) -> list[Step]:
        self.poll_in_flight = True
        return [Record("poll_sent"), Poll()]

    def _end(self, terminal_event: int | None, now_us: int) -> list[Step]:
        """What closes a message or a finished poll (DESIGN.md section 6, *end*; B5)."""
        if self.terminal or terminal_event is None:
            return self._armed(now_us)
        self.terminal = True
        steps: list[Step] = [Record("terminal_reached", terminal_event)]
        if self.due_us is not None:
            self.due_us = None
            steps += [Record("timer_cleared"), Disarm()]
        return steps

    def _armed(self, now_us: int) -> list[Step]:
        """Re-arm to now + interval; never after the terminal (C5), never without polling (B7)."""
        if self.terminal or not self._habits.polling:
            return []
        self.due_us = now_us + self._interval_us()
        return [Record("timer_armed", detail=seconds(self.due_us)), Arm(self.due_us)]

    def _interval_us(self) -> int:
        if self._habits.backoff_factor <= 1:
            return self._habits.poll_interval_us
        return min(int(self._grown_us), self._habits.backoff_max_us)

    def _grow(self) -> None:
        """One more finished poll (C7); past the longest interval there is nothing to grow."""
        if self._habits.backoff_factor > 1 and self._grown_us < self._habits.backoff_max_us:
            self._grown_us *= self._habits.backoff_factor
