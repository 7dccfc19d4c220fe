"""What a client shows: as the document has it (C6, B9), or by sequence (P4 to P6)."""

from collections.abc import Iterable
from typing import NamedTuple

from sim.contract.wire import Message, is_terminal
from sim.reference.steps import Record


class Change(NamedTuple):
    """The rows of what is erased, shown and repeated, and the terminal event that the client knows thereby, if any."""

    rows: list[Record]
    terminal: int | None


class Replacing:
    """An answer replaces what is displayed, a message appends; it cannot know what it has missed.

    The keys of dicts stand for ordered sets of events.
    """

    after = None
    behind = False
    holds_terminal = False

    def __init__(self) -> None:
        self._displayed: dict[int, None] = {}
        self._ever_shown: dict[int, None] = {}

    def heard_of(self, seq: int) -> None:
        """There is an event of this seq; only its message or an answer matters."""

    def received(self, message: Message) -> Change:
        """A message of this run has come."""
        event = message.seq
        again = event in self._ever_shown
        self._displayed[event] = self._ever_shown[event] = None
        rows = [Record("event_repeated" if again else "event_shown", event)]
        return Change(rows, event if is_terminal(message.type) else None)

    def answered(self, history: list[Message]) -> Change:
        """A poll has brought the run's whole history."""
        answer = dict.fromkeys(sorted(m.seq for m in history))
        erased = [e for e in sorted(self._displayed) if e not in answer]
        shown = [e for e in answer if e not in self._ever_shown]
        repeated = [e for e in answer if e in self._ever_shown and e not in self._displayed]
        self._displayed = answer
        self._ever_shown.update(answer)
        rows = [Record("event_erased", e) for e in erased]
        rows += [Record("event_shown", e) for e in shown]
        rows += [Record("event_repeated", e) for e in repeated]
        return Change(rows, next((m.seq for m in history if is_terminal(m.type)), None))


class InOrder:
    """Each event once, after all before it; what comes too early is held back."""

    def __init__(self) -> None:
        self._next = 0
        self._newest = -1
        self._held: dict[int, bool] = {}  # by seq: whether it is terminal

    @property
    def after(self) -> int | None:
        """The last event shown, as a poll names it (P2)."""
        return self._next - 1 if self._next else None

    @property
    def behind(self) -> bool:
        """Whether it has heard of an event that it has not shown (P5)."""
        return self._newest >= self._next

    @property
    def holds_terminal(self) -> bool:
        """Whether a terminal event waits for what is missing before it."""
        return any(self._held.values())

    def heard_of(self, seq: int) -> None:
        """There is an event of this seq; -1: there is none."""
        self._newest = max(self._newest, seq)

    def received(self, message: Message) -> Change:
        """A message of this run has come."""
        return self._taken([message])

    def answered(self, history: list[Message]) -> Change:
        """A poll has brought what is newer."""
        return self._taken(history)

    def _taken(self, messages: Iterable[Message]) -> Change:
        for message in messages:
            self.heard_of(message.seq)
            if message.seq >= self._next:
                self._held.setdefault(message.seq, is_terminal(message.type))
        rows, terminal = [], None
        while self._next in self._held:
            if self._held.pop(self._next) and terminal is None:  # the first is the one that is reached (P6)
                terminal = self._next
            rows.append(Record("event_shown", self._next))
            self._next += 1
        return Change(rows, terminal)
