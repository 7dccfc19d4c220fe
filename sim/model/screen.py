"""Screen: what a client shows as the document has it: a message appends, an answer replaces (C6, B9)."""

from collections.abc import Callable

from sim.model.message import OWN, Message
from sim.model.orchestrator import Answer


class Screen:
    """One client's.

    cursor: asks each poll for the whole history.
    behind, holds_terminal: it never knows that anything is missing.
    """

    cursor = -1
    behind = False
    holds_terminal = False

    def __init__(self, record: Callable[[str, int], None]) -> None:
        self._record = record
        self._shown: set[int] = set()
        self._displayed: set[int] = set()

    def received(self, message: Message) -> int | None:
        """Append what a message brings; the terminal event that it is."""
        if message.kind != OWN:
            return None
        event = message.position
        self._record("event_repeated" if event in self._shown else "event_shown", event)
        self._shown.add(event)
        self._displayed.add(event)
        return event if message.terminal else None

    def answered(self, answer: Answer) -> int | None:
        """Put an answer in place of what is displayed; the first terminal event in it (B5)."""
        answered = set(range(len(answer.events)))
        for event in sorted(self._displayed - answered):
            self._record("event_erased", event)
        for event in sorted(answered - self._shown):
            self._record("event_shown", event)
        for event in sorted((answered & self._shown) - self._displayed):
            self._record("event_repeated", event)
        self._displayed = answered
        self._shown |= answered
        return next((index for index, event in enumerate(answer.events) if event.terminal), None)
