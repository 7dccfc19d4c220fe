"""Story: what happened to one client, row by row, with what was the case before each row."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sim.contract.script import ClientScript, Script
from sim.contract.trace import Row
from sim.verify.connections import Attempt, attempts, attempts_of_a_listing
from sim.verify.deliveries import Delivery, deliveries
from sim.verify.duty import Duty
from sim.verify.happenings import ARRIVE, FINISH, FIRE, MOUNT, OPEN, Parsed, Reader, parse
from sim.verify.listing_happenings import ListingReader
from sim.verify.requests import Request, request

FINISHED = ("poll_answered", "poll_failed")

TURNS_OF_POLLS = {"websocket_opened": OPEN, "message_received": ARRIVE, "poll_answered": FINISH}
"""In whose turns a poll may be sent at once (P8), by their first rows."""


class Before(NamedTuple):
    """The state before a row, read from the rows so far alone.

    due_us: when the pending timer fires; missed_us: when one should have, since the row before.
    sent_us: when the poll in flight was sent. connection: the number of the open WebSocket, from 1.
    shown_at_sending: how many events were shown by then.
    emitted, polls: how many so far. quiet_polls: finished since the last message (C7).
    closed: whether an attempt to open the WebSocket has ended. duty: what is owed, where the policy is known.
    """

    due_us: int | None = None
    missed_us: int | None = None
    sent_us: int | None = None
    shown_at_sending: int = 0
    connection: int | None = None
    terminal: bool = False
    emitted: int = 0
    polls: int = 0
    quiet_polls: int = 0
    displayed: frozenset[int] = frozenset()
    ever_shown: frozenset[int] = frozenset()
    closed: bool = False
    duty: Duty = Duty()

    @property
    def polls_at_once(self) -> bool:
        """Whether a poll is to be sent before this turn ends (P8)."""
        return self.duty.owed and self.sent_us is None and not self.duty.reason


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
        states, state, opened, heartbeats = [], Before(), 0, iter(self.heartbeats)
        for place, (time_us, _, kind, event, detail) in enumerate(self.rows):
            state = self._waited(state, time_us)
            states.append(state)
            match kind:
                case "timer_armed":
                    state = state._replace(due_us=due_us(detail))
                case "timer_cleared":
                    state = state._replace(due_us=None)
                case "poll_sent" | "poll_answered" | "poll_failed":
                    state = self._polled(state, place)
                case "event_emitted":
                    state = state._replace(emitted=state.emitted + 1)
                case "message_received":
                    newest = next(heartbeats, None) if detail == "heartbeat" else None
                    state = state._replace(quiet_polls=0, duty=self._duty_of_message(state, event, newest))
                case "event_shown" | "event_repeated":
                    known = state.ever_shown | {event}
                    state = state._replace(displayed=state.displayed | {event}, ever_shown=known)
                case "event_erased":
                    state = state._replace(displayed=state.displayed - {event})
                case "terminal_reached":
                    state = state._replace(terminal=True, due_us=None, duty=state.duty._replace(owed=False))
                case "websocket_opened":
                    opened += 1
                    duty = state.duty
                    if self.script is not None and state.closed and not state.terminal:
                        duty = duty.opened(self.script.policy)
                    state = state._replace(connection=opened, duty=duty)
                case "websocket_closed":
                    state = state._replace(connection=None, closed=True)
        end_us = self.script.horizon_us + 1 if self.script else self.rows[-1][0] if self.rows else 0
        states.append(self._waited(state, end_us))
        return states

    def _polled(self, state: Before, place: int) -> Before:
        """The state after the row of a poll that stands here."""
        time_us, _, kind, _, detail = self.rows[place]
        if kind == "poll_sent":
            fired = not self.at_once(state, place) and state.due_us is not None and self.near(time_us, state.due_us)
            return state._replace(
                due_us=None if fired else state.due_us,
                sent_us=time_us,
                shown_at_sending=len(state.ever_shown),
                polls=state.polls + 1,
                duty=state.duty.sent(by_sequence=self.script is not None and self.script.policy.by_sequence),
            )
        duty = state.duty.answered(int(detail)) if kind == "poll_answered" else state.duty.poll_failed(detail)
        return state._replace(sent_us=None, quiet_polls=state.quiet_polls + 1, duty=duty)

    def _duty_of_message(self, state: Before, event: int, newest: int | None) -> Duty:
        if self.script is None or self.me is None or event >= len(self.me.events):
            return state.duty
        duty = state.duty.received(self.script.policy, self.me, event, newest)
        return duty._replace(owed=False) if state.terminal else duty

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
    def ended_us(self) -> int | None:
        """When the terminal is reached."""
        return next((row[0] for row in self.rows if row[2] == "terminal_reached"), None)

    @cached_property
    def attempts(self) -> list[Attempt]:
        """By the script: the attempts to open the WebSocket, each judged from where the one before it ended."""
        if self.known[0].policy.listing != "none":
            return attempts_of_a_listing(*self.known, self.ended_us)
        return list(attempts(*self.known, [row[0] for row in self.rows if row[2] == "websocket_closed"]))

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """By the script: how each message ends, own ones counted from where they were published."""
        published_us = {row[3]: row[0] for row in self.rows if row[2] == "message_published"}
        return deliveries(*self.known, self.attempts, published_us)

    @cached_property
    def heartbeats(self) -> list[int]:
        """By the script: of how many events each heartbeat tells that arrives, in this order (P3)."""
        if self.script is None or self.me is None or not self.me.heartbeat_us:
            return []
        arriving = [m for m in self.deliveries if m.end is not None and m.end[3] == "heartbeat"]
        return [bisect_right(self.me.event_us, m.published_us) for m in sorted(arriving, key=lambda m: m.arrives_us)]

    @cached_property
    def requests(self) -> list[Request]:
        """By the script: the polls that were sent."""
        _, me = self.known
        sent = [(place, row[0]) for place, row in enumerate(self.rows) if row[2] == "poll_sent"]
        return [request(me, n, t, self.turn_of_poll(place)) for n, (place, t) in enumerate(sent)]

    def turn_of_poll(self, place: int) -> int:
        """In whose turn the poll is sent whose row stands here: the timer's, or that in which it is owed (P8)."""
        if not self.before[place].polls_at_once:
            return MOUNT if self.polls_at_mount(place) else FIRE
        begun = (row[2] for row in self.rows[place - 1 :: -1] if row[2] in TURNS_OF_POLLS)
        return TURNS_OF_POLLS[next(begun)]

    def at_once(self, before: Before, place: int) -> bool:
        """Whether the poll whose row stands here was owed (P8); without a script, whether it may have been."""
        return before.polls_at_once if self.script else place in self.polled_in_turns

    def polls_at_mount(self, place: int) -> bool:
        """Whether the poll whose row stands here is the mount's (B6)."""
        if not place or self.before[place].polls or self.rows[place - 1][2] != "timer_armed":
            return False
        armed_before = any(row[2] == "timer_armed" for row in self.rows[: place - 1])
        return not armed_before and self.near(self.rows[place][0], self.rows[place - 1][0])

    @cached_property
    def polled_in_turns(self) -> set[int]:
        """Where polls stand that end the turn of an opening, a message or an answer."""
        turns = [h for h in self.parsed.happenings if h.row[2] in TURNS_OF_POLLS]
        return {h.end - 1 for h in turns if self.rows[h.end - 1][2] == "poll_sent"}

    @property
    def finished(self) -> list[Row]:
        """The rows that end polls; at most one is in flight, so the n-th ends poll n."""
        return [row for row in self.rows if row[2] in FINISHED]

    @cached_property
    def parsed(self) -> Parsed:
        """The happenings, as far as the rows are happenings."""
        policy = None if self.script is None else self.script.policy
        reader = ListingReader if policy is not None and policy.listing != "none" else Reader
        return parse(reader(self.rows, exact=self.margin_us == 0, margin_us=self.margin_us, policy=policy))


def due_us(detail: str) -> int:
    """The due time that the detail of `timer_armed` shows."""
    whole, _, micros = detail.partition(".")
    return int(whole) * 1_000_000 + int(micros)
