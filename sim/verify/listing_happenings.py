"""The rows that the document's listings write, as a grammar (D1 to D14, docs/listings.md)."""

from sim.verify.happenings import ARRIVE, FINISH, OF_DISPLAY, OPEN, Reader, Turns, Unparsed


class ListingReader(Reader):
    """Reads the rows of a client that is performed as the document's code.

    What a chain of timers besides may do after the terminal (D14) is not told by rows, so it may be or not.
    """

    closes = (*Reader.closes, "client")

    @property
    def _chains(self) -> bool:
        return self._policy is not None and self._policy.listing == "backoff"

    def mount(self) -> Turns:
        """There is nothing to arm at the mount."""
        raise Unparsed("timer_armed follows nothing that arms (D1)")

    def open(self) -> Turns:
        """The WebSocket opens, and arms the timer until the terminal (D2)."""
        self._take("websocket_opened")
        self._reset(may_end=False)
        return (OPEN,)

    def message(self) -> Turns:
        """A message arrives (D3, D8, D9)."""
        event = self._take("message_received")[3]
        if event >= 0:
            self._take("event_repeated" if self._is("event_repeated") else "event_shown", event)
        self._reset(may_end=True)
        return (ARRIVE,)

    def answer(self) -> Turns:
        """A poll is answered (D5, D11)."""
        self._take("poll_answered")
        for kind in OF_DISPLAY:
            while self._is(kind):
                self._take(kind)
        self._come_back(may_end=True)
        return (FINISH,)

    def failure(self) -> Turns:
        """A poll fails (D6, D13)."""
        reason = self._take("poll_failed")[4]
        if reason not in ("error", "overloaded", "timeout"):
            raise Unparsed("poll_failed has a reason other than error, overloaded and timeout (B8)")
        if reason != "timeout":
            while self._is("event_erased"):
                self._take("event_erased")
            self._come_back(may_end=False)
        return (FINISH,)

    def _reset(self, *, may_end: bool) -> None:
        """A message or an opening re-arms; after the terminal it clears what a chain besides has armed (D12, D14)."""
        if not self._terminal:
            self._end(may_end=may_end, re_arms=self._arm)
        elif self._chains and self._is("timer_cleared"):
            self._take("timer_cleared")

    def _come_back(self, *, may_end: bool) -> None:
        """A poll's answer or error (D5, D6, D11)."""
        if may_end and not self._terminal and self._is("terminal_reached"):
            self._end(may_end=True, re_arms=self._arm)
        elif self._chains and (not self._terminal or self._is("timer_armed")):
            self._take("timer_armed")
