"""What a fanout server counts, for people and for monitoring."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

PREFIX = "fanout_"


def _counted(about: str) -> Any:
    return field(default=0, metadata={"help": about})


@dataclass(slots=True)
class Counters:
    """Counts since the server's start; `subscribed`: whether Redis has it as a subscriber now."""

    connections_opened: int = _counted("WebSocket connections opened.")
    connections_closed: int = _counted("WebSocket connections that have ended, for any reason.")
    messages_received: int = _counted("Messages from Redis.")
    messages_malformed: int = _counted("Messages from Redis that are no JSON object, dropped.")
    messages_unroutable: int = _counted("Messages for whose user no connection was open.")
    frames_written: int = _counted("Text frames written, one per message and connection.")
    aborted_overflow: int = _counted("Connections aborted because too much lay unsent (F3).")
    aborted_write_timeout: int = _counted("Connections aborted because what was written stayed unsent (F4).")
    aborted_pong_timeout: int = _counted("Connections aborted because no pong came (F4).")
    closed_oversized: int = _counted("Connections closed because of a frame that is too long (F5).")
    subscriptions_made: int = _counted("Subscriptions that Redis has confirmed.")
    subscriptions_lost: int = _counted("Subscriptions that were lost (F7).")
    subscribed: bool = False

    @property
    def connections_open(self) -> int:
        """How many connections there are now."""
        return self.connections_opened - self.connections_closed

    def to_dict(self) -> dict[str, int | bool]:
        """All of it, for JSON."""
        return {"connections_open": self.connections_open, **{f.name: getattr(self, f.name) for f in fields(self)}}

    def to_prometheus(self) -> str:
        """All of it in Prometheus' text format (version 0.0.4)."""
        return "".join(
            f"# HELP {PREFIX}{name} {about}\n# TYPE {PREFIX}{name} {kind}\n{PREFIX}{name} {value}\n"
            for name, kind, about, value in self._metrics()
        )

    def _metrics(self) -> Iterator[tuple[str, str, str, int]]:
        yield "connections_open", "gauge", "WebSocket connections open now.", self.connections_open
        yield "subscribed", "gauge", "Whether Redis has us as a subscriber now (1) or not (0).", int(self.subscribed)
        for each in fields(self):
            if each.metadata:
                yield f"{each.name}_total", "counter", each.metadata["help"], getattr(self, each.name)
