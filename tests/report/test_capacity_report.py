"""The page on capacity tells what was performed, here for few clients."""

from collections.abc import Iterator

import pytest

from sim.experiments.herd import JITTERS
from sim.report.capacity import gather
from sim.report.capacity.assemble import page
from sim.report.capacity.gather import Capacity
from sim.report.page import Page

from .pages import grids, problems, section

WORKERS, HUB_CLIENTS, HERDS = (2, 4, 8), (50, 100), (40, 80)


@pytest.fixture(scope="module")
def found() -> Iterator[Capacity]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "WORKERS", WORKERS)
        patch.setattr(gather, "REPLICATIONS", 3)
        patch.setattr(gather, "HUB_CLIENTS", HUB_CLIENTS)
        patch.setattr(gather, "HERDS", HERDS)
        yield gather.gather()


@pytest.fixture(scope="module")
def made(found: Capacity) -> Page:
    return page(found)


def test_the_page_is_whole(made: Page) -> None:
    assert problems(made) == []
    assert [picture.name for picture in made.pictures()] == ["queue", "peaks", "requests", "polls-over-time"]


def test_more_workers_turn_fewer_away_and_let_the_others_wait_less(found: Capacity) -> None:
    away = [one.turned_away.value for one in found.queues]
    waits = [one.wait_p99_s.value for one in found.queues]
    assert away[0] > 0
    assert (sorted(away), sorted(waits)) == (away[::-1], waits[::-1])


def test_closed_forms_bound_the_queue_from_above(found: Capacity) -> None:
    for one in found.queues:
        assert one.turned_away.low <= one.turned_away_expected
        assert one.wait_p99_expected_s is None or one.wait_p99_s.low <= one.wait_p99_expected_s
    assert [one.wait_p99_expected_s is None for one in found.queues] == [one.utilisation >= 1 for one in found.queues]


def test_there_is_a_row_per_number_of_workers_of_clients_and_per_herd(made: Page) -> None:
    (queue,) = grids(section("The orchestrator's queue", made))
    (hub,) = grids(section("The fanout hub", made))
    (herds,) = grids(section("What it takes to stay under a capacity", made))
    assert [row[0] for row in queue.rows] == [str(workers) for workers in WORKERS]
    assert [row[0] for row in hub.rows] == [str(clients) for clients in HUB_CLIENTS]
    assert [tuple(row[:2]) for row in herds.rows] == [(str(count), jitter) for count in HERDS for jitter in JITTERS]


def test_progress_goes_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "WORKERS", (2,))
    monkeypatch.setattr(gather, "REPLICATIONS", 2)
    monkeypatch.setattr(gather, "HUB_CLIENTS", (10,))
    monkeypatch.setattr(gather, "HERDS", (10,))
    told: list[float] = []
    gather.gather(progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
