"""The link of one client: what the script does to its handshakes, messages and polls (DESIGN.md sections 3 and 8)."""

import asyncio
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

import orjson

from sim.contract.script import ANSWERED, ClientScript
from sim.contract.wire import other_run
from sim.reference import turns
from sim.reference.recorder import Clock, Recorder
from sim.reference.turns import OTHER, Rank

UNKNOWN = 2 * OTHER
"""What is no message of the script comes after all that are."""


class PollPlan(NamedTuple):
    """What happens to a poll: forwarded and answered at these times of the loop, or its fate."""

    forward: float
    answer: float
    fate: int


class _Held(NamedTuple):
    """A message on its way: by the loop's microseconds, then in the order of the instant, then as it came."""

    arrival_us: int
    order: int
    came: int
    frame: bytes


class Passage:
    """One WebSocket attempt on its way through the proxy, from the client's request to the end of both halves.

    Messages wait here for their turn to arrive (L1); none passes before the client's half is open.
    """

    def __init__(self, link: "Link | None", client_half: asyncio.Transport) -> None:
        self.lost = False
        self._upstream: asyncio.Transport | None = None
        self._link = link
        self._client_half = client_half
        self._open = False
        self._loop = asyncio.get_running_loop()
        self._held: list[_Held] = []
        self._came = count()
        self._latest_us = 0
        self._timer: asyncio.TimerHandle | None = None

    def connected(self, upstream: asyncio.Transport | None) -> None:
        """The server's half is open; the client may have gone meanwhile."""
        self._upstream = upstream
        if self.lost and upstream is not None:
            upstream.write(CLOSE_FRAME)

    def open(self) -> None:
        """The client's half is open: what has come meanwhile may arrive."""
        self._open = True
        self._await_next()

    def frame(self, payload: bytes, frame: bytes) -> None:
        """A message comes from the server: withhold it, or hold it until its turn (L1)."""
        link = self._link
        message = None if link is None else link.identify(payload)
        if link is not None and message is not None:
            if self.lost or self._client_half.is_closing():
                link.record_lost([message], "connection-lost")
                return
            if link.is_lost(message):
                link.record_lost([message], "fault")
                return
            latency_us = link.latency_us(message)
        elif self.lost:
            return
        else:
            latency_us = 0
        self._latest_us = max(self._now_us() + latency_us, self._latest_us)
        order = UNKNOWN if message is None else message
        held = _Held(self._latest_us, order, next(self._came), frame)
        heappush(self._held, held)
        if self._open and self._held[0] is held:  # an own message goes before another run's of the same instant (B11)
            self._await_next()

    def _await_next(self) -> None:
        """Wait for the turn of the first of those held."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held:
            first = self._held[0]
            client = -1 if self._link is None else self._link.client
            rank = (turns.ARRIVE, client, first.order)
            self._timer = turns.call_at(first.arrival_us / 1e6, rank, self._release)

    def _release(self) -> None:
        now_us = max(self._now_us(), self._held[0].arrival_us)  # a timer may come a little early
        due = []
        while self._held and self._held[0].arrival_us <= now_us:
            due.append(heappop(self._held).frame)
        self._client_half.write(b"".join(due))
        self._await_next()

    def _now_us(self) -> int:
        return round(self._loop.time() * 1e6)

    def server_gone(self) -> None:
        """The server has closed, or never opened: in the latter case the client is answered, not cut off."""
        if self._upstream is not None:
            self.lose()
            self._close_client_half()

    def lose(self) -> None:
        """The connection breaks for both ends; what is still held is lost with it (L2, L3).

        The server's half ends by a closing handshake: what the hub had written before it learnt of this is still
        read and recorded, and only then the client's half closes, since losses come before the close (L2).
        """
        if self.lost:
            return
        self.lost = True
        if self._timer is not None:
            self._timer.cancel()
        if self._link is not None:
            held = sorted(held.order for held in self._held if held.order != UNKNOWN)
            self._link.record_lost(held, "connection-lost")
        self._held.clear()
        if self._upstream is None:
            self._close_client_half()
        else:
            self._upstream.write(CLOSE_FRAME)
            self._timer = self._loop.call_later(HUB_CLOSES_WITHIN_S, self._close_client_half)

    def _close_client_half(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._client_half.close()  # not abort: what was passed on has arrived (L1)


HUB_CLOSES_WITHIN_S = 0.5
"""A hub that does not answer the close frame does not keep the client's half open longer than this."""

