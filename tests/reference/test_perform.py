"""Short scripts on the real stack: the rows of each client, in order, and their times within a margin."""

import asyncio
from collections import Counter

import pytest

from sim.contract.errors import CannotPerform
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace
from sim.reference.client import Client
from sim.reference.fanout import Hub
from sim.reference.link import Link
from sim.reference.orchestrator import Orchestrator
from sim.reference.passage import Passage
from sim.reference.run import perform, perform_many

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

MARGIN_US = 150_000


def script(text: str, *, horizon_s: float = 2.0, client: str = "", count: int = 1) -> Script:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\ncount = {count}\n{client}\n'
    return realize(Scenario.from_toml(head + text))


def events(*at_s: float, terminal: float | None = None) -> str:
    listed = [f'{{ at_s = {t}, type = "node_completed" }}' for t in at_s]
    listed += [] if terminal is None else [f'{{ at_s = {terminal}, type = "workflow_completed" }}']
    return f"[workload]\nevents = [{', '.join(listed)}]\n"


def told(trace: Trace, client: int = 0) -> list[str]:
    """The rows of one client as words; due times are left out."""
    return [
        " ".join([kind, *([str(event)] if event >= 0 else []), *([detail] if kind != "timer_armed" else [])]).strip()
        for _, number, kind, event, detail in trace.rows
        if number == client
    ]


def at(trace: Trace, kind: str, client: int = 0) -> list[int]:
    return [time_us for time_us, number, name, _, _ in trace.rows if (number, name) == (client, kind)]


def near(times_us: list[int], *wanted_s: float) -> bool:
    """Never early, and late by no more than the margin."""
    return len(times_us) == len(wanted_s) and all(
        0 <= got - wanted * 1e6 <= MARGIN_US for got, wanted in zip(times_us, wanted_s, strict=True)
    )


def check_every_message_is_accounted_for(trace: Trace) -> None:
    """Each published message is received or lost once, or was in flight at the end."""
    published = Counter((client, event) for _, client, kind, event, _ in trace.rows if kind == "message_published")
    ended = Counter(
        (client, event)
        for _, client, kind, event, _ in trace.rows
        if kind in ("message_received", "message_lost") and event >= 0
    )
    assert ended == published


def test_messages_re_arm_the_timer_and_the_terminal_clears_it() -> None:
    trace = perform(script(events(0.1, 0.3, terminal=0.5), client="poll_interval_s = 0.4"))
    assert told(trace) == [
        "timer_armed",
        "websocket_opened",
        "timer_armed",
        *(
            line
            for n in (0, 1)
            for line in (f"event_emitted {n}", f"message_published {n}", f"message_received {n}", f"event_shown {n}",
                         "timer_armed")
        ),
        "event_emitted 2",
        "message_published 2",
        "message_received 2",
        "event_shown 2",
        "terminal_reached 2",
        "timer_cleared",
    ]  # fmt: skip
    assert near(at(trace, "event_shown"), 0.1, 0.3, 0.5)
    assert trace.world == "live"


def test_a_withheld_message_is_fetched_by_a_poll() -> None:
    text = events(0.1, 0.2, terminal=0.7) + '[[fault]]\nkind = "message-lost"\nevent = 1\n'
    trace = perform(script(text, client="poll_interval_s = 0.4"))
    lines = told(trace)
    assert lines[8:14] == [
        "event_emitted 1",
        "message_published 1",
        "message_lost 1 fault",
        "poll_sent",
        "poll_answered 2",
        "event_shown 1",
    ]
    assert near(at(trace, "message_lost"), 0.2)
    assert near(at(trace, "poll_sent"), 0.5)
    assert lines[-2:] == ["terminal_reached 2", "timer_cleared"]
    check_every_message_is_accounted_for(trace)


