"""Replace: the scenario of a point, which is the base with other values for some keys."""

from typing import Any

from sim.contract.errors import ScenarioError
from sim.contract.scenario import Client, Scenario
from sim.experiments.grid import Point


def replaced(scenario: Scenario, point: Point) -> Scenario:
    """The scenario with the point's values; raises ScenarioError where a key or a value is none of a scenario's.

    Claims and gates speak of the base alone and are left out. A key of `[client]` is replaced as `Scenario.override`
    does: another policy leaves out what does not concern it.
    """
    changed = scenario.model_copy(update={"claims": (), "gates": ()})
    client = {key.removeprefix("client."): value for key, value in point.items() if _of_client(key)}
    if client:
        changed = changed.override(**client)
    others = {key: value for key, value in point.items() if not _of_client(key)}
    if not others:
        return changed
    table = changed.to_dict()
    for key, value in others.items():
        _replace(table, key, value)
    return Scenario.from_dict(table, scenario.title)


def is_base(scenario: Scenario, point: Point) -> bool:
    """Whether the point changes nothing that is performed."""
    return _essence(replaced(scenario, point)) == _essence(scenario)


def _of_client(key: str) -> bool:
    return key.startswith("client.") and key.count(".") == 1


def _replace(table: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    place: Any = table
    for depth, part in enumerate([*path, last]):
        where = ".".join(path[:depth])
        if isinstance(place, list):
            if not (part.isdecimal() and int(part) < len(place)):
                raise ScenarioError(
                    f"{key}: {where} has no item {part!r}; there are {len(place)} of them, numbered from 0"
                )
        elif not isinstance(place, dict):
            raise ScenarioError(f"{key}: {where} is a value, not a table")
        index = int(part) if isinstance(place, list) else part
        if depth == len(path):
            place[index] = value
        elif isinstance(place, list):
            place = place[int(part)]
        else:
            place = place.setdefault(part, [] if part == "fault" else {})


def _essence(scenario: Scenario) -> tuple[Any, ...]:
    """All that is performed; the policy resolved, whether or not the file spells it out."""
    client = scenario.client
    rest = scenario.model_copy(update={"client": Client(), "claims": (), "gates": (), "title": "", "source": ""})
    return (scenario.policy, client.count, client.start_s, rest)
