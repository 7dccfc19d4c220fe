"""Servers that go away and come back, and readers that are slow: in world virtual as in the model, to the microsecond.

Redis is a broker in the process, or a server that speaks Redis' protocol.
"""

from collections import Counter

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.scenarios import catalog
from sim.worlds import perform
from tests.reference.faults import fault, partition

S = 1_000_000

both_redis = pytest.mark.parametrize("redis", ["local", "resp"])
both_manners = pytest.mark.parametrize("manner", ["graceful", "killed"])


def script(text: str, *, client: str = "", horizon_s: float = 30.0) -> Script:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\n{client}\n'
    return realize(Scenario.from_toml(head + text))


def every(period_s: float, count: int) -> str:
    return f"[workload]\neven = {{ count = {count}, every_s = {period_s} }}\n"


def restart(at_s: float, for_s: float, manner: str = "graceful") -> str:
    return fault("fanout-restart", at_s=at_s, for_s=for_s, manner=manner)


def outage(at_s: float, for_s: float) -> str:
    return fault("redis-outage", at_s=at_s, for_s=for_s)


def performed(of: Script, redis: str) -> Trace:
    """The trace of world virtual, which is the model's."""
    virtual, model = perform(of, "virtual", redis=redis), perform(of, "model")
    assert virtual.rows == model.rows
    return virtual


def rows(trace: Trace, *kinds: str) -> list[tuple[int, str, int, str]]:
    return [(time_us, kind, event, detail) for time_us, _, kind, event, detail in trace.rows if kind in kinds]