def test_a_lost_connection_loses_what_it_holds_before_it_closes_and_polls_take_over() -> None:
    text = (
        events(0.1, 0.2, 0.45, terminal=1.3)
        + "other_events = [{ at_s = 0.15, type = 'x' }]\n"
        + "[websocket]\nlatency_s = 0.3\n"
        + '[[fault]]\nkind = "connection-lost"\nat_s = 0.35\n'
    )
    trace = perform(script(text, client="poll_interval_s = 0.5"))
    assert told(trace) == [
        "timer_armed",
        "websocket_opened",
        "timer_armed",
        "event_emitted 0",
        "message_published 0",
        "event_emitted 1",
        "message_published 1",
        "message_lost 0 connection-lost",
        "message_lost 1 connection-lost",
        "message_lost connection-lost",
        "websocket_closed connection-lost",
        "event_emitted 2",
        "message_published 2",
        "message_lost 2 no-connection",
        "poll_sent",
        "poll_answered 3",
        "event_shown 0",
        "event_shown 1",
        "event_shown 2",
        "timer_armed",
        "poll_sent",
        "poll_answered 3",
        "timer_armed",
        "event_emitted 3",
        "message_published 3",
        "message_lost 3 no-connection",
        "poll_sent",
        "poll_answered 4",
        "event_shown 3",
        "terminal_reached 3",
    ]
    assert near(at(trace, "websocket_closed"), 0.35)
    assert near(at(trace, "poll_sent"), 0.5, 1.0, 1.5)
    check_every_message_is_accounted_for(trace)


def test_messages_arrive_after_their_latency_in_order() -> None:
    text = events(0.2, 0.25, 0.3) + "[websocket]\nlatency_s = { uniform = [0.1, 0.6] }\n"
    performed = script(text, client="policy = 'websocket-only'")
    trace = perform(performed)
    client = performed.client(0)
    arrival, wanted = 0, []
    for published, latency in zip(client.event_us, client.event_latency_us, strict=True):
        arrival = max(arrival, published + latency)
        wanted.append(arrival / 1e6)
    assert [row[3] for row in trace.rows if row[2] == "message_received"] == [0, 1, 2]
    assert near(at(trace, "message_received"), *wanted)


def test_a_refused_attempt_closes_after_its_handshake_and_messages_find_no_connection() -> None:
    text = (
        events(0.1, terminal=0.2)
        + "other_events = [{ at_s = 0.15, type = 'x' }]\n[websocket]\nconnect_s = 0.3\n"
        + '[[fault]]\nkind = "connection-refused"\nfrom_s = 0.0\nuntil_s = 0.1\n'
    )
    trace = perform(script(text, client="poll_interval_s = 0.4"))
    assert told(trace) == [
        "timer_armed",
        "event_emitted 0",
        "message_published 0",
        "message_lost 0 no-connection",
        "message_lost no-connection",
        "event_emitted 1",
        "message_published 1",
        "message_lost 1 no-connection",
        "websocket_closed refused",
        "poll_sent",
        "poll_answered 2",
        "event_shown 0",
        "event_shown 1",
        "terminal_reached 1",
    ]
    assert near(at(trace, "websocket_closed"), 0.3)


def test_the_hub_knows_no_connection_before_the_handshake_has_been_held() -> None:
    trace = perform(script(events(0.1, 0.6) + "[websocket]\nconnect_s = 0.4\n", client="policy = 'websocket-only'"))
    assert told(trace) == [
        "event_emitted 0",
        "message_published 0",
        "message_lost 0 no-connection",
        "websocket_opened",
        "event_emitted 1",
        "message_published 1",
        "message_received 1",
        "event_shown 1",
    ]
    assert near(at(trace, "websocket_opened"), 0.4)


def test_a_connection_lost_while_connecting_fails_the_attempt_then() -> None:
    text = '[websocket]\nconnect_s = 0.8\n[[fault]]\nkind = "connection-lost"\nat_s = 0.2\n'
    trace = perform(script(text, client="policy = 'websocket-only'"))
    assert told(trace) == ["websocket_closed connection-lost"]
    assert near(at(trace, "websocket_closed"), 0.2)


