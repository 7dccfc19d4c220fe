"""The link of one client: what the script does to its handshakes, messages and polls (DESIGN.md sections 3 and 8)."""

import asyncio
from collections import deque
from collections.abc import Iterable
from math import ceil
from typing import NamedTuple

import orjson

from sim.contract import wire
from sim.contract.draws import NEVER
from sim.contract.scenario import Scenario
from sim.contract.script import ANSWERED, ClientScript, realize
from sim.reference import turns
from sim.reference.passage import NEWS, Passage
from sim.reference.recorder import Clock, Recorder
from sim.reference.turns import HEARTBEAT, OTHER, Rank

CUT, SILENCE = 0, 1
"""Scripted losses of one instant come in this order, then what servers tell (B4)."""


class PollPlan(NamedTuple):
    """What happens to a poll: when its request arrives, how long the way back takes, and what faults make of it.

    draw: which of the script's draws it takes (B20).
    """

    draw: int
    arrives_us: int
    back_us: int
    fate: int


class Link:
    """Performs one client's script on whatever passes between this client and the servers.

    client: whose link it is.
    passages: WebSocket attempts that are under way or open.
    """

    def __init__(
        self, script: ClientScript, run_id: str, username: str, *, horizon_us: int, clock: Clock, recorder: Recorder
    ) -> None:
        self.client = script.client
        self.run_id = run_id
        self.username = username
        self.passages: dict[Passage, None] = {}
        self.clock = clock
        self._script = script
        self._other_run_id = wire.other_run(run_id)
        self._horizon_us = horizon_us
        self._recorder = recorder
        self._attempts = 0
        self._polls = 0
        self._served: deque[int] = deque()
        self._on_their_way: dict[int, None] = {}
        # of own events, other runs' and heartbeats, as their numbers go
        self._message_lost = (script.event_lost, script.other_lost, script.heartbeat_lost)
        self._message_latency_us = (script.event_latency_us, script.other_latency_us, script.heartbeat_latency_us)

    def schedule(self) -> None:
        """Let each scripted loss of the connection come at its time (L5, L6)."""
        losses = [(time_us, CUT, self._cut) for time_us in self._script.connection_lost_us]
        losses += [(time_us, SILENCE, self._go_silent) for time_us in self._script.half_open_us]
        for time_us, order, happen in losses:
            if time_us <= self._horizon_us:
                turns.call_at(self.clock.when(time_us), (turns.CLOSE, self.client, order), happen)

    @property
    def steady_from_us(self) -> int:
        """After which instant nothing scripted happens to an open connection any more."""
        if self._script.read_bytes_per_s is not None:
            return self._horizon_us
        losses_us = (*self._script.connection_lost_us, *self._script.half_open_us)
        return max((*losses_us, *(window.until_us for window in self._script.partition_windows)), default=-1)

    def _cut(self) -> None:
        for passage in list(self.passages):
            passage.cut()

    def _go_silent(self) -> None:
        for passage in list(self.passages):
            passage.go_silent()

    def passes_us(self, time_us: int) -> int:
        """When what would pass then does pass: at a partition's end where that lies inside one (L7)."""
        windows = self._script.partition_windows
        return next((w.until_us for w in windows if w.from_us <= time_us < w.until_us), time_us)

    def attempt(self, *, reachable: bool) -> tuple[int, Rank, bool]:
        """A handshake has started: until when it is held, in which turn, and whether it is refused (L5, F9).

        The first attempt starts with the client; its request reaches us a little later.
        """
        number = self._attempts
        self._attempts += 1
        started_us = self._script.start_us if number == 0 else self.clock.now_us()
        refused = not reachable or any(w.from_us <= started_us < w.until_us for w in self._script.refused_windows)
        done_us = started_us + self._script.connect_us[number % len(self._script.connect_us)]
        rank = (turns.CLOSE, self.client, NEWS) if refused else (turns.OPEN, self.client, 0)
        return self.passes_us(done_us), rank, refused

    def poll(self) -> PollPlan:
        """A poll is sent: its number decides its fate, then the first window that holds (C9, B8, B20)."""
        sent_us, draw = self.clock.now_us(), self._polls % len(self._script.poll_fate)
        self._polls += 1
        fate = self._script.poll_fate[draw]
        if fate == ANSWERED:
            windows = self._script.poll_windows
            fate = next((w.fate for w in windows if w.from_us <= sent_us < w.until_us), ANSWERED)
        latency_us = self._script.poll_latency_us[draw]
        there_us = latency_us // 2
        return PollPlan(draw, self.passes_us(sent_us + there_us), latency_us - there_us, fate)

    def forwarded(self, plan: PollPlan) -> None:
        """The request of this poll goes to the orchestrator now."""
        self._served.append(plan.draw)

    def service_us(self) -> int:
        """How long a worker takes for the request that arrives: they arrive in the order in which they went (O5)."""
        # somebody else's request takes no time
        return self._script.poll_service_us[self._served.popleft()] if self._served else 0

    def identify(self, payload: bytes | str) -> int | None:
        """Which scripted message this is: an event's index, other runs' after OTHER, a heartbeat's after HEARTBEAT.

        None for anything else.
        """
        try:
            data = orjson.loads(payload)
            beats = data["type"] == wire.HEARTBEAT and "seq" not in data
            run_id, index = data["run_id"], data["number" if beats else "seq"]
        except (ValueError, TypeError, KeyError):
            return None
        if type(index) is not int or index < 0:  # true is an int too
            return None
        if beats:
            return HEARTBEAT + index if run_id == self.run_id and index < len(self._script.heartbeat_us) else None
        if run_id == self.run_id and index < len(self._script.events):
            return index
        if run_id == self._other_run_id and index < len(self._script.other_events):
            return OTHER + index
        return None

    def is_lost(self, message: int) -> bool:
        """Whether a fault takes this message (L4)."""
        kind, index = divmod(message, OTHER)
        return self._message_lost[kind][index]

    def arrival_us(self, message: int, size_bytes: int, previous_us: int) -> int:
        """When this message, published now, arrives behind the one before it on its connection (L1, L7, L9)."""
        kind, index = divmod(message, OTHER)
        latency_us = self._message_latency_us[kind][index]
        arrival_us = max(self.clock.now_us() + latency_us, previous_us)
        if self._script.read_bytes_per_s:
            arrival_us += ceil(min(size_bytes * 1e6 / self._script.read_bytes_per_s, NEVER))
        return self.passes_us(arrival_us)

    @property
    def read_bytes_per_s(self) -> float | None:
        """How fast a slow reader reads (L9); None for any other client."""
        return self._script.read_bytes_per_s

    def published(self, message: int) -> None:
        """This message goes to Redis now."""
        self._on_their_way[message] = None

    def arrived(self, message: int) -> None:
        """The client has it."""
        self._on_their_way.pop(message, None)

    @property
    def on_their_way(self) -> list[int]:
        """Messages published and neither arrived nor lost, own first (B3)."""
        return sorted(self._on_their_way)

    def lost(self, messages: Iterable[int], reason: str) -> None:
        """Write the loss of those of these messages that have not ended yet, in the order given (L2)."""
        now_us = self.clock.now_us()
        for message in messages:
            if message in self._on_their_way:
                del self._on_their_way[message]
                event = -1 if message >= OTHER else message
                self._recorder.record(now_us, self.client, "message_lost", event, reason)

    def undelivered(self, payload: bytes | str, reason: str) -> None:
        """A server had to drop this message (L2, R4, R5)."""
        message = self.identify(payload)
        if message is not None:
            self.lost([message], reason)

    def aborted(self, reason: str) -> None:
        """The server has given this client's connection up, which a reader that reads nothing would not notice (L9)."""
        if reason == "overflow":
            self.lost(self.on_their_way, "overflow")
        for passage in list(self.passages):
            passage.server_gone()

    def server_stops(self) -> None:
        """The fanout server is about to stop, which a reader that reads nothing would not notice (F8, L9)."""
        for passage in self.passages:
            passage.drain()


def stranger() -> Link:
    """The link of somebody who is in no script: nothing befalls it, and nothing is recorded."""
    nobody = realize(Scenario(title="nobody", horizon_s=0.0)).client(0)
    return Link(nobody, "", "", horizon_us=-1, clock=Clock(asyncio.get_running_loop()), recorder=Recorder(-1))
