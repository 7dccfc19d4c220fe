"""What the cursor protocol guarantees whatever happens (P12, P9), of the client's decisions alone."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from sim.contract.wire import Heartbeat, Message
from sim.reference.client import Client
from sim.reference.habits import Habits
from sim.reference.reconnection import Reconnection
from sim.reference.steps import Arm, Poll, Record, Step

TERMINAL = 8
"""The run's terminal event, and how many come before it."""

MOST = 11
"""Events that a run may have."""

Happenings = list[tuple[str, int]]
Check = Callable[[Client, list[Step]], None]

HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["emit", "message", "heartbeat", "other", "timer", "answer", "answer", "fail", "open"]),
        st.integers(0, 20),
    ),
    max_size=80,
)


def event(seq: int) -> Message:
    return Message("r", seq, "workflow_completed" if seq == TERMINAL else "x", None, 0.0)


class Life:
    """One client to which things happen, as far as they can; messages and answers may be as old as can be."""

    def __init__(self, check: Check) -> None:
        habits = Habits(gap_poll=True, final_poll=True, catch_up_poll=True)
        self.client = Client("r", habits, Reconnection("fixed"))
        self.emitted = 0
        self.steps: list[Step] = []
        self._check = check
        self._now_us = 0
        self._asked = (0, 0)  # the poll in flight: after what, and of how many events

    def begin(self) -> None:
        self._take(self.client.mounted(0))
        self._take(self.client.opened(0))

    def happen(self, kind: str, number: int) -> None:
        self._now_us += 1
        client, now_us = self.client, self._now_us
        match kind:
            case "emit":
                self.emitted = min(self.emitted + 1, MOST)
            case "message" if self.emitted:
                self._take(client.received(event(number % self.emitted), now_us))
            case "heartbeat":
                self._take(client.beaten(Heartbeat("r", 0, number % (self.emitted + 1) - 1), now_us))
            case "other":
                self._take(client.received(Message("another", number, "x", None, 0.0), now_us))
            case "timer" if client.due_us is not None:
                self._now_us = max(now_us, client.due_us)
                self._take(client.fired())
            case "answer" if client.poll_in_flight:
                after, known = self._asked
                until = known if number % 2 else self.emitted
                self._take(client.answered([event(n) for n in range(after, until)], now_us))
            case "fail" if client.poll_in_flight:
                self._take(client.failed("error", now_us))
            case "open":
                client.closed("connection-lost", now_us)
                client.reconnecting()
                self._take(client.opened(now_us))

    def _take(self, steps: list[Step]) -> None:
        polls = [step for step in steps if isinstance(step, Poll)]
        if polls:
            assert steps[-1:] == polls
            self._asked = (0 if polls[0].after is None else polls[0].after + 1, self.emitted)
        self.steps += steps
        self._check(self.client, steps)

    @property
    def rows(self) -> list[Record]:
        return [step for step in self.steps if isinstance(step, Record)]


def lived(happenings: Happenings, check: Check = lambda client, steps: None) -> Life:
    life = Life(check)
    life.begin()
    for kind, number in happenings:
        life.happen(kind, number)
    return life


@given(HAPPENINGS)
def test_p12_each_event_is_shown_once_and_in_order_whatever_comes_late_twice_or_not_at_all(
    happenings: Happenings,
) -> None:
    rows = lived(happenings).rows
    shown = [row.event for row in rows if row.kind == "event_shown"]
    assert shown == list(range(len(shown)))
    assert not [row for row in rows if row.kind in ("event_repeated", "event_erased")]
    reached = [row.event for row in rows if row.kind == "terminal_reached"]
    assert reached == ([TERMINAL] if TERMINAL in shown else [])


@given(HAPPENINGS)
def test_p12_all_is_shown_when_a_poll_that_is_sent_after_its_emission_is_answered(happenings: Happenings) -> None:
    life = lived(happenings)
    for kind in ("fail", "timer", "answer"):
        life.happen(kind, 0)
    shown = {row.event for row in life.rows if row.kind == "event_shown"}
    assert shown >= set(range(min(life.emitted, TERMINAL + 1)))


@given(HAPPENINGS)
def test_p12_until_the_terminal_a_timer_is_pending_or_a_poll_in_flight_and_then_neither_begins(
    happenings: Happenings,
) -> None:
    def check(client: Client, steps: list[Step]) -> None:
        if client.terminal:
            assert client.due_us is None
            assert not [step for step in steps if isinstance(step, Poll | Arm)]
        else:
            assert client.poll_in_flight or client.due_us is not None

    lived(happenings, check)


@given(HAPPENINGS)
def test_p9_no_message_or_heartbeat_that_leaves_the_client_behind_puts_its_poll_off(happenings: Happenings) -> None:
    def check(client: Client, steps: list[Step]) -> None:
        if client._display.behind and Record("message_received", detail="other") not in steps:
            kinds = [step.kind for step in steps if isinstance(step, Record)]
            assert not {"message_received", "timer_armed"} <= set(kinds)

    lived(happenings, check)