def test_polls_fail_by_number_by_window_and_by_time() -> None:
    text = (
        "[polling]\nlatency_s = 0.1\ntimeout_s = 0.2\n"
        + '[[fault]]\nkind = "poll-failed"\npolls = [0]\nmanner = "error"\n'
        + '[[fault]]\nkind = "poll-failed"\npolls = [1]\nmanner = "timeout"\n'
        + '[[fault]]\nkind = "poll-failed"\nfrom_s = 1.0\nuntil_s = 1.5\nmanner = "error"\n'
    )
    trace = perform(script(text, client="policy = 'polling-only'\npoll_interval_s = 0.3", horizon_s=2.2))
    assert told(trace) == [
        "timer_armed",
        "poll_sent",
        "poll_failed error",
        "timer_armed",
        "poll_sent",
        "poll_failed timeout",
        "timer_armed",
        "poll_sent",
        "poll_failed error",
        "timer_armed",
        "poll_sent",
        "poll_answered 0",
        "timer_armed",
        "poll_sent",
        "poll_answered 0",
        "timer_armed",
    ]
    assert near(at(trace, "poll_sent"), 0.3, 0.7, 1.2, 1.6, 2.0)
    assert near(at(trace, "poll_failed"), 0.4, 0.9, 1.3)


def test_a_poll_slower_than_the_timeout_fails_by_itself() -> None:
    text = "[polling]\nlatency_s = 0.5\ntimeout_s = 0.1\n"
    trace = perform(script(text, client="policy = 'polling-only'\npoll_interval_s = 0.4", horizon_s=0.8))
    assert told(trace) == ["timer_armed", "poll_sent", "poll_failed timeout", "timer_armed"]


def test_an_answer_holds_the_history_as_of_half_the_latency() -> None:
    text = events(0.5, 0.8) + "[polling]\nlatency_s = 0.6\n"
    trace = perform(script(text, client="policy = 'polling-only'\npoll_interval_s = 0.4", horizon_s=1.3))
    assert [row[4] for row in trace.rows if row[2] == "poll_answered"] == ["1"]
    assert near(at(trace, "poll_answered"), 1.0)


def test_poll_at_mount_and_backoff() -> None:
    client = "policy = 'polling-only'\npoll_interval_s = 0.2\npoll_at_mount = true\nbackoff_factor = 1.5\n"
    trace = perform(script("", client=client + "backoff_max_s = 0.4", horizon_s=1.6))
    assert told(trace)[:4] == ["timer_armed", "poll_sent", "poll_answered 0", "timer_armed"]
    assert near(at(trace, "poll_sent"), 0.0, 0.3, 0.7, 1.1, 1.5)


def test_scripts_perform_side_by_side_and_a_script_beside_itself() -> None:
    first = script(events(0.2, terminal=0.4), client="poll_interval_s = 0.3", count=3)
    other = script("", client="policy = 'polling-only'\npoll_interval_s = 0.5", horizon_s=1.2)
    traces = perform_many([first, other, first])
    assert [trace.script for trace in traces] == [first, other, first]
    assert [told(traces[0], n) for n in range(3)] == [told(traces[2], n) for n in range(3)]
    assert len(told(traces[0])) == len(told(traces[0], 2)) > 10
    assert near(at(traces[1], "poll_sent"), 0.5, 1.0)


def test_many_losses_at_awkward_times_leave_no_message_unaccounted_for() -> None:
    every = ", ".join(f'{{ at_s = {n / 100:.2f}, type = "x" }}' for n in range(10, 100))
    text = (
        f"[workload]\nevents = [{every}]\n[websocket]\nconnect_s = {{ uniform = [0.0, 0.4] }}\n"
        + '[[fault]]\nkind = "connection-lost"\nbetween_s = [0.1, 0.9]\n'
        + '[[fault]]\nkind = "message-lost"\nprobability = 0.2\n'
    )
    trace = perform(script(text, client="policy = 'websocket-only'", count=40))
    check_every_message_is_accounted_for(trace)
    assert {row[4] for row in trace.rows if row[2] == "message_lost"} >= {"fault", "no-connection"}


