"""Listing: the client that the document's React hook really is (D1 to D9)."""

from collections.abc import Callable

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row, seconds
from sim.model.link import Link
from sim.model.message import DETAIL, OTHER, Message
from sim.model.orchestrator import Answer
from sim.model.screen import Screen
from sim.model.turns import MOUNT, TIMER, Clock, Happening

TERMINAL = ("workflow_completed", "workflow_failed")
"""The types that the listing tests for (D7)."""


class Listing:
    """One mounted component; its parts are called as the code calls them."""

    def __init__(
        self, clock: Clock, script: Script, client: ClientScript, link: Link, record: Callable[[Row], None]
    ) -> None:
        self._clock = clock
        self._script = client
        self._client = client.client
        self._poll_interval_us = script.poll_interval_us
        self._link = link
        self._write = record
        self._events = Screen(self._record)
        self._is_terminal = False
        self._poll_timer: Happening | None = None
        self._pending: set[Happening | None] = set()
        self._polls = 0
        self._attempts = 0
        link.attach(self)
        Happening(clock, client.start_us, MOUNT, self._client, self._effect)

    def _effect(self, _: Happening) -> None:
        """Open the WebSocket; it arms nothing (D1, D8)."""
        self._attempts += 1
        self._link.connect(self._attempts - 1)

    def opened(self) -> None:
        """`ws.onopen`, also of the socket that the terminal opens (D2, D12)."""
        self._record("websocket_opened")
        self._reset_poll_timer()

    def received(self, message: Message) -> None:
        """`ws.onmessage`: append, re-arm, look whether a run has ended, whichever (D3, D7)."""
        self._record("message_received", message.event, DETAIL[message.kind])
        self._events.received(message)
        events = self._script.other_events if message.kind == OTHER else self._script.events
        ends = events[message.position].type in TERMINAL
        if not ends or self._is_terminal:  # else the timer would be armed and cleared in one turn
            self._reset_poll_timer()
        if ends:
            self._set_is_terminal(message.event, DETAIL[message.kind])

    def closed(self, reason: str) -> None:
        """`ws.onclose`: nothing but polling is left."""
        self._record("websocket_closed", detail=reason)

    def _poll_events(self, timer: Happening) -> None:
        """The timer has fired: poll, whatever is in flight (D4)."""
        if timer in self._pending:
            self._pending.remove(timer)
            self._record("poll_sent")
            self._polls += 1
            self._link.poll(self._polls - 1, self._events.cursor)

    def answered(self, answer: Answer) -> None:
        """An answer replaces what is displayed and re-arms nothing (D5); its last event may have ended the run (D7)."""
        self._record("poll_answered", detail=str(len(answer.events)))
        self._events.answered(answer)
        if answer.events and answer.events[-1].type in TERMINAL:
            self._set_is_terminal(len(answer.events) - 1)

    def failed(self, reason: str) -> None:
        """An error's body has no events, so none are displayed; a timeout throws before that (D6)."""
        self._record("poll_failed", detail=reason)
        if reason != "timeout":
            self._events.answered(Answer(0, []))

    def _set_is_terminal(self, event: int, detail: str = "") -> None:
        """The first time the timer is cleared, and the effect cleaned up and run again (D8)."""
        if self._is_terminal:
            return
        self._is_terminal = True
        self._record("terminal_reached", event, detail)
        self._clear_timeout()
        self._link.close()
        Happening(self._clock, self._clock.now_us, MOUNT, self._client, self._effect)

    def _reset_poll_timer(self) -> None:
        """`resetPollTimer`: the remembered timer makes way for a new one, after the terminal for none (D2, D9)."""
        if self._is_terminal:
            self._clear_timeout()
        else:
            self._pending.discard(self._poll_timer)
            self._set_timeout()

    def _set_timeout(self) -> None:
        """Arm a timer and remember it."""
        due_us = self._clock.now_us + self._interval_us()
        self._record("timer_armed", detail=seconds(due_us))
        self._poll_timer = Happening(self._clock, due_us, TIMER, self._client, self._poll_events)
        self._pending.add(self._poll_timer)

    def _clear_timeout(self) -> None:
        """Clear the remembered timer, if it is pending."""
        if self._poll_timer in self._pending:
            self._pending.remove(self._poll_timer)
            self._record("timer_cleared")

    def _interval_us(self) -> int:
        return self._poll_interval_us

    def _record(self, kind: str, event: int = -1, detail: str = "") -> None:
        self._write((self._clock.now_us, self._client, kind, event, detail))
