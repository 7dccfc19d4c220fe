"""Which gates there are: those of scenario files, of shipped scenarios, of files of gates alone, of scenarios."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.contract import toml
from sim.contract.errors import InputError, ScenarioError
from sim.contract.gate import Gate, GatesFile
from sim.contract.scenario import Scenario
from sim.contract.sentence import validated
from sim.scenarios import catalog

Source = str | Path | Scenario
"""Where gates are: a file, a shipped scenario's name, or a scenario itself."""

_OF_SCENARIOS = {field.alias or name for name, field in Scenario.model_fields.items()} - {"gate"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A gate, where it stands, and the scenario whose measure it guards.

    source: the file as it was named, or the scenario's title. number: the gate's, from 0. name: the scenario's.
    """

    source: str
    number: int
    name: str
    scenario: Scenario
    gate: Gate

    @property
    def where(self) -> str:
        """As a complaint names it."""
        return f"{self.source}: gate[{self.number}]"

    @property
    def subject(self) -> str:
        """Whose measure it guards, and where."""
        return f"{self.gate.measure} of {self.name} in {self.gate.world}"


def load(sources: Iterable[Source]) -> list[Placed]:
    """The gates in these sources, in their order.

    Raises InputError for a source that holds none, and for two different scenarios of one name.
    """
    placed: list[Placed] = []
    for source in sources:
        found = list(_of_scenario(source.title, source.title, source) if isinstance(source, Scenario) else _in(source))
        if not found:
            told = source.title if isinstance(source, Scenario) else source
            raise InputError(f"{told}: holds no [[gate]], so there is nothing to pass")
        placed += found
    if not placed:
        raise InputError("no file or scenario with gates is named, so there is nothing to pass")
    _check_names(placed)
    return placed


def scenarios(placed: Iterable[Placed]) -> Mapping[str, Scenario]:
    """The scenarios that these gates guard, by name."""
    return {one.name: one.scenario for one in placed}


def _in(source: str | Path) -> Iterator[Placed]:
    path = Path(source)
    if str(source) in catalog.names() or not path.exists():
        return _of_scenario(str(source), path.stem, catalog.load(source))
    data = toml.read(path)
    if data.keys() & _OF_SCENARIOS:
        return _of_scenario(str(source), path.stem, Scenario.from_file(path))
    return _of_gates(str(source), path, validated(GatesFile, data, str(path)))


def _of_scenario(source: str, name: str, scenario: Scenario) -> Iterator[Placed]:
    for number, gate in enumerate(scenario.gates):
        yield Placed(source, number, name, scenario, gate)


def _of_gates(source: str, path: Path, gates: GatesFile) -> Iterator[Placed]:
    for number, gate in enumerate(gates.gates):
        named = gate.scenario or ""
        beside = path.parent / named
        try:
            scenario = catalog.load(beside if named not in catalog.names() and beside.is_file() else named)
        except ScenarioError as error:
            raise ScenarioError(f"{source}: gate[{number}].scenario: {error}") from None
        yield Placed(source, number, Path(named).stem, scenario, gate)


def _check_names(placed: Iterable[Placed]) -> None:
    known: dict[str, Scenario] = {}
    for one in placed:
        if known.setdefault(one.name, one.scenario) != one.scenario:
            raise InputError(f"{one.where}: there are two different scenarios called {one.name!r}; rename one")
