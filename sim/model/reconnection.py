"""Reconnection: how long a client waits before its next attempt to open the WebSocket (C8, C10)."""

from sim.contract.script import ClientScript, Script


class Reconnection:
    """One client's attempts, numbered from 0, the mount's.

    wanted: whether it makes any but that.
    """

    def __init__(self, script: Script, client: ClientScript) -> None:
        self.wanted = script.policy.reconnect != "none"
        self._grows = script.policy.reconnect == "exponential"
        self._jitter = script.policy.jitter
        self._delay_us = script.reconnect_delay_us
        self._longest_us = script.reconnect_max_us
        self._draws = client.reconnect_draw

    def delay_us(self, attempt: int, failed: int) -> int:
        """Microseconds until this attempt, with so many failed since the last opening or the mount."""
        delay_us = self._delay_us
        if self._grows:
            delay_us = min(delay_us << min(failed, _ENOUGH), self._longest_us)
        if self._jitter == "none":
            return delay_us
        drawn = self._draws[attempt % len(self._draws)]
        kept_us = delay_us // 2 if self._jitter == "equal" else 0
        return max(kept_us + ((delay_us - kept_us) * drawn >> 32), 1)


_ENOUGH = 64
"""So many doublings of a microsecond are longer than any limit."""