def losses(trace: Trace) -> list[tuple[int, int, str]]:
    return [(time_us // S, event, detail) for time_us, _, event, detail in rows(trace, "message_lost")]


@pytest.mark.parametrize("name", ["server-restart", "redis-restart", "everything-killed"])
def test_shipped_scenarios_of_outages_are_performed_as_by_the_model_with_redis_py_too(name: str) -> None:
    performed(realize(catalog.load(name).override(count=10), seed=3), "resp")


COMBINED = (
    every(1.0, 24)
    + "other_events = [{ at_s = 7.5, type = 'x' }, { at_s = 16.5, type = 'x' }]\n"
    + "[websocket]\nconnect_s = { uniform = [0.0, 0.4] }\nlatency_s = { uniform = [0.0, 1.5] }\n"
    + "[polling]\nlatency_s = { uniform = [0.0, 0.5] }\n"
    + "[orchestrator]\nworkers = 1\nservice_s = 0.6\nqueue_limit = 2\n"
    + "[fanout]\nping_every_s = 3.0\npong_within_s = 2.0\n"
    + outage(5.0, 4.0)
    + restart(8.0, 3.0, "killed")
    + restart(16.0, 2.0)
    + outage(17.0, 3.0)
    + partition(15.0, 19.0).replace("for_s", "fraction = 0.5\nfor_s")
    + fault("connection-lost", at_s=13.0, manner="half-open", fraction=0.3)
)
MANY = """
count = 10
start_s = { uniform = [0, 2] }
poll_interval_s = 2.0
reconnect = "exponential"
jitter = "full"
"""


@both_redis
def test_all_of_it_at_once_is_performed_as_by_the_model(redis: str) -> None:
    trace = performed(script(COMBINED, client=MANY), redis)
    reasons = {detail for _, _, detail in losses(trace)}
    assert reasons == {"redis-outage", "no-subscriber", "no-connection", "half-open", "connection-lost"}
    closes = {detail for _, _, _, detail in rows(trace, "websocket_closed")}
    assert closes == {"refused", "going-away", "connection-lost"}
    assert {detail for _, _, _, detail in rows(trace, "poll_failed")} == {"overloaded"}


@both_redis
@both_manners
def test_f8_a_restart_ends_every_connection_and_b13_says_what_lost_each_message(redis: str, manner: str) -> None:
    text = every(1.0, 8) + "[websocket]\nlatency_s = 0.5\n" + restart(2.25, 2.0, manner)
    trace = performed(script(text, client='reconnect = "fixed"\nreconnect_delay_s = 3.5'), redis)
    reason = "going-away" if manner == "graceful" else "connection-lost"
    assert rows(trace, "websocket_opened", "websocket_closed") == [
        (0, "websocket_opened", -1, ""),
        (2_250_000, "websocket_closed", -1, reason),
        (5_750_000, "websocket_opened", -1, ""),
    ]
    assert losses(trace) == [
        (2, 1, "connection-lost"),
        (3, 2, "no-subscriber"),
        (4, 3, "no-subscriber"),
        (5, 4, "no-connection"),
    ]


@both_redis
def test_b14_each_outage_writes_a_row_at_both_ends_before_anything_that_befalls_a_client(redis: str) -> None:
    text = every(1.0, 3) + outage(1.0, 2.0) + restart(1.0, 2.0)
    trace = performed(script(text, client="count = 2"), redis)
    assert [row for row in trace.rows if row[1] == -1] == [
        (S, -1, "outage_began", -1, "redis-outage"),
        (S, -1, "outage_began", -1, "fanout-restart"),
        (3 * S, -1, "outage_ended", -1, "redis-outage"),
        (3 * S, -1, "outage_ended", -1, "fanout-restart"),
    ]


@both_redis
def test_windows_that_touch_or_overlap_are_one_outage(redis: str) -> None:
    text = every(1.0, 6) + restart(1.5, 1.0) + restart(2.5, 1.0) + restart(3.0, 2.0, "killed")
    trace = performed(script(text), redis)
    assert [(row[0], row[2]) for row in trace.rows if row[1] == -1] == [
        (1_500_000, "outage_began"),
        (5 * S, "outage_ended"),
    ]


@both_redis
def test_f7_tries_to_subscribe_again_come_ever_later_and_r4_nothing_is_kept_for_them(redis: str) -> None:
    text = (
        every(0.1, 30)
        + outage(1.05, 0.5)
        + "[fanout]\nresubscribe_s = 0.1\nresubscribe_max_s = 2.0\n"  # tries at 1.15, 1.35 and 1.75
    )
    reasons = Counter(detail for _, _, detail in losses(performed(script(text), redis)))
    assert reasons == {"redis-outage": 5, "no-subscriber": 2}


@both_redis
def test_f7_a_server_that_starts_without_redis_tries_again_as_after_a_loss(redis: str) -> None:
    text = (
        every(0.5, 12)
        + outage(0.75, 2.0)
        + restart(1.25, 1.0)
        + "[fanout]\nresubscribe_s = 1.3\nresubscribe_max_s = 2.0\n"  # the start at 2.25, then 3.55
    )
    trace = performed(script(text, client='reconnect = "fixed"\nreconnect_delay_s = 1.0'), redis)
    assert [(event, detail) for _, event, detail in losses(trace)] == [
        *((event, "redis-outage") for event in (1, 2, 3, 4)),
        *((event, "no-subscriber") for event in (5, 6)),
    ]


@both_redis
def test_r4_f8_at_one_instant_redis_is_back_before_the_server_which_subscribes_in_its_starts_turn(redis: str) -> None:
    text = every(1.0, 5) + outage(1.5, 1.5) + restart(1.5, 1.5)
    trace = performed(script(text, client='reconnect = "fixed"\nreconnect_delay_s = 1.5'), redis)
    assert losses(trace) == [(2, 1, "redis-outage")]


@both_redis
def test_what_begins_at_an_instant_takes_the_events_of_that_instant_and_what_ends_does_not(redis: str) -> None:
    trace = performed(script(every(1.0, 4) + outage(2.0, 1.0) + "[fanout]\nresubscribe_s = 1.0\n"), redis)
    # the try at 3 s comes in class 8, after the event of that instant
    assert losses(trace) == [(2, 1, "redis-outage"), (3, 2, "no-subscriber")]


@both_redis
@both_manners
def test_a_restart_of_a_microsecond_ends_every_connection_and_loses_nothing_else(redis: str, manner: str) -> None:
    text = every(0.1, 4) + restart(0.25, 1e-6, manner)
    client = 'reconnect = "fixed"\nreconnect_delay_s = 0.000001'
    trace = performed(script(text, client=client, horizon_s=0.5), redis)
    assert [(time_us, kind) for time_us, kind, _, _ in rows(trace, "websocket_opened", "websocket_closed")] == [
        (0, "websocket_opened"),
        (250_000, "websocket_closed"),
        (250_001, "websocket_opened"),
    ]
    assert losses(trace) == []


@both_redis
def test_b16_a_stop_fails_an_attempt_that_was_to_be_refused_since_it_found_no_server(redis: str) -> None:
    text = "[websocket]\nconnect_s = 3.0\n" + restart(1.0, 1.0, "killed") + restart(4.0, 1.0)
    trace = performed(script(text, client="start_s = 1.5"), redis)
    assert rows(trace, "websocket_closed") == [(4 * S, "websocket_closed", -1, "connection-lost")]


@both_redis
def test_an_outage_that_outlasts_the_horizon_ends_nowhere_and_one_beyond_it_never_begins(redis: str) -> None:
    trace = performed(script(every(1.0, 4) + restart(3.5, 60.0) + outage(40.0, 1.0), horizon_s=5.0), redis)
    assert [row for row in trace.rows if row[1] == -1] == [(3_500_000, -1, "outage_began", -1, "fanout-restart")]


@both_redis
def test_an_outage_at_zero_and_one_at_the_horizon_are_performed(redis: str) -> None:
    text = every(1.0, 5) + restart(0.0, 0.5) + outage(5.0, 1.0)
    trace = performed(script(text, client='reconnect = "fixed"\nreconnect_delay_s = 0.75', horizon_s=5.0), redis)
    assert [(time_us, kind) for time_us, kind, _, _ in rows(trace, "websocket_opened", "websocket_closed")] == [
        (0, "websocket_opened"),
        (0, "websocket_closed"),
        (750_000, "websocket_opened"),
    ]
    assert losses(trace) == [(5, 4, "redis-outage")]


# slow readers, who read in whole frames


@pytest.mark.parametrize(
    ("bytes_per_s", "fanout", "told"),
    [
        (0.0, "send_buffer_bytes = 600", "overflow"),
        (0.0, "write_within_s = 3.0", "connection-lost"),
        (0.0, "ping_every_s = 4.0\npong_within_s = 3.0", "connection-lost"),
        (20.0, "ping_every_s = 4.0\npong_within_s = 3.0", "connection-lost"),
        (5e-324, "ping_every_s = 4.0\npong_within_s = 3.0", "connection-lost"),
        (100.0, "", None),
        (1e9, "", None),
    ],
)
def test_l9_a_slow_reader_is_given_up_by_each_limit_and_otherwise_hears_all_in_its_time(
    bytes_per_s: float, fanout: str, told: str | None
) -> None:
    text = (
        every(1.0, 6)
        + f"payload_bytes = 100\n[fanout]\n{fanout}\n"
        + fault("slow-reader", clients=[0], bytes_per_s=bytes_per_s)
    )
    trace = performed(script(text), "local")
    reasons = [detail for _, _, detail in losses(trace) if detail != "no-connection"]
    assert set(reasons) == ({told} if told else set())
    assert len(rows(trace, "message_received")) == (0 if told else 6)


@both_manners
@pytest.mark.parametrize("bytes_per_s", [0.0, 20.0])
def test_f8_a_slow_reader_keeps_no_restart_waiting_and_hears_of_it_at_once(bytes_per_s: float, manner: str) -> None:
    slow = fault("slow-reader", clients=[0], bytes_per_s=bytes_per_s)
    client = 'count = 2\nreconnect = "fixed"\nreconnect_delay_s = 2.0'
    trace = performed(script(every(1.0, 6) + restart(2.5, 1.0, manner) + slow, client=client, horizon_s=9.0), "local")
    assert [row[0] for row in trace.rows if row[1] == -1] == [2_500_000, 3_500_000]
    assert [row[0] for row in trace.rows if row[2] == "websocket_closed"] == [2_500_000, 2_500_000]
    assert [row[:2] for row in trace.rows if row[4] == "connection-lost" and row[2] == "message_lost"] == [
        (2_500_000, 0),
        (2_500_000, 0),
    ]
