import pytest

from sim import load, measure, perform, realize
from sim.contract.errors import InputError
from sim.experiments.point import Task, performed, world_for

from .small import SCENARIO

LISTING = SCENARIO.override(policy="hybrid-listing")


def test_a_replication_is_what_the_world_gives_for_the_script_of_that_seed() -> None:
    assert performed(Task(SCENARIO, 3, "model")) == measure(perform(realize(SCENARIO, 3), "model"))
    assert performed(Task(SCENARIO, 3, "model")) != performed(Task(SCENARIO, 4, "model"))


def test_the_default_world_is_the_fleet_where_it_can_perform_all_points_else_the_model() -> None:
    assert world_for([SCENARIO, SCENARIO], None) == "fleet"
    assert world_for([SCENARIO, LISTING], None) == "model"
    assert world_for([load("buffer-overflow")], None) == "model"


def test_a_world_that_cannot_perform_a_point_says_why_before_anything_is_performed() -> None:
    with pytest.raises(InputError, match="fleet"):
        world_for([SCENARIO, LISTING], "fleet")
    assert world_for([SCENARIO], "virtual") == "virtual"


def test_a_world_whose_numbers_are_others_each_time_is_refused() -> None:
    with pytest.raises(InputError, match=r"^world live gives other numbers each time; choose fleet, model, virtual$"):
        world_for([SCENARIO], "live")
    with pytest.raises(InputError, match=r"^there is no world 'fleat'"):
        world_for([SCENARIO], "fleat")
