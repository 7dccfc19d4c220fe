"""Reconnection: how long a client waits before it opens a lost WebSocket again (C8, C10)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract.policy import Jitter, Reconnect


@dataclass(frozen=True, slots=True)
class Reconnection:
    """The choices of a policy; draws hold 32 bits for each attempt."""

    kind: Reconnect = "none"
    jitter: Jitter = "none"
    delay_us: int = 1_000_000
    max_us: int = 30_000_000
    draws: Sequence[int] = ()

    def wait_us(self, attempt: int, failed: int) -> int | None:
        """Microseconds until this attempt after so many failed ones since the last opening; None: there is no other."""
        if self.kind == "none":
            return None
        wait_us = self.delay_us
        if self.kind == "exponential":
            # past 64 doublings of a microsecond every limit is reached
            wait_us = min(self.delay_us << min(failed, 64), self.max_us)
        if self.jitter == "none":
            return max(1, wait_us)
        certain_us = wait_us // 2 if self.jitter == "equal" else 0
        drawn = self.draws[attempt % len(self.draws)]
        return max(1, certain_us + ((wait_us - certain_us) * drawn >> 32))
