"""The tuning guide tells what was performed, here for few clients."""

from collections.abc import Iterator

import pytest

from sim.report.experiments.advice import advice
from sim.report.page import Page, Points
from sim.report.tuning import gather
from sim.report.tuning.assemble import page
from sim.report.tuning.gather import FACTORS, INTERVALS_S, PROVEN_S, Guide

from .pages import grids, problems, section


@pytest.fixture(scope="module")
def found() -> Iterator[Guide]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "CLIENTS", 200)
        patch.setattr(gather, "MODEL_CLIENTS", 8)
        patch.setattr(gather, "CONFIRM_CLIENTS", 8)
        patch.setattr(gather, "CROWD", 500)
        told: list[float] = []
        guide = gather.gather(progress=told.append)
        assert told == sorted(told), "progress only goes up"
        assert told[-1] == pytest.approx(1.0)
        yield guide


@pytest.fixture(scope="module")
def made(found: Guide) -> Page:
    return page(found)


def test_the_page_is_whole(made: Page) -> None:
    assert problems(made) == []
    assert [picture.name for picture in made.pictures()] == [
        "by-interval",
        "by-factor",
        "front",
        "front-of-policies",
        "latencies-by-policy",
        "polls-by-policy",
    ]


def test_every_interval_and_every_factor_has_its_row(made: Page) -> None:
    for title in ("All measures by interval", "What a longer interval loses"):
        (grid,) = grids(section(title, made))
        assert [row[0] for row in grid.rows] == [f"{interval_s}" for interval_s in INTERVALS_S]
    (factors,) = grids(section("Backoff", made))
    assert [tuple(row[:2]) for row in factors.rows] == [
        (f"{factor:g}", policy) for factor in FACTORS for policy in ("hybrid", "polling-only")
    ]


def test_a_longer_interval_polls_less_and_loses_more(found: Guide) -> None:
    polls, lost = (found.intervals.values(name) for name in ("polls_per_s_mean", "events_lost"))
    few, many = ([one.value for one in values if one] for values in (polls, lost))
    assert few == sorted(few, reverse=True)
    assert many[0] < many[-1]


def test_numbers_are_told_three_ways_for_intervals_with_and_without_losses_and_for_backoff(
    found: Guide, made: Page
) -> None:
    (grid,) = grids(section("The same numbers three ways", made))
    assert len(grid.rows) == len(found.thrice) == 3 * len(PROVEN_S) + 2
    closed = {str(row[0]): row[1] for row in grid.rows}
    assert closed["polls: interval 4 s, 0% of messages lost"] == "3.58"


def test_theory_lies_near_what_fleet_and_model_estimate(found: Guide) -> None:
    """Within three half-widths, which chance hardly ever leaves; the model has too few clients here to lose events."""
    for one in found.thrice:
        for world in (one.fleet, one.model) if one.what.startswith("polls") else (one.fleet,):
            half = (world.high - world.low) / 2
            assert abs(world.value - one.theory) <= 3 * half, one


def test_the_answers_are_the_searches_own_words(found: Guide, made: Page) -> None:
    for title, tuning in (("Fast", found.fast), ("Nothing lost", found.safe)):
        (points,) = [block for block in section(title, made).blocks if isinstance(block, Points)]
        assert list(points.points) == advice(tuning)
