"""The orchestrator's queue before many clients, against workers stepped one by one."""

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.worlds import totals

CLIENTS = 400


def burst(workers: int, queue_limit: int, service_s: float = 0.01) -> Scenario:
    """All clients poll in the same instant, once."""
    return Scenario.from_dict(
        {
            "title": "all at once",
            "horizon_s": 12.0,
            "client": {"policy": "polling-only", "count": CLIENTS, "poll_at_mount": True, "poll_interval_s": 100.0},
            "workload": {"events": []},
            "polling": {"latency_s": 0.1, "timeout_s": 10.0},
            "orchestrator": {"workers": workers, "queue_limit": queue_limit, "service_s": service_s},
        }
    )


def test_a_burst_waits_its_turn_one_service_after_the_other() -> None:
    queue = totals(realize(burst(workers=4, queue_limit=1000))).queue
    assert queue is not None
    assert (queue.offered, queue.turned_away) == (CLIENTS, 0)
    assert queue.wait_s(1.0) == (CLIENTS // 4 - 1) * 0.01
    assert queue.wait_s(0.0) == 0
    assert queue.utilisation == CLIENTS * 0.01 / (4 * 12.0)


def test_what_finds_the_line_full_is_turned_away() -> None:
    queue = totals(realize(burst(workers=4, queue_limit=96))).queue
    assert queue is not None
    assert queue.turned_away == CLIENTS - 4 - 96
    assert queue.turned_away_share == (CLIENTS - 100) / CLIENTS
    assert queue.last_wait_at_s == 0


def test_without_room_to_wait_only_as_many_are_served_as_there_are_workers() -> None:
    queue = totals(realize(burst(workers=3, queue_limit=0))).queue
    assert queue is not None
    assert queue.offered - queue.turned_away == 3
    assert queue.wait_s(1.0) == 0


def test_where_nobody_waits_there_is_no_last_wait() -> None:
    queue = totals(realize(burst(workers=CLIENTS, queue_limit=0))).queue
    assert queue is not None
    assert queue.last_wait_at_s is None
    assert queue.wait_s(0.99) == 0
