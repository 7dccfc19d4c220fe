"""The orchestrator's queue: small timelines, then the queue alone against queueing theory (O3 to O5, C11)."""

import math
import random
from statistics import mean, stdev
from typing import Any, NamedTuple

import pytest

from sim.contract.trace import Row
from sim.model import run
from sim.model.orchestrator import Orchestrator
from sim.model.turns import REQUEST, Clock, Happening
from sim.model.workers import Job, Workers

from .telling import fail, only, part, rows, tell, times


def polls(found: list[Row]) -> list[Row]:
    return only(found, "poll_sent", "poll_answered", "poll_failed")


ONE = {"workers": 1, "service_s": 1.0}


def test_o5_requests_of_one_instant_are_served_one_after_the_other_lower_client_first() -> None:
    found = tell(policy="polling-only", count=3, poll_latency=0.5, orchestrator=ONE, horizon=8)
    assert polls(found) == rows("""
        4 poll_sent
        c1 4 poll_sent
        c2 4 poll_sent
        5.5 poll_answered 0
        c1 6.5 poll_answered 0
        c2 7.5 poll_answered 0
    """)


def test_o5_as_many_are_served_at_a_time_as_there_are_workers() -> None:
    found = tell(policy="polling-only", count=3, orchestrator=ONE | {"workers": 2}, horizon=7)
    assert only(found, "poll_answered") == rows("5 poll_answered 0\nc1 5 poll_answered 0\nc2 6 poll_answered 0")


def test_o5_without_workers_every_request_is_answered_at_once() -> None:
    found = tell(policy="polling-only", count=3, orchestrator={"workers": 0}, horizon=5)
    assert [row[0] for row in only(found, "poll_answered")] == [4_000_000] * 3


def test_o5_first_come_is_first_served() -> None:
    start_s = {"uniform": [0.0, 0.9]}
    found = tell(policy="polling-only", count=5, start_s=start_s, orchestrator=ONE, horizon=9.5, timeout=6.0)
    by_sending, by_answer = ([row[1] for row in only(found, kind)[:5]] for kind in ("poll_sent", "poll_answered"))
    assert by_sending == by_answer != sorted(by_answer)


def test_o3_the_answer_holds_the_history_as_of_the_request_s_arrival_however_long_it_waits() -> None:
    found = tell("3.5 4.5 5.5", policy="polling-only", count=2, orchestrator=ONE, horizon=6.5)
    assert only(found, "poll_answered") == rows("5 poll_answered 1\nc1 6 poll_answered 1")


def test_o5_each_poll_takes_its_own_drawn_service() -> None:
    queue = {"workers": 3, "service_s": {"uniform": [0.0, 3.0]}}
    found = tell(policy="polling-only", count=3, orchestrator=queue, horizon=8)
    finished = [row[0] - 4_000_000 for row in only(found, "poll_answered")]
    assert len(set(finished)) == 3
    assert all(0 <= each <= 3_000_000 for each in finished)


def test_o5_beyond_the_limit_a_request_is_turned_away_at_once_and_the_poll_fails_after_its_way_back() -> None:
    queue = ONE | {"queue_limit": 1}
    found = tell(policy="polling-only", count=4, poll_latency=0.5, orchestrator=queue, horizon=7)
    assert polls(found)[4:] == rows("""
        c2 4.5 poll_failed overloaded
        c3 4.5 poll_failed overloaded
        5.5 poll_answered 0
        c1 6.5 poll_answered 0
    """)


def test_c4_a_poll_that_was_turned_away_re_arms_like_any_that_failed() -> None:
    found = tell(policy="polling-only", count=2, orchestrator=ONE | {"queue_limit": 0}, horizon=9)
    assert [row for row in found if row[1] == 1] == rows("""
        c1 0 timer_armed 4
        c1 4 poll_sent
        c1 4 poll_failed overloaded
        c1 4 timer_armed 8
        c1 8 poll_sent
        c1 9 poll_answered 0
        c1 9 timer_armed 13
    """)


@pytest.mark.parametrize(("limit", "told"), [(0, "9 poll_failed overloaded"), (1, "10 poll_answered 0")])
def test_one_instant_a_request_that_arrives_as_a_worker_is_done_finds_it_busy(limit: int, told: str) -> None:
    faults = [fail(0) | {"fraction": 0.5}]  # client 1's first, so that its next is served from 8 to 9
    queue = ONE | {"queue_limit": limit}
    found = tell(policy="polling-only", count=2, faults=faults, orchestrator=queue, horizon=10)
    assert [row for row in polls(found) if row[1] == 0] == rows(f"4 poll_sent\n5 poll_answered 0\n9 poll_sent\n{told}")


