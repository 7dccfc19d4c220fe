"""The clock of a performance and the rows that it writes (DESIGN.md sections 6 and 9)."""

import asyncio

from sim.contract.trace import Row


class Clock:
    """The loop's time as microseconds since zero; zero is set when everything is ready."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._zero = loop.time()

    def start(self, zero: float) -> None:
        """Let zero be then, by the loop's time."""
        self._zero = zero

    def now_us(self) -> int:
        """Microseconds since zero; negative before it."""
        return round((self._loop.time() - self._zero) * 1e6)

    def when(self, time_us: int) -> float:
        """The loop's time, for call_at, of an instant."""
        return self._zero + time_us / 1e6


class Recorder:
    """The rows of one performance, from zero to its horizon.

    in_flight: messages published and neither received nor lost so far, other runs' included.
    """

    def __init__(self, horizon_us: int) -> None:
        self.rows: list[Row] = []
        self.in_flight = 0
        self._horizon_us = horizon_us

    def record(self, time_us: int, client: int, kind: str, event: int = -1, detail: str = "") -> None:
        """Keep a row; what lies outside the performed time is dropped."""
        if kind in ("message_received", "message_lost"):
            self.in_flight -= 1
        if 0 <= time_us <= self._horizon_us:
            self.rows.append((time_us, client, kind, event, detail))
