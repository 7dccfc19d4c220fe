"""DESIGN.md section 3 for one client once more: slow, plain, and written from the rules alone."""

from collections.abc import Sequence

from sim import Script
from sim.contract.script import ANSWERED, ERROR, TIMEOUT, ServerOutage, Window
from sim.contract.trace import Row

from .oracle_world import BEHIND, CLOSE, EMIT, FINISH, FIRE, MOUNT, REACH, Connection, Order, Servers, Time


class Oracle(Time):
    """One client, from mount to horizon, without the orchestrator's queue, in which clients meet."""

    def __init__(self, script: Script, number: int) -> None:
        super().__init__(script, number)
        self.servers = Servers(self, self.to_connection, self.server_stopped)
        self.connection: Connection | None = None
        self.attempts = self.attempts_failed = 0
        self.history: list[int] = []
        self.displayed: set[int] = set()
        self.ever_shown: set[int] = set()
        self.timer: int | None = None  # identity of the timer that is pending
        self.polling: int | None = None  # number of the poll in flight
        self.terminal = False
        self.polls = self.quiet_polls = 0

    def run(self) -> list[Row]:
        me = self.me
        self.at(me.start_us, MOUNT, self.mount)
        for index, time_us in enumerate(me.event_us):
            self.at(time_us, EMIT, lambda i=index: self.emit((0, i)), (0, index))  # type: ignore[misc]
        for index, time_us in enumerate(me.other_us):
            self.at(time_us, EMIT, lambda i=index: self.emit((1, i)), (1, index))  # type: ignore[misc]
        for time_us in me.connection_lost_us:
            self.at(time_us, CLOSE, self.cut)
        for time_us in me.half_open_us:
            self.at(time_us, CLOSE, self.fall_silent)
        self.pass_to_the_horizon()
        return self.rows

    # W, R, L: what happens around the client

    def mount(self) -> None:  # C1, B6
        self.arm()
        if self.policy.poll_at_mount:
            self.send_poll()
        if self.policy.websocket:
            self.connect()

    def connect(self) -> None:  # L5, F9
        windows = self.me.refused_windows
        refused = not self.servers.fanout or any(start <= self.now < until for start, until in windows)
        self.connection = Connection(self, self.attempts, refused, self.told, self.arrive)
        self.attempts += 1

    def told(self, word: str) -> None:
        if word == "opened":
            self.attempts_failed = 0
            self.row("websocket_opened")
            self.arm()
            return
        self.row("websocket_closed", detail=word)
        self.reconnect()

    def reconnect(self) -> None:  # C10
        last = self.rows_of_attempts()[-2:]
        self.attempts_failed += last != ["websocket_opened", "websocket_closed"]
        policy, delay = self.policy, self.script.reconnect_delay_us
        if policy.reconnect == "none":
            return
        if policy.reconnect == "exponential":
            delay = min(delay * 2**self.attempts_failed, self.script.reconnect_max_us)
        if policy.jitter != "none":
            share = self.me.reconnect_draw[self.attempts % 32]
            if policy.jitter == "full":
                delay = delay * share // 2**32
            else:
                delay = delay // 2 + (delay - delay // 2) * share // 2**32
        self.at(self.now + max(delay, 1), MOUNT, self.connect)

    def rows_of_attempts(self) -> list[str]:
        return [row[2] for row in self.rows if row[2] in {"websocket_opened", "websocket_closed"}]

    def cut(self) -> None:  # L3, L5
        if self.connection:
            self.connection.cut()

    def fall_silent(self) -> None:  # L6
        if self.connection:
            self.connection.fall_silent()

    def server_stopped(self, word: str) -> None:
        if self.connection:
            self.connection.server_closes(word)

    def emit(self, message: Order) -> None:  # W2, B1
        other, index = message
        if not other:
            self.history.append(index)
            self.row("event_emitted", index)
            self.row("message_published", index)
        self.servers.publish(message)

    def to_connection(self, message: Order) -> None:  # L1, L2
        if self.connection and self.connection.there:
            self.connection.send(message)
        else:
            self.lost(message, "no-connection")

    # C: the client

    def arrive(self, message: Order) -> None:  # C2, C6, B1, B9
        other, index = message
        self.quiet_polls = 0
        if other:
            self.row("message_received", -1, "other")
            self.end(None)
            return
        self.row("message_received", index)
        self.row("event_repeated" if index in self.ever_shown else "event_shown", index)
        self.displayed.add(index)
        self.ever_shown.add(index)
        self.end(index if self.me.events[index].terminal else None)

    def end(self, terminal: int | None) -> None:  # C5, B5
        if self.terminal:
            return
        if terminal is None:
            self.arm()
            return
        self.terminal = True
        self.row("terminal_reached", terminal)
        if self.timer is not None:
            self.timer = None
            self.row("timer_cleared")

    def interval_us(self) -> int:  # C7, B10
        factor = self.script.backoff_factor
        if factor == 1:
            return self.script.poll_interval_us
        grown = int(self.script.poll_interval_us * factor**self.quiet_polls)  # rounds down, being positive
        return min(grown, self.script.backoff_max_us)

    def arm(self) -> None:
        if self.terminal or not self.policy.polling:
            return
        due_us = self.now + self.interval_us()
        self.row("timer_armed", detail=f"{due_us // 10**6}.{due_us % 10**6:06d}")
        self.timer = name = self.pushed
        self.at(due_us, FIRE, lambda: self.fire(name))

    def fire(self, name: int) -> None:  # C3
        if self.timer == name:
            self.timer = None
            if self.polling is None:
                self.send_poll()

    def send_poll(self) -> None:  # C9, C11, B8
        me, number, sent_us = self.me, self.polls, self.now
        self.polls += 1
        self.polling = number
        self.row("poll_sent")
        latency, timeout = me.poll_latency_us[number], self.script.poll_timeout_us
        windows = [w.fate for w in me.poll_windows if w.from_us <= sent_us < w.until_us]
        fate = me.poll_fate[number] or (windows[0] if windows else ANSWERED)
        self.at(sent_us + timeout, FINISH, lambda: self.fail(number, "timeout"), BEHIND)
        if fate != TIMEOUT:
            there = self.held(sent_us + latency // 2)
            self.at(there, REACH, lambda: self.reach(number, latency - latency // 2, fate == ERROR))

    def reach(self, number: int, back: int, error: bool) -> None:  # O3, L7
        answer, done = list(self.history), self.held(self.now + back)
        self.at(done, FINISH, lambda: self.fail(number, "error") if error else self.take_in(number, answer))

    def finish(self) -> None:
        self.polling = None
        self.quiet_polls += 1

    def fail(self, number: int, reason: str) -> None:
        if self.polling != number:
            return
        self.finish()
        self.row("poll_failed", detail=reason)
        self.end(None)

    def take_in(self, number: int, answer: list[int]) -> None:  # C6, B9
        if self.polling != number:
            return
        self.finish()
        self.row("poll_answered", detail=str(len(answer)))
        new, known = set(answer), set(self.ever_shown)
        for kind, some in (
            ("event_erased", self.displayed - new),
            ("event_shown", new - known),
            ("event_repeated", (new & known) - self.displayed),
        ):
            for index in sorted(some):
                self.row(kind, index)
        self.displayed = new
        self.ever_shown |= new
        self.end(next((i for i in answer if self.me.events[i].terminal), None))


def outages(script: Script) -> list[Row]:
    """B14: at one instant what ends comes first, and Redis before the fanout server."""
    both: list[tuple[int, str, Sequence[Window | ServerOutage]]] = [
        (0, "redis-outage", script.redis_outages),
        (1, "fanout-restart", script.fanout_outages),
    ]
    found = [(w.until_us, MOUNT, place, "outage_ended", kind) for place, kind, windows in both for w in windows]
    found += [(w.from_us, CLOSE, place, "outage_began", kind) for place, kind, windows in both for w in windows]
    return [(t, -1, row, -1, kind) for t, _, _, row, kind in sorted(found) if t <= script.horizon_us]


def told(script: Script) -> list[Row]:
    """The rows of all clients, and of the outages, in the order of a trace."""
    found = outages(script) + [row for number in range(script.clients) for row in Oracle(script, number).run()]
    return sorted(found, key=lambda row: row[:2])