def test_o5_a_poll_that_fails_on_its_way_takes_no_worker() -> None:
    found = tell(policy="polling-only", count=2, faults=[fail(0) | {"fraction": 0.5}], orchestrator=ONE, horizon=6)
    assert {row[4] for row in only(found, "poll_failed")} == {"error"}
    assert [row[0] for row in only(found, "poll_answered")] == [5_000_000]


def test_c11_o5_what_its_client_has_given_up_is_served_to_its_end() -> None:
    world: dict[str, Any] = {"policy": "polling-only", "count": 2, "poll_interval_s": 0.5, "timeout": 1.75}
    assert polls(tell(orchestrator=ONE, horizon=3.5, **world)) == rows("""
        0.5 poll_sent
        c1 0.5 poll_sent
        1.5 poll_answered 0
        2 poll_sent
        c1 2.25 poll_failed timeout    // and served until 2.5
        c1 2.75 poll_sent
        3.5 poll_answered 0
    """)


def test_c11_o5_what_its_client_has_given_up_still_waits() -> None:
    world: dict[str, Any] = {"policy": "polling-only", "count": 2, "poll_interval_s": 0.5, "timeout": 0.75}
    assert polls(tell(orchestrator=ONE | {"queue_limit": 1}, horizon=2, **world)) == rows("""
        0.5 poll_sent
        c1 0.5 poll_sent
        1.25 poll_failed timeout
        c1 1.25 poll_failed timeout
        1.75 poll_sent
        c1 1.75 poll_sent
        c1 1.75 poll_failed overloaded  // its first is served until 2.5, client 0's second waits
    """)


def test_c9_o5_a_request_whose_way_alone_is_too_long_for_its_client_arrives_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived: list[str] = []
    monkeypatch.setattr(Orchestrator, "request", lambda _self, run_id, *_: arrived.append(run_id))
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 3.0, "timeout": 1.0, "poll_interval_s": 1.0}
    found = tell(orchestrator=ONE, horizon=6, **world)
    assert times(found, "poll_sent") == [1.0, 3.0, 5.0]
    assert times(found, "poll_failed") == [2.0, 4.0, 6.0]
    assert len(arrived) == 2


@pytest.mark.parametrize(
    ("latency", "service", "told"),
    [
        (2.0, 8.0, "14 poll_answered 0"),
        (2.0, 8.000001, "14 poll_failed timeout"),
        (0.000001, 9.999999, "14 poll_answered 0"),
        (0.0, 10.0, "14 poll_failed timeout"),  # service ends in class 8, after the turn in which the limit is judged
    ],
)
def test_c11_a_poll_is_finished_by_its_limit_or_fails_then(latency: float, service: float, told: str) -> None:
    queue = {"workers": 1, "service_s": service}
    found = tell(policy="polling-only", poll_latency=latency, timeout=10.0, orchestrator=queue, horizon=15)
    assert polls(found) == rows(f"4 poll_sent\n{told}")


def test_l7_o5_the_request_and_the_answer_are_held_up_by_a_partition_and_the_service_is_not() -> None:
    queue = {"workers": 1, "service_s": 2.0}
    world: dict[str, Any] = {"policy": "polling-only", "poll_latency": 2.0, "orchestrator": queue, "horizon": 12}
    assert only(tell(faults=[part(4.5, 2)], **world), "poll_answered") == rows("9.5 poll_answered 0")
    assert only(tell(faults=[part(6, 1)], **world), "poll_answered") == rows("8 poll_answered 0")
    assert only(tell(faults=[part(7, 3)], **world), "poll_answered") == rows("10 poll_answered 0")


def test_more_workers_than_clients_and_no_service_change_nothing() -> None:
    world: dict[str, Any] = {"own": "1 5 9!", "count": 3, "poll_latency": {"uniform": [0.0, 3.0]}, "timeout": 2.0}
    assert tell(orchestrator={"workers": 3}, **world) == tell(**world)


def test_all_clients_meet_in_the_queue_in_however_many_batches_others_are_performed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world: dict[str, Any] = {"policy": "polling-only", "count": 5, "orchestrator": ONE, "horizon": 12}
    usual = tell(**world)
    monkeypatch.setattr(run, "CLIENTS_AT_ONCE", 2)
    assert tell(**world) == usual


# the queue alone


class Served(NamedTuple):
    """A job's arrival, the start of its service and its end, in microseconds."""

    arrived_us: int
    started_us: int
    ended_us: int


