"""DESIGN.md section 3 for one client once more: slow, plain, and written from the rules alone."""

import heapq
from collections.abc import Callable

from sim import Script
from sim.contract.script import ANSWERED, ERROR, TIMEOUT
from sim.contract.trace import Row

MOUNT, OPEN, CLOSE, EMIT, ARRIVE, REACH, FINISH, FIRE = range(8)
Message = tuple[int, int]  # (0, index) of an own event, (1, index) of another run's: sorts as an instant does


class Oracle:
    """One client, from mount to horizon."""

    def __init__(self, script: Script, number: int) -> None:
        self.script, self.me, self.policy = script, script.client(number), script.policy
        self.rows: list[Row] = []
        self.queue: list[tuple[int, int, Message, int, Callable[[], None]]] = []
        self.pushed = self.now = 0
        self.connection = "none"  # none, opening, open
        self.in_flight: dict[Message, int] = {}
        self.previous_arrival = 0
        self.history: list[int] = []
        self.displayed: set[int] = set()
        self.ever_shown: set[int] = set()
        self.timer: int | None = None  # identity of the timer that is pending
        self.polling = self.terminal = False
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
        while self.queue and self.queue[0][0] <= self.script.horizon_us:
            self.now, *_, act = heapq.heappop(self.queue)
            act()
        return self.rows

    def at(self, time_us: int, turn: int, act: Callable[[], None], message: Message = (0, 0)) -> None:
        self.pushed += 1
        heapq.heappush(self.queue, (time_us, turn, message, self.pushed, act))

    def row(self, kind: str, event: int = -1, detail: str = "") -> None:
        self.rows.append((self.now, self.me.client, kind, event, detail))

    # W, R, O, L: what happens around the client

    def mount(self) -> None:  # C1, L5, B6
        if self.policy.websocket:
            opens_us = self.now + self.me.connect_us[0]
            self.connection = "opening"
            if any(start <= self.now < until for start, until in self.me.refused_windows):
                self.at(opens_us, CLOSE, self.refuse)
            else:
                self.at(opens_us, OPEN, self.open)
        self.arm()
        if self.policy.poll_at_mount:
            self.send_poll()

    def open(self) -> None:
        if self.connection == "opening":
            self.connection = "open"
            self.row("websocket_opened")
            self.arm()

    def refuse(self) -> None:
        if self.connection == "opening":
            self.connection = "none"
            self.row("websocket_closed", detail="refused")

    def cut(self) -> None:  # L2, L5, B3, B4
        if self.connection == "none":
            return
        self.connection = "none"
        for other, index in sorted(self.in_flight):
            self.row("message_lost", -1 if other else index, "connection-lost")
        self.in_flight.clear()
        self.row("websocket_closed", detail="connection-lost")

    def emit(self, message: Message) -> None:  # W2, B1, B2, L1, L2
        other, index = message
        event = -1 if other else index
        if not other:
            self.history.append(index)
            self.row("event_emitted", index)
            self.row("message_published", index)
        lost = (self.me.other_lost if other else self.me.event_lost)[index]
        if self.connection != "open" or lost:
            self.row("message_lost", event, "fault" if self.connection == "open" else "no-connection")
            return
        latency = (self.me.other_latency_us if other else self.me.event_latency_us)[index]
        self.previous_arrival = max(self.now + latency, self.previous_arrival)
        self.in_flight[message] = self.previous_arrival
        self.at(self.previous_arrival, ARRIVE, lambda: self.arrive(message), message)

    # C: the client

    def arrive(self, message: Message) -> None:  # C2, C6, B1, B9
        if self.in_flight.pop(message, None) is None:
            return
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
            if not self.polling:
                self.send_poll()

    def send_poll(self) -> None:  # C9, B8
        me, number, sent_us = self.me, self.polls, self.now
        self.polls += 1
        self.polling = True
        self.row("poll_sent")
        latency, timeout = me.poll_latency_us[number], self.script.poll_timeout_us
        windows = [w.fate for w in me.poll_windows if w.from_us <= sent_us < w.until_us]
        fate = me.poll_fate[number] or (windows[0] if windows else ANSWERED)
        if latency > timeout or fate == TIMEOUT:
            self.at(sent_us + timeout, FINISH, lambda: self.fail("timeout"))
        elif fate == ERROR:
            self.at(sent_us + latency, FINISH, lambda: self.fail("error"))
        else:
            self.at(sent_us + latency // 2, REACH, lambda: self.reach(sent_us + latency))

    def reach(self, answered_us: int) -> None:  # O3
        answer = list(self.history)
        self.at(answered_us, FINISH, lambda: self.take_in(answer))

    def finish(self) -> None:
        self.polling = False
        self.quiet_polls += 1

    def fail(self, reason: str) -> None:
        self.finish()
        self.row("poll_failed", detail=reason)
        self.end(None)

    def take_in(self, answer: list[int]) -> None:  # C6, B9
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


def told(script: Script) -> list[Row]:
    """The rows of all clients in the order of a trace."""
    found = [row for number in range(script.clients) for row in Oracle(script, number).run()]
    return sorted(found, key=lambda row: row[:2])
