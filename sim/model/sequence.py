"""Sequence: what a client shows that goes by sequence: each event once, and in order (P4 to P6)."""

from collections.abc import Callable

from sim.model.message import OWN, Message
from sim.model.orchestrator import Answer


class Sequence:
    """One client's.

    cursor: the seq up to which all is shown, -1 for nothing; a poll asks for what is newer (P2).
    """

    def __init__(self, record: Callable[[str, int], None]) -> None:
        self._record = record
        self._held: dict[int, bool] = {}  # whether it is a terminal event, by seq
        self._heard = -1
        self.cursor = -1

    @property
    def behind(self) -> bool:
        """Whether it has heard of an event that it has not shown (P5)."""
        return self._heard > self.cursor

    @property
    def holds_terminal(self) -> bool:
        """Whether it holds back a terminal event, something before it being missing."""
        return any(self._held.values())

    def received(self, message: Message) -> int | None:
        """Show what a message makes possible to show; the first terminal event among it (P6)."""
        self._heard = max(self._heard, message.newest)
        if message.kind == OWN:
            self._hold(message.position, message.terminal)
        return self._show()

    def answered(self, answer: Answer) -> int | None:
        """Show what an answer makes possible to show; the first terminal event among it (P6)."""
        for seq, event in enumerate(answer.events, answer.first):
            self._heard = max(self._heard, seq)
            self._hold(seq, event.terminal)
        return self._show()

    def _hold(self, seq: int, terminal: bool) -> None:
        if seq > self.cursor:
            self._held[seq] = terminal

    def _show(self) -> int | None:
        reached = None
        while self.cursor + 1 in self._held:
            self.cursor += 1
            self._record("event_shown", self.cursor)
            if self._held.pop(self.cursor) and reached is None:
                reached = self.cursor
        return reached
