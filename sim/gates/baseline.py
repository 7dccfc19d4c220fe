"""Baselines: what gated measures were, as a file (docs/gates.md)."""

import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sim.contract.errors import InputError
from sim.contract.fields import Span, Table
from sim.contract.gate import World
from sim.contract.sentence import validated
from sim.gates.check import Checked, Result, runs
from sim.gates.identity import described
from sim.gates.judge import margin_s

FORMAT = 1


class Series(Table):
    """One measure of one scenario in one world, under one seed after the other.

    scenario: its name. measure, world, within_s: as of the gate.
    seed: of its first run, which the others follow. values: what each run measured.
    """

    scenario: str
    measure: str
    world: World
    within_s: Span | None = None
    seed: Annotated[int, Field(ge=0)]
    values: tuple[int | float, ...] = Field(strict=False, min_length=1)

    @property
    def key(self) -> tuple[str, str, str, Span | None]:
        """What it is a series of."""
        return self.scenario, self.measure, self.world, self.within_s

    @property
    def subject(self) -> str:
        """As a sentence names it."""
        span = f" within {self.within_s.first_s:g} to {self.within_s.last_s:g} s" if self.within_s else ""
        return f"{self.measure} of {self.scenario} in {self.world}{span}"


class Baseline(Table):
    """What a baseline's file holds.

    format: of this file. version: of the program that wrote it.
    scenarios: what was performed, by name. series: what was measured.
    """

    format: int
    version: str
    scenarios: dict[str, dict[str, Any]]
    series: tuple[Series, ...] = Field(strict=False, min_length=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """A series as it is now.

    margin: how far it may lie from the recorded one, in the measure's unit. starved: as of any of its runs.
    """

    series: Series
    margin: float
    starved: bool


def watched(checked: Checked) -> list[Watched]:
    """What these gates look at, each once: with the most runs and the smallest margin that one of them asks for.

    Runs that show nothing are left out.
    """
    found: dict[tuple[Any, ...], Watched] = {}
    for result in checked.results:
        if result.vacuous:
            continue
        one = _watched(result, checked)
        other = found.get(one.series.key, one)
        longer = max(one, other, key=lambda w: len(w.series.values)).series
        found[one.series.key] = Watched(longer, min(one.margin, other.margin), one.starved or other.starved)
    return list(found.values())


def recorded(checked: Checked) -> dict[str, Any]:
    """What is worth keeping of these gates' runs, as plain data; raises InputError where one shows nothing."""
    for result in checked.results:
        if result.vacuous:
            raise InputError(f"{result.sentence}; nothing is recorded")
    scenarios = {result.placed.name: described(result.placed.scenario) for result in checked.results}
    series = [one.series.model_dump(mode="json") for one in watched(checked)]
    for one in series:
        one["within_s"] = one["within_s"] and [one["within_s"]["first_s"], one["within_s"]["last_s"]]
    return {"format": FORMAT, "version": version("fanout-sim"), "scenarios": scenarios, "series": series}


def read(path: Path) -> Baseline:
    """The baseline in a file; raises InputError with one sentence naming it."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: no baseline, which is JSON; fanout-sim gate --record writes one") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError(f"{path}: no baseline of this version of fanout-sim; record it again")
    baseline = validated(Baseline, data, str(path))
    for number, one in enumerate(baseline.series):
        if one.scenario not in baseline.scenarios:
            raise InputError(f"{path}: series[{number}].scenario: {one.scenario!r} is not among its scenarios")
    return baseline


def _watched(result: Result, checked: Checked) -> Watched:
    placed, gate = result.placed, result.placed.gate
    observed = [checked.observed[run] for run in runs(placed, checked.seed)]
    values = (one.measures[gate.measure] for one in observed)
    series = Series(
        scenario=placed.name,
        measure=gate.measure,
        world=gate.world,
        within_s=gate.within_s,
        seed=checked.seed,
        values=tuple(value for value in values if value is not None),
    )
    return Watched(series, margin_s(gate), any(one.starved for one in observed))
