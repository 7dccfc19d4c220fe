"""Client: shows what it is sent, and polls when it hears nothing (C1 to C8)."""

from collections.abc import Callable

from sim.contract.draws import NEVER
from sim.contract.script import ClientScript, RunEvent, Script
from sim.contract.trace import Row, seconds
from sim.model.backoff import Backoff
from sim.model.link import Link
from sim.model.message import Message
from sim.model.reconnection import Reconnection
from sim.model.turns import MOUNT, TIMER, Clock, Happening


class Client:
    """One mounted client of one run."""

    def __init__(
        self,
        clock: Clock,
        script: Script,
        client: ClientScript,
        link: Link,
        backoff: Backoff,
        record: Callable[[Row], None],
    ) -> None:
        self._clock = clock
        self._client = client.client
        self._policy = script.policy
        self._link = link
        self._backoff = backoff
        self._reconnection = Reconnection(script, client)
        self._write = record
        self._shown: set[int] = set()
        self._displayed: set[int] = set()
        self._due_us = NEVER
        self._wake_us = NEVER
        self._polls = 0
        self._quiet_polls = 0
        self._poll_in_flight = False
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
        """The WebSocket is open: re-arm (C1)."""
        self._is_open = True
        self._failed_attempts = 0
        self._record("websocket_opened")
        if not self._terminal:
            self._arm()

    def closed(self, reason: str) -> None:
        """The WebSocket, or the attempt to open it, is gone; polling goes on, and the next attempt comes (C10)."""
        self._record("websocket_closed", detail=reason)
        self._failed_attempts += not self._is_open
        self._is_open = False
        if self._reconnection.wanted:
            delay_us = self._reconnection.delay_us(self._attempts, self._failed_attempts)
            Happening(self._clock, self._clock.now_us + delay_us, MOUNT, self._client, self._connect)

    def received(self, message: Message) -> None:
        """A message: show it if it is of this run, and re-arm in any case (C2, C6, C7)."""
        self._quiet_polls = 0
        if message.event < 0:
            self._record("message_received", detail="other")
        else:
            self._record("message_received", message.event)
            self._record("event_repeated" if message.event in self._shown else "event_shown", message.event)
            self._shown.add(message.event)
            self._displayed.add(message.event)
        self._end(message.event if message.terminal else None)

    def answered(self, history: list[RunEvent]) -> None:
        """A poll's answer replaces what is displayed (C6, B9)."""
        self._poll_in_flight = False
        self._quiet_polls += 1
        self._record("poll_answered", detail=str(len(history)))
        for event in sorted(event for event in self._displayed if event >= len(history)):
            self._record("event_erased", event)
        new = [event for event in range(len(history)) if event not in self._shown]
        back = [event for event in range(len(history)) if event in self._shown and event not in self._displayed]
        for event in new:
            self._record("event_shown", event)
        for event in back:
            self._record("event_repeated", event)
        self._displayed = set(range(len(history)))
        self._shown.update(new)
        terminals = [index for index, event in enumerate(history) if event.terminal]
        self._end(terminals[0] if terminals else None)

    def failed(self, reason: str) -> None:
        """A poll that failed is finished all the same (C4)."""
        self._poll_in_flight = False
        self._quiet_polls += 1
        self._record("poll_failed", detail=reason)
        self._end(None)

    def _end(self, terminal: int | None) -> None:
        """How every message and finished poll ends: at the terminal stop for good, before it re-arm (C2, C4, C5)."""
        if self._terminal:
            return
        if terminal is None:
            self._arm()
            return
        self._terminal = True
        self._record("terminal_reached", terminal)
        if self._due_us != NEVER:
            self._due_us = NEVER
            self._record("timer_cleared")

    def _arm(self) -> None:
        """Set the poll timer to now + interval. It wakes once for many re-arms and looks whether it is due."""
        if not self._policy.polling:
            return
        self._due_us = self._clock.now_us + self._backoff.interval_us(self._quiet_polls)
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

    def _poll(self) -> None:
        self._record("poll_sent")
        self._poll_in_flight = True
        self._polls += 1
        self._link.poll(self._polls - 1)

    def _record(self, kind: str, event: int = -1, detail: str = "") -> None:
        self._write((self._clock.now_us, self._client, kind, event, detail))
