"""What surrounds the oracle's client: time, the servers and the way to them, slow and plain, from the rules alone."""

import heapq
import json
import math
from collections.abc import Callable
from fractions import Fraction

from sim import Script
from sim.contract.trace import Row

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REACH, FINISH, FIRE, SERVER = range(9)
Order = tuple[int, int]  # (0, index) of an own event, (1, index) of another run's: sorts as an instant does
BEFORE_CLIENTS, BEHIND = (-1, 0), (2, 0)
NEVER = 10**30


class Time:
    """What is to come, the rows so far, and which client all is about."""

    def __init__(self, script: Script, number: int) -> None:
        self.script, self.me, self.policy = script, script.client(number), script.policy
        self.rows: list[Row] = []
        self.queue: list[tuple[int, int, Order, int, Callable[[], None]]] = []
        self.pushed = self.now = 0

    def pass_to_the_horizon(self) -> None:
        while self.queue and self.queue[0][0] <= self.script.horizon_us:
            self.now, *_, act = heapq.heappop(self.queue)
            act()

    def at(self, time_us: int, turn: int, act: Callable[[], None], order: Order = (0, 0)) -> None:
        self.pushed += 1
        heapq.heappush(self.queue, (time_us, turn, order, self.pushed, act))

    def row(self, kind: str, event: int = -1, detail: str = "") -> None:
        self.rows.append((self.now, self.me.client, kind, event, detail))

    def lost(self, message: Order, reason: str) -> None:  # L2, B1, B13
        self.row("message_lost", -1 if message[0] else message[1], reason)

    def held(self, time_us: int) -> int:  # L7
        return next((until for start, until in self.me.partition_windows if start <= time_us < until), time_us)


class Servers:
    """Redis and the fanout server (R4, R5, F7, F8); what they do not lose goes to `send`."""

    def __init__(self, time: Time, send: Callable[[Order], None], stopped: Callable[[str], None]) -> None:
        self.time, self.send, self.stopped = time, send, stopped
        self.redis = self.fanout = self.subscribed = True
        self.tries: list[int] = []  # when to try, of the loss that counts
        for start, until in time.script.redis_outages:
            time.at(start, CLOSE, self.redis_goes, BEFORE_CLIENTS)
            time.at(until, MOUNT, self.redis_returns, BEFORE_CLIENTS)
        for start, until, killed in time.script.fanout_outages:
            goodbye = "connection-lost" if killed else "going-away"
            time.at(start, CLOSE, lambda word=goodbye: self.fanout_goes(word), BEFORE_CLIENTS)  # type: ignore[misc]
            time.at(until, MOUNT, self.fanout_returns, BEFORE_CLIENTS)

    def publish(self, message: Order) -> None:
        if not self.redis:
            self.time.lost(message, "redis-outage")
        elif not self.subscribed:
            self.time.lost(message, "no-subscriber")
        else:
            self.send(message)

    def redis_goes(self) -> None:
        self.redis = False
        if self.subscribed:
            self.subscribed = False
            self.try_again(0)

    def redis_returns(self) -> None:
        self.redis = True

    def fanout_goes(self, word: str) -> None:
        self.fanout = self.subscribed = False
        self.tries = []
        self.stopped(word)

    def fanout_returns(self) -> None:
        self.fanout = True
        self.subscribed = self.redis
        if not self.redis:
            self.try_again(0)

    def try_again(self, n: int) -> None:
        time = self.time
        due = time.now + min(time.script.resubscribe_us * 2**n, time.script.resubscribe_max_us)
        self.tries = [due]
        time.at(due, SERVER, lambda: self.try_now(n))

    def try_now(self, n: int) -> None:
        if self.tries == [self.time.now]:
            self.tries = []
            self.subscribed = self.redis
            if not self.redis:
                self.try_again(n + 1)


