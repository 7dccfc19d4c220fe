"""Checking gates: perform what they look at, and judge each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.contract.errors import CannotPerform
from sim.contract.progress import Progress
from sim.contract.script import realize
from sim.gates.judge import Judged, judge
from sim.gates.load import Placed, scenarios
from sim.gates.perform import Observed, Run, perform_all
from sim.gates.prediction import RUNS
from sim.gates.vacuous import why_vacuous
from sim.gates.words import BUSY
from sim.worlds import unable


@dataclass(frozen=True, slots=True)
class Result:
    """A gate and its verdict. vacuous: whether its runs showed nothing."""

    placed: Placed
    judged: Judged
    vacuous: bool = False

    @property
    def holds(self) -> bool:
        """Whether the gate is passed; what is inconclusive does not pass."""
        return self.judged.verdict == "holds"

    @property
    def sentence(self) -> str:
        """Of one that does not hold: what it measured, and by how much it misses."""
        return f"{self.placed.subject} {self.judged.reason}"


@dataclass(frozen=True, slots=True)
class Checked:
    """All gates' results, in order, and what was observed for them. seed: of the first run of each."""

    results: tuple[Result, ...]
    observed: Mapping[Run, Observed]
    seed: int


def check(placed: Iterable[Placed], seed: int = 0, progress: Progress | None = None) -> Checked:
    """Judge these gates on performances from this seed on; raises CannotPerform before anything is performed."""
    gates = list(placed)
    for one in gates:
        _check_performable(one, seed)
    wanted = [run for one in gates for run in (*runs(one, seed), *_predicting(one, seed))]
    observed = perform_all(wanted, scenarios(gates), progress)
    return Checked(tuple(_result(one, seed, observed) for one in gates), observed, seed)


def runs(placed: Placed, seed: int) -> list[Run]:
    """What this gate is judged on: as many runs as it asks for, under one seed after the other."""
    gate = placed.gate
    return [Run(placed.name, gate.world, seed + n, gate.span_s) for n in range(gate.replications)]


def _predicting(placed: Placed, seed: int) -> list[Run]:
    gate = placed.gate
    if gate.predicted is None:
        return []
    return [Run(placed.name, gate.predicted, seed + n, gate.span_s) for n in range(max(RUNS, gate.replications))]


def _check_performable(placed: Placed, seed: int) -> None:
    script = realize(placed.scenario, seed)
    for world in (placed.gate.world, placed.gate.predicted):
        reason = unable(script, world) if world else None
        if reason is not None:
            raise CannotPerform(f"{placed.where}: {reason}")


def _result(placed: Placed, seed: int, observed: Mapping[Run, Observed]) -> Result:
    gate = placed.gate
    own, predicting = runs(placed, seed), _predicting(placed, seed)
    for run in (*own, *predicting):
        reason = why_vacuous(gate.measure, observed[run].measures)
        if reason is not None:
            told = f"shows nothing: in {run.world} with seed {run.seed} {reason}"
            return Result(placed, Judged("fails", "-", told), vacuous=True)
    judged = judge(gate, _values(gate.measure, own, observed), _values(gate.measure, predicting, observed))
    if judged.verdict != "holds" and any(observed[run].starved for run in own):
        judged = Judged("inconclusive", judged.measured, f"{judged.reason}; {BUSY}")
    return Result(placed, judged)


def _values(measure: str, runs: Iterable[Run], observed: Mapping[Run, Observed]) -> list[float]:
    """The measure in these runs, each of which has one."""
    found = (observed[run].measures[measure] for run in runs)
    return [value for value in found if value is not None]
