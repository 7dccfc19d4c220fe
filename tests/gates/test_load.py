from pathlib import Path

import pytest

from sim.contract.errors import InputError, ScenarioError
from sim.contract.scenario import Scenario
from sim.gates.load import load, scenarios

GATE = '[[gate]]\nmeasure = "poll_requests"\nbelow = 2\n'
SCENARIO = 'title = "t"\nhorizon_s = 1.0\n'


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_a_scenario_files_gates_guard_that_scenario(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.toml", SCENARIO + GATE + GATE)
    first, second = load([path])
    assert (first.name, first.number, second.number) == ("mine", 0, 1)
    assert first.scenario == Scenario.from_file(path)
    assert first.subject == "poll_requests of mine in model"
    assert second.where == f"{path}: gate[1]"


def test_a_gates_files_gates_guard_shipped_scenarios_and_files_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "mine.toml", SCENARIO)
    named = 'scenario = "best-case"\n', 'scenario = "deep/mine.toml"\n'
    path = write(tmp_path / "gates.toml", "".join(GATE + name for name in named))
    shipped, beside = load([path])
    assert shipped.scenario.title.startswith("Best case")
    assert (beside.name, beside.scenario.title) == ("mine", "t")
    assert list(scenarios([shipped, beside])) == ["best-case", "mine"]


def test_a_shipped_scenario_goes_before_a_file_of_its_name(tmp_path: Path) -> None:
    write(tmp_path / "best-case", SCENARIO)
    path = write(tmp_path / "gates.toml", GATE + 'scenario = "best-case"\n')
    assert load([path])[0].scenario.title.startswith("Best case")


def test_a_scenario_object_brings_its_own_gates() -> None:
    scenario = Scenario.from_toml(SCENARIO + GATE)
    (placed,) = load([scenario])
    assert (placed.scenario, placed.name) == (scenario, "t")


@pytest.mark.parametrize("text", ["", SCENARIO, "gate = []\n"])
def test_a_file_without_gates_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "gates.toml", text)
    with pytest.raises(InputError, match=r"gates\.toml: holds no \[\[gate\]\], so there is nothing to pass$"):
        load([path])


def test_a_scenario_object_without_gates_is_refused_by_its_title() -> None:
    with pytest.raises(InputError, match=r"^t: holds no"):
        load([Scenario.from_toml(SCENARIO)])


@pytest.mark.parametrize(
    ("named", "part"),
    [
        ("best-cas", "did you mean best-case?"),
        ("gone.toml", "gone.toml: cannot be read"),
        (".", "cannot be read (Is a directory)"),
        ("broken.toml", "broken.toml: horizon_s: is required"),
    ],
)
def test_a_scenario_that_cannot_be_loaded_is_named_with_its_gate(tmp_path: Path, named: str, part: str) -> None:
    write(tmp_path / "broken.toml", 'title = "t"\n')
    path = write(tmp_path / "gates.toml", GATE + f'scenario = "{named}"\n')
    with pytest.raises(ScenarioError) as refused:
        load([path])
    assert str(refused.value).startswith(f"{path}: gate[0].scenario: ")
    assert part in str(refused.value)


def test_two_different_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    one = write(tmp_path / "one" / "mine.toml", SCENARIO + GATE)
    other = write(tmp_path / "other" / "mine.toml", SCENARIO.replace("1.0", "2.0") + GATE)
    with pytest.raises(InputError, match=r"other.*gate\[0\]: there are two different scenarios called 'mine'"):
        load([one, other])
    assert len(load([one, one])) == 2


def test_no_source_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="so there is nothing to pass"):
        load([])
