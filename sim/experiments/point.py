"""One replication of one point: a scenario under a seed, performed in a world and measured."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sim import worlds
from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize

Measures = Mapping[str, int | float | None]
"""By name; None where the performance gives no such thing."""

PREDICTING = ("fleet", "model", "virtual")
"""The worlds whose numbers hang on nothing but script and seed; of the first two, the first that can is the default."""


class Task(NamedTuple):
    """What is performed, anywhere."""

    scenario: Scenario
    seed: int
    world: str


def performed(task: Task) -> Measures:
    """The measures of the task's performance. Raises CannotPerform for what its world does not do."""
    return worlds.totals(realize(task.scenario, task.seed), task.world).measures()


def world_for(scenarios: Iterable[Scenario], world: str | None) -> str:
    """The world that is asked for, by default the fleet where it can perform all of these scenarios, else the model.

    Raises InputError for a world that does not predict, or cannot perform one of them.
    """
    scripts = [realize(scenario) for scenario in scenarios]
    if world is None:
        return "model" if any(worlds.unable(script, "fleet") for script in scripts) else "fleet"
    worlds.check_world(world)
    if world not in PREDICTING:
        raise InputError(f"world {world} gives other numbers each time; choose {', '.join(PREDICTING)}")
    reason = next((reason for script in scripts if (reason := worlds.unable(script, world))), None)
    if reason is not None:
        raise InputError(reason)
    return world
