"""Suites of scenarios."""

from pathlib import Path

import pytest

from sim.contract.errors import InputError
from sim.contract.script import realize
from sim.scenarios.catalog import load, names
from sim.verify.live import _batches, _cores
from sim.verify.suite import verify

CLAIM = '[[claim]]\nsays = "{says}"\nmeasure = "poll_requests"\nequals = {equals}\n'


def scenario(folder: Path, name: str, *, equals: int) -> str:
    file = folder / f"{name}.toml"
    file.write_text('title = "x"\nhorizon_s = 9.0\n' + CLAIM.format(says="polls", equals=equals))
    return str(file)


@pytest.mark.slow
def test_every_shipped_scenario_is_as_expected_in_the_model() -> None:
    results = verify([], ["model"])
    assert [result.name for result in results] == names()
    assert [result.name for result in results if not result.as_expected] == []


def test_an_unexpected_verdict_fails_its_scenario_only(tmp_path: Path) -> None:
    results = verify([scenario(tmp_path, "right", equals=2), scenario(tmp_path, "wrong", equals=3)], ["model"])
    assert [(result.name, result.as_expected) for result in results] == [("right", True), ("wrong", False)]


@pytest.mark.parametrize("worlds", [[], ["model", "model"], ["modell"]])
def test_worlds_are_known_and_named_once(worlds: list[str]) -> None:
    with pytest.raises(InputError, match="world"):
        verify(["best-case"], worlds)


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two scenarios called 'best-case'"):
        verify(["best-case", scenario(tmp_path, "best-case", equals=2)], ["model"])


def test_a_thousand_clients_are_performed_alone_and_the_others_together() -> None:
    scripts = [realize(load(name)) for name in ("websocket-dies", "scale-mixed", "best-case", "scale-worst-case")]
    assert sorted(_batches(scripts)) == [[0, 2], [1], [3]]


def test_a_thousand_clients_with_a_fanout_server_in_its_own_process_keep_two_processors_busy() -> None:
    scripts = [realize(load(name)) for name in ("scale-mixed", "everything-killed", "server-restart")]
    assert [_cores(scripts, [number]) for number in range(3)] == [1, 2, 1]