def queue(arrivals_us: list[int], services_us: list[int], workers: int, limit: int = 10**9) -> list[Served]:
    """What becomes of these jobs, in order of their ends."""
    clock = Clock(10**15)
    desk = Workers(clock, workers, limit)
    served: list[Served] = []

    def arrive(happening: Happening) -> None:
        arrived, service = happening.subject
        desk.take(Job(service, lambda: served.append(Served(arrived, clock.now_us - service, clock.now_us))))

    for arrived, service in zip(arrivals_us, services_us, strict=True):
        Happening(clock, arrived, REQUEST, 0, arrive, (arrived, service))
    clock.run()
    return served


MEAN_SERVICE_US = 1_000_000
WARM_UP, COUNTED, REPLICATIONS = 1_000, 4_000, 15


def arrivals(draw: random.Random, per_service: float, count: int) -> list[int]:
    """Poisson arrivals, so many on average while one job is served."""
    time, found = 0.0, []
    for _ in range(count):
        time += draw.expovariate(per_service / MEAN_SERVICE_US)
        found.append(round(time))
    return found


def mean_waits(load: float, workers: int, *, exponential: bool) -> list[float]:
    """Mean wait in units of the mean service, of each replication."""
    found = []
    for replication in range(REPLICATIONS):
        draw = random.Random(replication)
        arrived = arrivals(draw, load * workers, WARM_UP + COUNTED)
        service = [round(draw.expovariate(1 / MEAN_SERVICE_US)) if exponential else MEAN_SERVICE_US for _ in arrived]
        served = sorted(queue(arrived, service, workers))[WARM_UP:]
        found.append(mean(job.started_us - job.arrived_us for job in served) / MEAN_SERVICE_US)
    return found


def interval(values: list[float]) -> tuple[float, float]:
    """Mean plus and minus its 99 % half-width by Student's t with 14 degrees of freedom."""
    half = 2.977 * stdev(values) / math.sqrt(len(values))
    return mean(values) - half, mean(values) + half


def erlang_c_wait(load: float, workers: int) -> float:
    """Mean wait of M/M/c in units of the mean service (Erlang 1917)."""
    offered = load * workers
    all_busy = offered**workers / math.factorial(workers) / (1 - load)
    waits = all_busy / (sum(offered**k / math.factorial(k) for k in range(workers)) + all_busy)
    return waits / (workers * (1 - load))


@pytest.mark.parametrize(("load", "workers"), [(0.5, 1), (0.7, 2), (0.6, 4)])
def test_o5_the_mean_wait_of_m_m_c_is_erlang_c_s(load: float, workers: int) -> None:
    low, high = interval(mean_waits(load, workers, exponential=True))
    assert low < erlang_c_wait(load, workers) < high
    assert high - low < 0.5 * erlang_c_wait(load, workers)


def test_o5_the_mean_wait_of_m_d_1_is_pollaczek_s_and_khinchine_s() -> None:
    load = 0.6
    low, high = interval(mean_waits(load, 1, exponential=False))
    assert low < load / (2 * (1 - load)) < high
    assert high - low < 0.2


def test_o5_little_s_law_holds_on_the_path_itself() -> None:
    draw = random.Random(1)
    arrived = arrivals(draw, 1.4, 2_000)
    served = queue(arrived, [round(draw.expovariate(1 / MEAN_SERVICE_US)) for _ in arrived], 2)
    steps = sorted([(job.arrived_us, 1) for job in served] + [(job.ended_us, -1) for job in served])
    area = there = before = 0
    for time, step in steps:
        area += there * (time - before)
        there, before = there + step, time
    assert len(served) == 2_000
    assert area == sum(job.ended_us - job.arrived_us for job in served)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_o5_no_worker_idles_while_a_job_waits_and_each_starts_in_the_order_of_arrival(workers: int) -> None:
    draw = random.Random(workers)
    arrived = sorted(draw.randrange(400) for _ in range(200))
    services = [draw.randrange(5 * workers) for _ in arrived]
    free, wanted = [0] * workers, []
    for time, service in zip(arrived, services, strict=True):  # Kiefer and Wolfowitz 1955
        start = max(time, min(free))
        free[free.index(min(free))] = start + service
        wanted.append(Served(time, start, start + service))
    assert sorted(queue(arrived, services, workers)) == sorted(wanted)


def test_o5_at_most_limit_jobs_wait() -> None:
    assert [job.arrived_us for job in queue([0, 1, 2, 3, 4, 12], [10] * 6, 1, limit=2)] == [0, 1, 2, 12]
