"""Story: what happened to one client, row by row, with what was the case before each row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row
from sim.verify.connections import Attempt, attempts
from sim.verify.deliveries import Delivery, deliveries
from sim.verify.expected import Broken
from sim.verify.happenings import Parsed, parse
from sim.verify.requests import Request, request

FINISHED = ("poll_answered", "poll_failed")


class Before(NamedTuple):
    """The state before a row, read from the rows so far alone.

    due_us: when the pending timer fires; missed_us: when one should have, since the row before.
    sent_us: when the poll in flight was sent. connection: the number of the open WebSocket, from 1.
    emitted, polls: how many so far. quiet_polls: finished since the last message (C7).
    """

    due_us: int | None = None
    missed_us: int | None = None
    sent_us: int | None = None
    connection: int | None = None
    terminal: bool = False
    emitted: int = 0
    polls: int = 0
    quiet_polls: int = 0
    displayed: frozenset[int] = frozenset()
    ever_shown: frozenset[int] = frozenset()


class Published(NamedTuple):
    """An own message: when, on which open connection, and how it ended (None: not within the trace)."""

    time_us: int
    event: int
    connection: int | None
    end: Row | None


@dataclass(frozen=True)
class Story:
    """The rows of one client.

    script, me: what was to happen, where known.
    margin_us: how far times may be off; 0 demands the very microsecond and the order of equal instants.
    """

    client: int
    rows: Sequence[Row]
    script: Script | None = None
    me: ClientScript | None = None
    margin_us: int = 0

    def near(self, time_us: int, wanted_us: int) -> bool:
        """Whether the times are the same, within the margin."""
        return abs(time_us - wanted_us) <= self.margin_us

    def of(self, *kinds: str) -> Iterator[tuple[Row, Before]]:
        """The rows of these kinds, each with the state before it."""
        return ((row, self.before[place]) for place, row in enumerate(self.rows) if row[2] in kinds)

    @cached_property
    def before(self) -> list[Before]:
        """The state before each row, and after the last."""
        states, state, opened = [], Before(), 0
        for time_us, _, kind, event, detail in self.rows:
            state = self._waited(state, time_us)
            states.append(state)
            match kind:
                case "timer_armed":
                    state = state._replace(due_us=due_us(detail))
                case "timer_cleared":
                    state = state._replace(due_us=None)
                case "poll_sent":
                    fired = state.due_us is not None and self.near(time_us, state.due_us)
                    due = None if fired else state.due_us
                    state = state._replace(sent_us=time_us, polls=state.polls + 1, due_us=due)
                case "poll_answered" | "poll_failed":
                    state = state._replace(sent_us=None, quiet_polls=state.quiet_polls + 1)
                case "event_emitted":
                    state = state._replace(emitted=state.emitted + 1)
                case "message_received":
                    state = state._replace(quiet_polls=0)
                case "event_shown" | "event_repeated":
                    known = state.ever_shown | {event}
                    state = state._replace(displayed=state.displayed | {event}, ever_shown=known)
                case "event_erased":
                    state = state._replace(displayed=state.displayed - {event})
                case "terminal_reached":
                    state = state._replace(terminal=True, due_us=None)
                case "websocket_opened":
                    opened += 1
                    state = state._replace(connection=opened)
                case "websocket_closed":
                    state = state._replace(connection=None)
        end_us = self.script.horizon_us + 1 if self.script else self.rows[-1][0] if self.rows else 0
        states.append(self._waited(state, end_us))
        return states

    def _waited(self, state: Before, now_us: int) -> Before:
        """The state when nothing has happened until now."""
        if state.due_us is None or state.due_us + self.margin_us >= now_us:
            return state._replace(missed_us=None)
        return state._replace(due_us=None, missed_us=state.due_us if state.sent_us is None else None)

    @cached_property
    def published(self) -> list[Published]:
        """The own messages."""
        ends: dict[int, Row] = {}
        for row, _ in self.of("message_received", "message_lost"):
            ends.setdefault(row[3], row)
        return [Published(r[0], r[3], state.connection, ends.get(r[3])) for r, state in self.of("message_published")]

    @property
    def known(self) -> tuple[Script, ClientScript]:
        """The script and the client's own, for what needs them."""
        if self.script is None or self.me is None:
            raise ValueError("this needs the script")
        return self.script, self.me

    @property
    def slow(self) -> bool:
        """Whether it reads slowly: when its messages arrive and its connections close is not judged (L9)."""
        return self.me is not None and self.me.read_bytes_per_s is not None

    @cached_property
    def attempts(self) -> list[Attempt]:
        """By the script: the attempts to open the WebSocket, each judged from where the one before it ended."""
        return list(attempts(*self.known, [row[0] for row in self.rows if row[2] == "websocket_closed"]))

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """By the script: how each message ends, own ones counted from where they were published."""
        return deliveries(*self.known, self.attempts, {message.event: message.time_us for message in self.published})

    @cached_property
    def requests(self) -> list[Request]:
        """By the script: the polls that were sent, as far as there can be so many."""
        _, me = self.known
        sent_us = [row[0] for row in self.rows if row[2] == "poll_sent"]
        return [request(me, n, time_us) for n, time_us in enumerate(sent_us[: len(me.poll_latency_us)])]

    @property
    def finished(self) -> list[Row]:
        """The rows that end polls; at most one is in flight, so the n-th ends poll n."""
        return [row for row in self.rows if row[2] in FINISHED]

    @cached_property
    def parsed(self) -> Parsed:
        """The happenings, as far as the rows are happenings."""
        return parse(self.rows, exact=self.margin_us == 0, margin_us=self.margin_us)


def due_us(detail: str) -> int:
    """The due time that the detail of `timer_armed` shows."""
    whole, _, micros = detail.partition(".")
    return int(whole) * 1_000_000 + int(micros)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of DESIGN.md section 3 or 6 or of docs/behaviour.md.

    by_script: it can be judged only with the script. by_order: within a margin, what follows a race is not judged.
    """

    cites: str
    name: str
    broken: Callable[[Story], Broken]
    by_script: bool
    by_order: bool


class Rules(list[Rule]):
    """The rules of one file, collected by decorating their functions."""

    def rule(
        self, cites: str, *, by_script: bool = False, by_order: bool = True
    ) -> Callable[[Callable[[Story], Broken]], Callable[[Story], Broken]]:
        """Add the function: it gives each time at which the story breaks this rule."""

        def add(broken: Callable[[Story], Broken]) -> Callable[[Story], Broken]:
            self.append(Rule(cites, broken.__name__.replace("_", " "), broken, by_script, by_order))
            return broken

        return add