CLOSE_FRAME = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
"""A client's close frame with code 1000 and an all-zero mask (RFC 6455 sections 5.3 and 5.5.1)."""


class Link:
    """Performs one client's script on whatever passes between this client and the servers.

    client: whose link it is.
    passages: WebSocket attempts that are under way or open.
    """

    def __init__(self, script: ClientScript, run_id: str, username: str, *, clock: Clock, recorder: Recorder) -> None:
        self.client = script.client
        self.run_id = run_id
        self.username = username
        self.passages: dict[Passage, None] = {}
        self._script = script
        self._other_run_id = other_run(run_id)
        self._clock = clock
        self._recorder = recorder
        self._attempts = 0
        self._polls = 0
        self._next_loss = 0

    def schedule(self) -> None:
        """Wait for the next instant at which the connection is lost (L5)."""
        losses = self._script.connection_lost_us
        if self._next_loss < len(losses):
            when = self._clock.when(losses[self._next_loss])
            turns.call_at(when, (turns.CLOSE, self.client, 0), self._lose)

    @property
    def may_lose(self) -> bool:
        """Whether a scripted loss of the connection is still to come."""
        return self._next_loss < len(self._script.connection_lost_us)

    def _lose(self) -> None:
        self._next_loss += 1
        for passage in list(self.passages):
            passage.lose()
        self.schedule()

    def attempt(self) -> tuple[float, Rank, bool]:
        """A handshake starts: until when it is held, by the loop's time, its turn, and whether it is refused (L5).

        The first attempt starts with the client; its request reaches us a little later.
        """
        started_us = self._script.start_us if self._attempts == 0 else self._clock.now_us()
        connect_us = self._script.connect_us
        hold_us = connect_us[min(self._attempts, len(connect_us) - 1)] if connect_us else 0
        self._attempts += 1
        refused = any(w.from_us <= started_us < w.until_us for w in self._script.refused_windows)
        # a scripted loss at the same instant comes before the refusal
        rank = (turns.CLOSE, self.client, 1) if refused else (turns.OPEN, self.client, 0)
        return self._clock.when(started_us + hold_us), rank, refused

    def poll(self) -> PollPlan:
        """A poll is sent: its number decides its fate, then the first window that holds (C9, B8)."""
        sent_us, number = self._clock.now_us(), self._polls
        self._polls += 1
        # beyond the drawn polls lies only what the last instants before the end may still send
        known = number < len(self._script.poll_fate)
        latency_us = self._script.poll_latency_us[number] if known else 0
        fate = self._script.poll_fate[number] if known else ANSWERED
        if fate == ANSWERED:
            windows = self._script.poll_windows
            fate = next((w.fate for w in windows if w.from_us <= sent_us < w.until_us), ANSWERED)
        return PollPlan(self._clock.when(sent_us + latency_us // 2), self._clock.when(sent_us + latency_us), fate)

    def identify(self, payload: bytes | str) -> int | None:
        """Which scripted event this message is: its index, other runs' after OTHER; None for anything else."""
        try:
            data = orjson.loads(payload)
            run_id, seq = data["run_id"], data["seq"]
        except (ValueError, TypeError, KeyError):
            return None
        if type(seq) is not int or seq < 0:  # true is an int too
            return None
        if run_id == self.run_id and seq < len(self._script.events):
            return seq
        if run_id == self._other_run_id and seq < len(self._script.other_events):
            return OTHER + seq
        return None

    def is_lost(self, message: int) -> bool:
        """Whether a fault takes this message (L4)."""
        if message >= OTHER:
            return self._script.other_lost[message - OTHER]
        return self._script.event_lost[message]

    def latency_us(self, message: int) -> int:
        """How long this message is on its way (L1)."""
        if message >= OTHER:
            return self._script.other_latency_us[message - OTHER]
        return self._script.event_latency_us[message]

    def record_lost(self, messages: list[int], reason: str) -> None:
        """Write the loss of these messages, in the order given (L2, B3)."""
        now_us = self._clock.now_us()
        for message in messages:
            event = -1 if message >= OTHER else message
            self._recorder.record(now_us, self._script.client, "message_lost", event, reason)

    def unroutable(self, payload: bytes) -> None:
        """The hub had no connection for this message (L2)."""
        message = self.identify(payload)
        if message is not None:
            self.record_lost([message], "no-connection")
