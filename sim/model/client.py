"""Client: shows what it is sent, and polls when it hears nothing (C1 to C8) or misses something (P7 to P9)."""

from collections.abc import Callable

from sim.contract.draws import NEVER
from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, seconds
from sim.model.link import Link
from sim.model.message import DETAIL, OTHER, OWN, Message
from sim.model.orchestrator import Answer
from sim.model.reconnection import Reconnection
from sim.model.screen import Screen
from sim.model.sequence import Sequence
from sim.model.turns import MOUNT, TIMER, Clock, Happening
from sim.model.waits import Waits


class Client:
    """One mounted client of one run."""

    def __init__(
        self,
        clock: Clock,
        script: Script,
        client: ClientScript,
        link: Link,
        waits: Waits,
        record: Callable[[Row], None],
    ) -> None:
        self._clock = clock
        self._client = client.client
        self._policy = script.policy
        self._link = link
        self._waits = waits
        self._reconnection = Reconnection(script, client)
        self._write = record
        self._screen: Screen | Sequence = (Sequence if script.policy.by_sequence else Screen)(self._record)
        self._due_us = NEVER
        self._wake_us = NEVER
        self._polls = 0
        self._poll_in_flight = False
        self._owed_since: int | None = None
        self._terminal = False
        self._is_open = False
        self._attempts = 0
        self._failed_attempts = 0
        link.attach(self)
        Happening(clock, client.start_us, MOUNT, self._client, self._mount)

    def _mount(self, _: Happening) -> None:
        self._arm()
        if self._policy.poll_at_mount:
            self._poll()
        if self._policy.websocket:
            self._connect()

    def _connect(self, _: Happening | None = None) -> None:
        self._attempts += 1
        self._link.connect(self._attempts - 1)

    def opened(self) -> None:
        """The WebSocket is open: re-arm, or poll for what was missed without it (C1, P7)."""
        self._is_open = True
        self._failed_attempts = 0
        self._record("websocket_opened")
        if self._terminal:
            return
        if self._policy.catch_up_poll and self._attempts > 1:
            self._owed_since = self._polls
        if self._owed_since is None:
            self._arm()
        else:
            self._poll_at_once()

    def closed(self, reason: str) -> None:
        """The WebSocket, or the attempt to open it, is gone; polling goes on, and the next attempt comes (C10)."""
        self._record("websocket_closed", detail=reason)
        self._failed_attempts += not self._is_open
        self._is_open = False
        if self._reconnection.wanted:
            delay_us = self._reconnection.delay_us(self._attempts, self._failed_attempts)
            Happening(self._clock, self._clock.now_us + delay_us, MOUNT, self._client, self._connect)

    def received(self, message: Message) -> None:
        """A message: show what it brings, and re-arm, or poll for what is missing (C2, C6, P4, P7)."""
        self._waits.heard()
        self._record("message_received", message.event, DETAIL[message.kind])
        terminal = self._screen.received(message)
        if self._screen.behind and not self._terminal and self._asks_for_more(message):
            self._owed_since = self._polls
        if self._owed_since is None or terminal is not None:
            self._end(terminal)
        else:
            self._poll_at_once()

    def _asks_for_more(self, message: Message) -> bool:
        """Whether a message that leaves it behind makes a poll owed (P7)."""
        final = self._policy.final_poll and message.kind == OWN and self._screen.holds_terminal
        return final or (self._policy.gap_poll and message.kind != OTHER)

    def answered(self, answer: Answer) -> None:
        """A poll was answered: show what it brings, re-arm, and send the next if one is still owed (C4, P4, P8)."""
        self._poll_in_flight = False
        if self._owed_since is not None and self._polls > self._owed_since:
            self._owed_since = None
        self._record("poll_answered", detail=str(len(answer.events)))
        before = self._screen.cursor
        terminal = self._screen.answered(answer)
        self._waits.answered(showed=self._screen.cursor > before)
        self._end(terminal)
        if self._owed_since is not None:
            self._poll_at_once()

    def failed(self, reason: str) -> None:
        """A poll that failed is finished all the same, and the next waits for the timer (C4, P8)."""
        self._poll_in_flight = False
        self._waits.failed(reason)
        self._record("poll_failed", detail=reason)
        self._end(None)

    def _end(self, terminal: int | None) -> None:
        """How messages and finished polls end: at the terminal stop for good, before it re-arm (C2, C4, C5)."""
        if self._terminal:
            return
        if terminal is None:
            self._arm()
            return
        self._terminal = True
        self._owed_since = None
        self._record("terminal_reached", terminal)
        if self._due_us != NEVER:
            self._due_us = NEVER
            self._record("timer_cleared")

    def _arm(self) -> None:
        """Set the poll timer to now + interval. It wakes once for many re-arms and looks whether it is due."""
        if not self._policy.polling:
            return
        self._due_us = self._clock.now_us + self._waits.next_us(self._polls)
        self._record("timer_armed", detail=seconds(self._due_us))
        if self._due_us < self._wake_us:
            self._wake_at_due()

    def _wake_at_due(self) -> None:
        self._wake_us = self._due_us
        Happening(self._clock, self._due_us, TIMER, self._client, self._wake)

    def _wake(self, _: Happening) -> None:
        now = self._clock.now_us
        if now != self._wake_us:
            return
        self._wake_us = NEVER
        if now != self._due_us:
            if self._due_us != NEVER:
                self._wake_at_due()
            return
        self._due_us = NEVER
        if not self._poll_in_flight:
            self._poll()

    def _poll_at_once(self) -> None:
        """Send the poll that is owed, unless one is in flight or the last has failed (P8)."""
        if not self._poll_in_flight and not self._waits.failed_polls:
            self._poll()

    def _poll(self) -> None:
        self._record("poll_sent")
        self._poll_in_flight = True
        self._polls += 1
        self._link.poll(self._polls - 1, self._screen.cursor)

    def _record(self, kind: str, event: int = -1, detail: str = "") -> None:
        self._write((self._clock.now_us, self._client, kind, event, detail))
