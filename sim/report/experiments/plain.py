"""Plain: experiments as data for programs, what `--json` prints."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from sim.contract.claim import MEASURES
from sim.contract.scenario import Scenario
from sim.experiments.herd import Case, columns
from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import Tuning
from sim.measure.statistics import Estimate
from sim.report.experiments.advice import advice


def of_sweep(found: Sweep) -> dict[str, Any]:
    """Each point with all measures and by how much each is larger than at the base, whose number is `base`, from 0."""
    base = found.samples[found.base]
    return {
        "scenario": found.scenario.title,
        "world": found.world,
        "seed": found.seed,
        "base": found.base,
        "points": [
            _sample(sample, MEASURES)
            | {"differences": _estimates(MEASURES, partial(sample.difference, base))}
            | {"narrow_enough": found.stopping.reached(sample)}
            for sample in found.samples
        ],
    }


def of_tuning(found: Tuning) -> dict[str, Any]:
    """The answer of a search: the content of recommendation.json."""

    def candidate(number: int | None) -> dict[str, Any] | None:
        return None if number is None else _sample(found.samples[number], found.measures)

    return {
        "minimised": found.minimised,
        "slos": [str(slo) for slo in found.slos],
        "holds": found.holds,
        "best": candidate(found.best),
        "closest": None if found.best is not None else candidate(found.closest),
        "cheaper": candidate(found.cheaper),
        "dearer": candidate(found.dearer),
        "front": [dict(found.samples[number].point) for number in found.front],
        "confirmation": None
        if found.confirmation is None
        else [asdict(one) | {"overlap": one.overlap} for one in found.confirmation.compared],
        "expected": dict(found.expected),
        "advice": advice(found),
    }


def of_herds(scenario: Scenario, seed: int, cases: Sequence[Case]) -> dict[str, Any]:
    """Each case with the columns of table.csv, and its requests per second; those expected begin with the restart."""
    return {
        "scenario": scenario.title,
        "seed": seed,
        "cases": [
            dict(columns(case))
            | {
                "restart_s": case.restart_s,
                "requests_per_s": case.requests_per_s.tolist(),
                "expected_per_s": None if case.expected_per_s is None else case.expected_per_s.tolist(),
            }
            for case in cases
        ],
    }


def _sample(sample: Sample, measures: Sequence[str]) -> dict[str, Any]:
    return {
        "point": dict(sample.point),
        "clients": sample.clients,
        "replications": sample.count,
        "estimates": _estimates(measures, sample.estimate),
    }


def _estimates(measures: Sequence[str], estimated: Callable[[str], Estimate | None]) -> dict[str, Any]:
    return {name: one and asdict(one) for name, one in ((name, estimated(name)) for name in measures)}
