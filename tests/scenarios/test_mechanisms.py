"""The scenarios of what really loses or delays messages: their numbers once more, derived by hand from the rules."""

from functools import cache

import pytest

from sim import Trace, load, measure, perform, realize
from sim.measure.losses import losses
from sim.scenarios.catalog import names

MECHANISMS = (
    "network-instability",
    "server-restart",
    "reconnection-delay",
    "buffer-overflow",
    "half-open-connection",
    "redis-restart",
    "everything-killed",
    "slow-orchestrator",
    "deploy-herd",
    "deploy-herd-equal-jitter",
    "deploy-herd-full-jitter",
)


@cache
def told(name: str) -> Trace:
    return perform(realize(load(name)))


def times_s(name: str, kind: str, client: int, detail: str | None = None) -> list[float]:
    return [
        time_us / 1e6
        for time_us, whose, what, _, said in told(name).rows
        if (whose, what) == (client, kind) and detail in (None, said)
    ]


def lost(name: str) -> dict[str, tuple[int, int, int, int]]:
    """Per cause: messages, recovered by push, by poll, by nobody."""
    return {loss.cause: (loss.messages, loss.by_push, loss.by_poll, loss.by_nobody) for loss in losses(told(name))}


def test_every_scenario_of_a_mechanism_is_shipped_with_expectations_marked_as_ours() -> None:
    assert set(MECHANISMS) <= set(names())
    for name in MECHANISMS:
        assert any(claim.ours for claim in load(name).claims), name


@pytest.mark.parametrize("cause", ["network instability", "server restarts", "client reconnection delays", "overflows"])
def test_each_of_the_documents_four_causes_has_a_scenario(cause: str) -> None:
    assert any(cause in load(name).source for name in MECHANISMS)


def test_a_restart_refuses_until_the_server_is_back_and_the_backoff_has_passed() -> None:
    # closed at 10; 1 s later refused after a handshake of 0.1 s; 2 s later again; 4 s later the server has been back
    assert times_s("server-restart", "websocket_closed", 7) == pytest.approx([10, 10 + 1 + 0.1, 11.1 + 2 + 0.1])
    assert times_s("server-restart", "websocket_opened", 7) == pytest.approx([0.1, 13.2 + 4 + 0.1])


def test_a_restarts_losses_come_back_by_one_poll_each() -> None:
    # 12 s lies in [10, 14); 15 s before the reopening; polls 4 s after the message of 9 s, and 4 s after that
    assert lost("server-restart") == {"no-subscriber": (20, 0, 20, 0), "no-connection": (20, 0, 20, 0)}
    assert times_s("server-restart", "poll_sent", 7) == [9.0 + 4.0, 13.0 + 4.0]


def test_in_a_reconnection_gap_shorter_than_the_interval_a_message_is_lost_for_good() -> None:
    # open again at 8.4 + 1.1 + 0.1; messages each second, so no timer of 4 s ever fires
    assert times_s("reconnection-delay", "websocket_opened", 3)[1] == pytest.approx(8.4 + 1.1 + 0.1)
    assert lost("reconnection-delay") == {"no-connection": (20, 0, 0, 20)}


def test_a_reader_that_stops_is_cut_off_by_the_message_that_overflows_its_buffer() -> None:
    # 1,000,000 bytes are less than 2^20, two messages are more; later ones find no connection
    assert times_s("buffer-overflow", "websocket_closed", 0) == [4.0]
    assert lost("buffer-overflow") == {"overflow": (2, 0, 2, 0), "no-connection": (4, 0, 4, 0)}


def test_who_keeps_reading_notices_nothing_of_one_that_does_not() -> None:
    for client in range(1, 5):
        assert times_s("buffer-overflow", "message_received", client) == [2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
        assert times_s("buffer-overflow", "websocket_closed", client) == []


def test_a_half_open_connection_is_given_up_30_s_after_the_first_ping_that_nobody_answers() -> None:
    # opened at 0.1, pinged at 25.1, given up at 55.1: 54 s is the last event that is sent into the void
    assert times_s("half-open-connection", "message_lost", 0, "half-open") == [3.0 * n for n in range(2, 19)]
    assert times_s("half-open-connection", "message_lost", 0, "no-connection") == [57.0, 60.0]


def test_a_redis_outage_loses_until_the_fanout_server_has_subscribed_again() -> None:
    # tries 0.1, 0.3, 0.7, 1.5 and 3.1 s after the loss at 10 s; Redis is back at 12.5 s
    published_s = [
        time_us / 1e6 for time_us, _, kind, _, _ in told("redis-restart").rows if kind == "message_published"
    ]
    assert lost("redis-restart")["redis-outage"][0] == sum(10.0 <= t < 12.5 for t in published_s)
    assert lost("redis-restart")["no-subscriber"][0] == sum(12.5 <= t < 13.1 for t in published_s)


def test_everybody_converges_by_polling_when_all_is_killed() -> None:
    found = measure(told("everything-killed"))
    assert (found["events_lost"], found["reconnects"], found["polls_failed"]) == (0, 0, 0)
    assert all(by_nobody == 0 for _, _, _, by_nobody in lost("everything-killed").values())
    assert sum(row[2] == "terminal_reached" for row in told("everything-killed").rows) == 1000


def test_without_jitter_a_deploy_keeps_all_polls_in_step_from_then_on() -> None:
    # all close at 10, reopen 4 s later, poll 4 s after that and so on
    for client in (0, 500, 999):
        polls_s = [t for t in times_s("deploy-herd", "poll_sent", client) if 10.0 < t <= 22.0]
        assert polls_s[-2:] == [18.0, 22.0]


def test_more_jitter_makes_a_smaller_herd() -> None:
    peaks = [
        measure(told(name), within_s=(14.0, 22.0))["polls_per_s_peak"] or 0
        for name in ("deploy-herd", "deploy-herd-equal-jitter", "deploy-herd-full-jitter")
    ]
    assert peaks[0] == 1000
    assert peaks == sorted(peaks, reverse=True)
    assert len(set(peaks)) == 3


def test_two_workers_answer_no_more_than_they_can() -> None:
    # 2 workers of 50 ms each: 40 a second; over 20 s their number varies by sqrt(800) = 28, four times that is rare
    rows = told("slow-orchestrator").rows
    answered = sum(row[2] == "poll_answered" and 8e6 <= row[0] < 28e6 for row in rows)
    assert abs(answered - 800) < 4 * 28
