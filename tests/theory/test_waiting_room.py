"""A full waiting room in closed form, held against the fleet's queue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.theory import queue as endless
from sim.theory.waiting_room import WaitingRoom

from .test_queue import RATE_PER_S, held, mean_wait_s, queues


# offered: 0.8, 1.25, 0.83 and 1.5 of what the workers can do
@pytest.mark.parametrize(("workers", "service_s", "limit"), [(1, 0.016, 3), (2, 0.05, 4), (3, 0.05, 1), (4, 0.12, 5)])
def test_a_room_for_few_turns_away_and_lets_wait_as_the_fleets_queue(
    workers: int, service_s: float, limit: int
) -> None:
    found = queues(workers, {"exponential": {"mean": service_s}}, limit)
    room = WaitingRoom(RATE_PER_S, service_s, workers, limit)
    held([queue.turned_away_share for queue in found], room.turned_away_share())
    held([mean_wait_s(queue) for queue in found], room.wait_mean_s())
    for wait_s in (0.0, service_s / workers, 3 * service_s / workers):
        longer = [float(queue.waited[queue.waits_s > wait_s].sum() / queue.waited.sum()) for queue in found]
        held(longer, room.longer_share(wait_s))


@pytest.mark.parametrize("service", [0.05, {"exponential": {"mean": 0.05}}, {"uniform": [0.0, 0.1]}])
def test_where_nobody_may_wait_any_service_with_that_mean_is_turned_away_as_often(service: object) -> None:
    found = queues(3, service, 0)
    held([queue.turned_away_share for queue in found], WaitingRoom(RATE_PER_S, 0.05, 3, 0).turned_away_share())


@given(st.floats(0.05, 0.95), st.integers(1, 40))
def test_a_room_that_is_never_full_is_one_without_a_limit(busy: float, workers: int) -> None:
    arguments = (busy * workers, 1.0, workers)
    room = WaitingRoom(*arguments, 2_000)
    assert room.turned_away_share() == pytest.approx(0, abs=1e-12)
    assert room.longer_share(0.0) == pytest.approx(endless.waiting_share(*arguments), rel=1e-9)
    assert room.wait_mean_s() == pytest.approx(endless.wait_mean_s(*arguments), rel=1e-9)


@given(st.floats(1.5, 1e6), st.integers(1, 40))
def test_a_large_room_turns_away_what_the_workers_cannot_do(busy: float, workers: int) -> None:
    room = WaitingRoom(busy * workers, 1.0, workers, 5_000)
    assert room.turned_away_share() == pytest.approx(endless.turned_away_share(busy * workers, 1.0, workers), rel=1e-9)


@given(st.floats(0.01, 10.0), st.integers(1, 20), st.integers(0, 50))
def test_more_room_turns_fewer_away(busy: float, workers: int, limit: int) -> None:
    less, more = (WaitingRoom(busy * workers, 1.0, workers, room).turned_away_share() for room in (limit, limit + 1))
    assert 0 <= more <= less * (1 + 1e-12)  # but for rounding


def test_what_is_out_of_range_is_refused_in_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^queue_limit must be 0 or more, not -1$"):
        WaitingRoom(1.0, 1.0, 1, -1)
    with pytest.raises(InputError, match=r"^workers must be at least one, not 0$"):
        WaitingRoom(1.0, 1.0, 0, 1)
    with pytest.raises(InputError, match=r"^wait_s must be 0 or more"):
        WaitingRoom(1.0, 1.0, 1, 1).longer_share(-1.0)