class Connection:
    """One WebSocket (L1, L2, L5 to L7, L9, F3, F4, F8 to F10)."""

    def __init__(
        self,
        time: Time,
        attempt: int,
        refused: bool,
        told: Callable[[str], None],
        show: Callable[[Order], None],
    ) -> None:
        self.time, self.told, self.show = time, told, show
        self.here = "opening"  # for the client: opening, open, over
        self.there = False  # for the server
        self.failed = self.silent = False
        self.on_its_way: dict[Order, int] = {}
        self.behind = 0  # the previous arrival
        self.deadline: int | None = None
        self.check: list[Order] | None = None
        done = time.held(time.now + time.me.connect_us[attempt % 32])
        time.at(done, CLOSE if refused else OPEN, self.refuse if refused else self.open)

    def refuse(self) -> None:
        if self.here == "opening" and not self.failed:
            self.end("refused")

    def open(self) -> None:
        if self.here == "opening" and not self.failed:
            self.here, self.there = "open", True
            self.ping_later()
            self.told("opened")

    def end(self, word: str) -> None:  # L2, B3
        self.here, self.there = "over", False
        self.lose_all("connection-lost")
        self.told(word)

    def lose_all(self, reason: str) -> None:
        for message in sorted(self.on_its_way):
            self.time.lost(message, reason)
        self.on_its_way.clear()

    # what befalls it

    def cut(self) -> None:
        if self.here != "over":
            self.end("connection-lost")

    def fall_silent(self) -> None:  # L6
        if self.here == "opening":
            self.end("connection-lost")
        elif self.here == "open":
            self.silent = True
            self.lose_all("half-open")

    def server_closes(self, word: str) -> None:  # F8, F10, L7
        if self.failed or self.here == "over":
            return
        word = word if self.here == "open" else "connection-lost"
        self.there, self.failed = False, True
        if self.silent:
            return
        if self.time.held(self.time.now) == self.time.now:
            self.end(word)
        else:
            self.time.at(self.time.held(self.time.now), CLOSE, lambda: self.hear(word))

    def hear(self, word: str) -> None:
        if self.here != "over" and not self.silent:
            self.end(word)

    # messages

    def send(self, message: Order) -> None:
        time, me = self.time, self.time.me
        other, index = message
        if (me.other_lost if other else me.event_lost)[index]:
            time.lost(message, "fault")
        elif self.silent:
            time.lost(message, "half-open")
        else:
            latency = (me.other_latency_us if other else me.event_latency_us)[index]
            arrival = max(time.now + latency, self.behind)
            if me.read_bytes_per_s is not None:
                arrival += reading_us(size(time, message), me.read_bytes_per_s)
            self.behind = self.on_its_way[message] = time.held(arrival)
            time.at(self.behind, ARRIVE, lambda: self.arrive(message), message)
            if me.read_bytes_per_s is not None:
                self.limit_what_is_unsent()

    def arrive(self, message: Order) -> None:
        if self.on_its_way.pop(message, None) is not None:
            self.show(message)

    def limit_what_is_unsent(self) -> None:  # F3, F4, L9
        if sum(size(self.time, m) for m in self.on_its_way) > self.time.script.scenario.fanout.send_buffer_bytes:
            self.lose_all("overflow")
            self.server_closes("connection-lost")
        elif self.check is None:
            self.check_later()

    def check_later(self) -> None:
        self.check = list(self.on_its_way)
        self.time.at(self.time.now + self.time.script.write_within_us, SERVER, self.check_writing)

    def check_writing(self) -> None:
        late = [message for message in self.check or () if message in self.on_its_way]
        self.check = None
        if late:
            self.server_closes("connection-lost")
        elif self.on_its_way:
            self.check_later()

    # pings: always, also where every answer is sure to come

    def ping_later(self) -> None:
        self.time.at(self.time.now + self.time.script.ping_every_us, SERVER, self.ping)

    def ping(self) -> None:
        if not self.there:
            return
        slow = self.time.me.read_bytes_per_s is not None
        answer = max([self.time.held(self.time.now), *(self.on_its_way.values() if slow else ())])
        if self.silent or self.time.me.read_bytes_per_s == 0:
            answer = NEVER
        if answer > self.time.now:
            if self.deadline is None:
                self.deadline = self.time.now + self.time.script.pong_within_us
                self.time.at(self.deadline, SERVER, self.expire)
            self.time.at(answer, ARRIVE, self.pong)
        else:
            self.deadline = None
        self.ping_later()

    def pong(self) -> None:
        if not self.silent:
            self.deadline = None

    def expire(self) -> None:
        if self.deadline == self.time.now and self.there:
            self.server_closes("connection-lost")


def size(time: Time, message: Order) -> int:
    """Bytes of the message's JSON text."""
    me, (other, seq) = time.me, message
    event = (me.other_events if other else me.events)[seq]
    at_us = (me.other_us if other else me.event_us)[seq]
    text = {"type": event.type, "seq": seq, "timestamp": at_us / 10**6, "run_id": me.run_id + "/other" * other}
    text |= {} if event.node_id is None else {"node_id": event.node_id}
    data = "x" * time.script.scenario.workload.payload_bytes
    text |= {"data": data} if data else {}
    return len(json.dumps(text, separators=(",", ":"), ensure_ascii=False).encode())


def reading_us(size: int, bytes_per_s: float) -> int:
    return math.ceil(Fraction(size * 10**6) / Fraction(repr(bytes_per_s))) if bytes_per_s else NEVER
