"""Writing: the tables and figures of an experiment in its run folder, each whole or not at all."""

import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.sweep import Sweep
from sim.experiments.tuning import Tuning
from sim.report import files
from sim.report.experiments import figures, frames, plain
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
        (part / "recommendation.json").write_text(as_json(plain.of_tuning(found)), encoding="utf-8")


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