def test_it_ends_early_once_nothing_more_can_happen() -> None:
    shares: list[float] = []
    trace = perform(
        script(events(terminal=0.2), client="poll_interval_s = 0.3", horizon_s=3600.0), progress=shares.append
    )
    assert told(trace)[-1] == "timer_cleared"
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_progress_tells_the_share_done_about_ten_times_a_second() -> None:
    shares: list[float] = []
    perform(script("", client="policy = 'polling-only'\npoll_interval_s = 0.9", horizon_s=1.0), progress=shares.append)
    assert 8 <= len(shares) <= 14
    assert all(0 <= share <= 1 for share in shares)


def test_rows_lie_within_the_horizon() -> None:
    rows: list[Row] = perform(script(events(0.3, 0.31), client="poll_interval_s = 0.3", horizon_s=0.305)).rows
    assert all(0 <= row[0] <= 305_000 for row in rows)


def test_no_scripts_give_no_traces() -> None:
    assert perform_many([]) == []


def test_it_performs_where_a_loop_is_running_already_as_in_a_notebook() -> None:
    async def cell() -> Trace:
        return perform(script(events(terminal=0.1)))

    assert told(asyncio.run(cell()))[-1] == "timer_cleared"


@pytest.mark.parametrize(
    ("part", "method"),
    [
        (Hub, "deliver"),
        (Orchestrator, "history"),
        (Orchestrator, "append"),
        (Link, "attempt"),
        (Link, "poll"),
        (Link, "passes_us"),
        (Link, "is_lost"),
        (Link, "undelivered"),
        (Passage, "frame"),
        (Passage, "cut"),
        (Client, "received"),
        (Client, "answered"),
        (Client, "fired"),
        (Client, "closed"),
        (Client, "reconnecting"),
    ],
)
def test_a_part_that_breaks_ends_the_performance_with_its_error(
    part: type, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    intact = getattr(part, method)

    def broken(self: object, *args: object, **options: object) -> object:
        if isinstance(self, Link) and not self.username:  # the stranger who warms everything up
            return intact(self, *args, **options)
        raise ZeroDivisionError

    monkeypatch.setattr(part, method, broken)
    text = events(0.0, 0.1, 0.4) + '[[fault]]\nkind = "connection-lost"\nat_s = 0.3\n'
    client = "poll_interval_s = 0.1\nreconnect = 'fixed'\nreconnect_delay_s = 0.3"
    with pytest.raises(ZeroDivisionError):
        perform(script(text, client=client, horizon_s=20.0))


def test_the_documents_listings_are_refused_in_one_sentence() -> None:
    with pytest.raises(CannotPerform) as caught:
        perform(script("", client="policy = 'hybrid-listing'"))
    assert str(caught.value) == (
        "t: world live cannot perform client.policy = 'hybrid-listing', which the model alone performs"
    )


@pytest.mark.parametrize(
    "outage",
    [
        '[[fault]]\nkind = "fanout-restart"\nat_s = 1.0\nfor_s = 1.0\n',
        '[[fault]]\nkind = "redis-outage"\nat_s = 1.0\nfor_s = 1.0\n',
    ],
)
def test_outages_on_somebody_elses_redis_are_refused_in_one_sentence_that_keeps_its_password(outage: str) -> None:
    usual = script("", client="policy = 'polling-only'")
    with pytest.raises(CannotPerform) as caught:
        perform_many([usual, script(outage)], redis="redis://me:secret@localhost:1")
    assert str(caught.value) == (
        "t: its outages need a Redis of their own, not redis://me:***@localhost:1; leave --redis out"
    )
