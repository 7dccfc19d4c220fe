"""Backoff listing: the document's React hook with its progressive backoff (D10 to D14)."""

from collections.abc import Callable

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row
from sim.model.backoff import Backoff
from sim.model.link import Link
from sim.model.listing import Listing
from sim.model.message import Message
from sim.model.orchestrator import Answer
from sim.model.turns import Clock


class BackoffListing(Listing):
    """The hook with `pollEvents` and `ws.onmessage` of the alternative.

    Only the timer that was armed last is remembered: one that a message arms while a poll is in flight is forgotten
    when that comes back, and goes on besides.
    """

    def __init__(
        self,
        clock: Clock,
        script: Script,
        client: ClientScript,
        link: Link,
        backoff: Backoff,
        record: Callable[[Row], None],
    ) -> None:
        super().__init__(clock, script, client, link, record)
        self._backoff = backoff
        self._polls_back = 0

    def received(self, message: Message) -> None:
        """`ws.onmessage`: back to the shortest interval, before it re-arms (D10)."""
        self._polls_back = 0
        super().received(message)

    def answered(self, answer: Answer) -> None:
        """An answer re-arms, unless it is what ends the run (D11, D14)."""
        was_terminal = self._is_terminal
        super().answered(answer)
        self._polls_back += 1
        if self._is_terminal == was_terminal:
            self._set_timeout()

    def failed(self, reason: str) -> None:
        """An error re-arms like an answer; a timeout throws before that, and its chain ends (D11, D13)."""
        super().failed(reason)
        if reason != "timeout":
            self._polls_back += 1
            self._set_timeout()

    def _interval_us(self) -> int:
        return self._backoff.wait_us(self._polls_back)
