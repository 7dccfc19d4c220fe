"""The cursor protocol on real sockets: what it recovers, and how long it waits (P3 to P10)."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.reference.run import perform
from tests.reference.faults import fault

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

MARGIN_S = 0.15


def performed(text: str, *, client: str = "", policy: str = "hybrid-cursor", horizon_s: float = 2.0) -> Trace:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\npolicy = "{policy}"\n{client}\n'
    return perform(realize(Scenario.from_toml(head + text)))


def events(*at_s: float, terminal: float) -> str:
    listed = [f'{{ at_s = {t}, type = "x" }}' for t in at_s]
    listed.append(f'{{ at_s = {terminal}, type = "workflow_completed" }}')
    return f"[workload]\nevents = [{', '.join(listed)}]\n"


def at_s(trace: Trace, kind: str, client: int = 0) -> list[float]:
    return [time_us / 1e6 for time_us, number, name, _, _ in trace.rows if (number, name) == (client, kind)]


def shown(trace: Trace) -> list[int]:
    return [event for _, _, kind, event, _ in trace.rows if kind == "event_shown"]


def near(times_s: list[float], *wanted_s: float) -> bool:
    """Never early, and late by no more than the margin."""
    return len(times_s) == len(wanted_s) and all(
        0 <= got - wanted <= MARGIN_S for got, wanted in zip(times_s, wanted_s, strict=True)
    )


def test_p7_p8_a_dropped_message_is_recovered_as_soon_as_the_next_one_tells() -> None:
    trace = performed(events(0.2, 0.4, 0.6, terminal=1.0) + fault("message-lost", event=1))
    assert shown(trace) == [0, 1, 2, 3]
    assert near(at_s(trace, "poll_sent"), 0.6)
    assert near(at_s(trace, "event_shown"), 0.2, 0.6, 0.6, 1.0)
    assert near(at_s(trace, "terminal_reached"), 1.0)


def test_p6_p7_a_terminal_with_gaps_before_it_is_reached_by_a_poll_of_what_is_missing() -> None:
    lost = fault("message-lost", event=0) + fault("message-lost", event=2)
    trace = performed(events(0.2, 0.4, 0.6, terminal=0.8) + lost, client="gap_poll = false")
    assert shown(trace) == [0, 1, 2, 3]
    assert near(at_s(trace, "poll_sent"), 0.8)
    assert [(kind, event) for _, _, kind, event, _ in trace.rows][-2:] == [
        ("terminal_reached", 3),
        ("timer_cleared", -1),
    ]


def test_p7_what_was_missed_while_away_is_there_once_the_websocket_is_open_again() -> None:
    client = "reconnect = 'fixed'\njitter = 'none'\nreconnect_delay_s = 0.5"
    trace = performed(events(0.2, 0.6, terminal=1.5) + fault("connection-lost", at_s=0.4), client=client)
    assert shown(trace) == [0, 1, 2]
    assert near(at_s(trace, "poll_sent"), 0.9)
    assert near(at_s(trace, "event_shown"), 0.2, 0.9, 1.5)


def test_p3_a_heartbeat_tells_of_the_last_message_that_was_dropped() -> None:
    text = '[workload]\nevents = [{ at_s = 0.2, type = "x" }]\n[orchestrator]\nheartbeat_s = 0.5\n'
    trace = performed(text + fault("message-lost", event=0), horizon_s=1.2)
    assert near(at_s(trace, "event_shown"), 0.5)
    beats = [time_us / 1e6 for time_us, _, _, _, detail in trace.rows if detail == "heartbeat"]
    assert near(beats, 0.5, 1.0)


@pytest.mark.parametrize(("retry_after", "sent_s"), [("true", [0.0, 1.0]), ("false", [0.0, 0.4, 0.8, 1.2])])
def test_p10_retry_after_is_waited_for_where_the_policy_says_so(retry_after: str, sent_s: list[float]) -> None:
    full = "[orchestrator]\nworkers = 1\nservice_s = 60.0\nqueue_limit = 0\nretry_after_s = 1\n"
    client = f"count = 2\npoll_at_mount = true\npoll_interval_s = 0.4\nretry_after = {retry_after}"
    trace = performed(full, client=client, policy="polling-only", horizon_s=1.4)
    turned_away = {
        number for _, number, kind, _, detail in trace.rows if (kind, detail) == ("poll_failed", "overloaded")
    }
    assert len(turned_away) == 1
    assert near(at_s(trace, "poll_sent", turned_away.pop()), *sent_s)
