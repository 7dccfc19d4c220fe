"""The system around the clients: its delays, the fanout server, the orchestrator's queue (DESIGN.md section 5)."""

from typing import Annotated

from pydantic import Field, model_validator

from sim.contract.fields import Duration, PositiveSeconds, Table


class WebSocket(Table):
    """Delays of the WebSocket.

    connect_s: how long the opening handshake takes (L5).
    latency_s: how long a message is on its way to the client (L1).
    """

    connect_s: Duration = 0.0
    latency_s: Duration = 0.0


class Polling(Table):
    """Delays of a poll (C9).

    latency_s: the whole way there and back, half of it each.
    timeout_s: after how long the client gives up; an answer in that very instant is in time.
    """

    latency_s: Duration = 0.0
    timeout_s: PositiveSeconds = 10.0


class Fanout(Table):
    """The fanout server's limits and how it subscribes again.

    send_buffer_bytes: a connection with more unsent bytes is aborted (F3, L9).
    ping_every_s: from a connection's opening, a ping each time so much later (F4, F10).
    pong_within_s: a connection whose pong takes longer is closed (F4, F10).
    write_within_s: a connection that has not read by then what was written is closed (F4, L9).
    resubscribe_s: from a lost subscription until the first new try, doubling from try to try (F7).
    resubscribe_max_s: the longest such wait (F7).
    """

    send_buffer_bytes: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1 << 20
    ping_every_s: PositiveSeconds = 25.0
    pong_within_s: PositiveSeconds = 30.0
    write_within_s: PositiveSeconds = 10.0
    resubscribe_s: PositiveSeconds = 0.1
    resubscribe_max_s: PositiveSeconds = 2.0


class Orchestrator(Table):
    """The queue before the orchestrator's workers, and its heartbeat.

    workers: how many serve polls at a time; with none every poll is answered at once (O5).
    service_s: how long a worker takes for a poll; only with workers (O5).
    queue_limit: how many polls wait at most; one more is turned away with 503 (O5).
    retry_after_s: whole seconds that such an answer asks to wait (O5, P10).
    heartbeat_s: every so often each run tells its newest event; left out: never (P3).
    """

    workers: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    service_s: Duration = 0.0
    queue_limit: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1000
    retry_after_s: Annotated[int, Field(ge=0, le=86_400)] = 1
    heartbeat_s: PositiveSeconds | None = None

    @model_validator(mode="after")
    def _needs_workers(self) -> "Orchestrator":
        if not self.workers and self.service_s != 0.0:
            raise ValueError("service_s needs workers, of which there are none")
        return self
