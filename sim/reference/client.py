"""The hybrid client's decisions (C1 to C11, P4 to P11), without input or output: what happened in, what to do out."""

from collections.abc import Sequence

from sim.contract.trace import seconds
from sim.contract.wire import Heartbeat, Message
from sim.reference.display import InOrder, Replacing
from sim.reference.habits import Habits
from sim.reference.reconnection import Reconnection
from sim.reference.steps import Arm, Disarm, OpenWebSocket, Poll, Reconnect, Record, Step
from sim.reference.waits import Waits


class Client:
    """Watches one run. Each method is one happening and gives the steps to take, in order.

    State: whether the terminal is reached, a poll is in flight, when the timer is due, when the WebSocket is to be
    opened again; whether a poll is owed (P7), one was sent since, and the last that finished has failed.
    """

    def __init__(self, run_id: str, habits: Habits, reconnection: Reconnection, poll_draws: Sequence[int] = ()) -> None:
        """Watch this run with these habits; nothing happens before `mounted`."""
        self._run_id = run_id
        self._habits = habits
        self._reconnection = reconnection
        self._display = InOrder() if habits.by_sequence else Replacing()
        self._waits = Waits(habits, poll_draws)
        self._attempts = 1
        self._failed = 0
        self._open = False
        self.reconnect_us: int | None = None
        self.terminal = False
        self.poll_in_flight = False
        self.due_us: int | None = None
        self._polls = 0
        self._owed = False
        self._asked = False
        self._poll_failed = False

    def mounted(self, now_us: int) -> list[Step]:
        """C1; B6."""
        steps: list[Step] = [OpenWebSocket()] if self._habits.websocket else []
        steps += self._armed(now_us)
        if self._habits.poll_at_mount:
            steps += self._poll()
        return steps

    def opened(self, now_us: int) -> list[Step]:
        """The WebSocket is open: re-arm, without resetting the backoff (C1, C7), or ask for what was missed (P7)."""
        self._open, self._failed = True, 0
        if self._habits.catch_up_poll and self._attempts > 1:
            self._owe()
        return [Record("websocket_opened"), *self._end(now_us)]

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
        """C2, C5, C6, P4; a message resets the backoff before it re-arms (C7)."""
        self._waits.heard()
        if message.run_id != self._run_id:
            return [Record("message_received", detail="other"), *self._end(now_us)]
        change = self._display.received(message)
        if (self._habits.gap_poll and self._display.behind) or (
            self._habits.final_poll and self._display.holds_terminal
        ):
            self._owe()
        return [Record("message_received", message.seq), *change.rows, *self._end(now_us, change.terminal)]

    def beaten(self, heartbeat: Heartbeat, now_us: int) -> list[Step]:
        """A heartbeat: like a message of another run, but that it may tell of a gap (P3, P7)."""
        self._waits.heard()
        if heartbeat.run_id == self._run_id:
            self._display.heard_of(heartbeat.newest)
            if self._habits.gap_poll and self._display.behind:
                self._owe()
        return [Record("message_received", detail="heartbeat"), *self._end(now_us)]

    def fired(self) -> list[Step]:
        """The timer fires: poll, unless a poll is in flight (C3)."""
        self.due_us = None
        return [] if self.poll_in_flight else self._poll()

    def answered(self, history: list[Message], now_us: int) -> list[Step]:
        """C4, C5, C6, P4; an answer settles what was owed as its poll was sent (P7)."""
        self.poll_in_flight = self._poll_failed = False
        if self._asked:
            self._owed = False
        change = self._display.answered(history)
        self._waits.answered(showed=bool(change.rows))
        return [
            Record("poll_answered", detail=str(len(history))),
            *change.rows,
            *self._end(now_us, change.terminal, finished=True),
        ]

    def failed(self, reason: str, now_us: int, retry_after_us: int = 0) -> list[Step]:
        """A poll failed, which settles nothing (C4, P8; B8)."""
        self.poll_in_flight, self._poll_failed = False, True
        self._waits.failed(retry_after_us)
        return [Record("poll_failed", detail=reason), *self._end(now_us, finished=True)]

    def _poll(self) -> list[Step]:
        self.poll_in_flight = True
        self._asked = self._owed
        self._polls += 1
        return [Record("poll_sent"), Poll(self._display.after)]

    def _owe(self) -> None:
        """A poll comes to be owed, or to be owed anew: one that is in flight already does not settle it (P7)."""
        self._owed, self._asked = True, False

    def _end(self, now_us: int, terminal_event: int | None = None, *, finished: bool = False) -> list[Step]:
        """What closes a turn (DESIGN.md section 6, *end*; B5), and then an owed poll (P8).

        finished: it is a poll's end, which re-arms also where a poll is owed (P9).
        """
        if terminal_event is not None and not self.terminal:
            return self._ended(terminal_event)
        steps = self._armed(now_us) if finished or not self._owed else []
        at_once = self._owed and not (self.terminal or self.poll_in_flight or self._poll_failed)
        return steps + (self._poll() if at_once else [])

    def _ended(self, terminal_event: int) -> list[Step]:
        """The terminal clears the timer for good (C5, P6)."""
        self.terminal = True
        steps: list[Step] = [Record("terminal_reached", terminal_event)]
        if self.due_us is not None:
            self.due_us = None
            steps += [Record("timer_cleared"), Disarm()]
        return steps

    def _armed(self, now_us: int) -> list[Step]:
        """Re-arm to now + wait; never after the terminal (C5), never without polling (B7)."""
        if self.terminal or not self._habits.polling:
            return []
        self.due_us = now_us + self._waits.until_poll_us(self._polls)
        return [Record("timer_armed", detail=seconds(self.due_us)), Arm(self.due_us)]
