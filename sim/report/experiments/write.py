"""Writing: the tables and figures of an experiment in its run folder, each whole or not at all."""

import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import Tuning
from sim.report import files
from sim.report.experiments import figures, frames
from sim.report.experiments.advice import advice
from sim.report.style import save
from sim.report.tables import as_json


def sweep(found: Sweep, measures: Sequence[str], folder: Path) -> None:
    """table.csv, differences.csv and figure.svg, .png; tables also as Parquet where pyarrow is installed."""
    with _written(folder) as part:
        _table(frames.values(found.samples), part / "table")
        _table(frames.differences(found.samples, found.samples[found.base]), part / "differences")
        _figure(figures.sweep(found, measures), part / "figure")


def tuning(found: Tuning, folder: Path) -> None:
    """table.csv, figure.svg, .png and recommendation.json; the table also as Parquet where pyarrow is installed."""
    with _written(folder) as part:
        _table(frames.values(found.samples), part / "table")
        _figure(figures.tuning(found), part / "figure")
        (part / "recommendation.json").write_text(as_json(recommendation(found)), encoding="utf-8")


def recommendation(found: Tuning) -> dict[str, Any]:
    """The answer of a search as plain data: the content of recommendation.json."""
    measures = [found.minimised, *(slo.measure for slo in found.slos)]

    def candidate(number: int | None) -> dict[str, Any] | None:
        return None if number is None else _candidate(found.samples[number], measures)

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
        "advice": advice(found),
    }


def _candidate(sample: Sample, measures: Sequence[str]) -> dict[str, Any]:
    estimates = {name: sample.estimate(name) for name in measures}
    return {
        "point": dict(sample.point),
        "clients": sample.clients,
        "replications": sample.count,
        "estimates": {name: one and asdict(one) for name, one in estimates.items()},
    }


@contextmanager
def _written(folder: Path) -> Iterator[Path]:
    """A folder whose files take the place of those of that name in the other one, when the block ends well."""
    part = folder / ".fanout-sim.part"
    with files.writing(folder):
        try:
            part.mkdir(exist_ok=True)
            yield part
            for path in part.iterdir():
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _table(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path.with_suffix(".csv"), index=False, lineterminator="\n")
    if importlib.util.find_spec("pyarrow") is not None:
        frame.to_parquet(path.with_suffix(".parquet"), index=False)


def _figure(figure: Figure, path: Path) -> None:
    save(figure, path.with_suffix(".svg"))
    save(figure, path.with_suffix(".png"))
