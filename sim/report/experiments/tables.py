"""Tables of experiments for people: a row per point, each measure with its interval."""

from collections.abc import Mapping, Sequence

from sim.experiments import grid
from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import AGE, REQUESTS, Tuning
from sim.measure.statistics import Estimate
from sim.report.tables import Cell, Table, number

HEADLINES = ("polls_per_s_mean", "age_mean_s", "latency_p99_s", "events_lost")
"""What is printed and drawn where nobody asks for other measures."""


def interval(estimate: Estimate | None, *, signed: bool = False) -> str:
    """A value and its interval as people read them: 1.23 [1.20, 1.26]."""
    if estimate is None:
        return "-"
    sign = "+" if signed and estimate.value > 0 else ""
    return f"{sign}{short(estimate.value)} [{short(estimate.low)}, {short(estimate.high)}]"


def short(value: float) -> str:
    """A number with some four digits, enough for people; the files hold all of them."""
    if value == 0:
        return "0"
    digits = max(0, 4 - len(str(int(abs(value))))) if abs(value) >= 1 else 4
    text = f"{value:,.{digits}f}" if abs(value) >= 0.001 else f"{value:.2g}"
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def of_sweep(sweep: Sweep, measures: Sequence[str]) -> Table:
    """The points of a sweep; where it compares any, also by how much the first measure differs from the base."""
    compares = len(sweep.samples) > 1
    beyond = f"{measures[0]} beyond the base"
    table = _table(sweep.samples, measures, [beyond] if compares else [])
    differences = sweep.differences(measures[0])
    for index, sample in enumerate(sweep.samples):
        compared = "the base" if index == sweep.base else interval(differences[index], signed=True)
        table.rows.append((*_cells(sample, measures), *([compared] if compares else [])))
    return table


def of_tuning(tuning: Tuning) -> Table:
    """The candidates of a search: which keep the SLOs, which lie on the front, which is the best."""
    measures = list(dict.fromkeys([*tuning.measures, REQUESTS, AGE]))
    table = _table(tuning.samples, measures, ["on the front", "SLOs"])
    for index, sample in enumerate(tuning.samples):
        broken = tuning.broken(index)
        verdict = Cell("best", "bold green") if index == tuning.best else Cell("kept", "green")
        if broken:
            verdict = Cell(f"breaks {', '.join(map(str, broken))}", "red")
        table.rows.append((*_cells(sample, measures), "yes" if index in tuning.front else "", verdict))
    return table


def _table(samples: Sequence[Sample], measures: Sequence[str], others: Sequence[str]) -> Table:
    numeric = (*samples[0].point, "replications", *measures)
    return Table((*samples[0].point, "replications", *measures, *others), numeric=numeric)


def _cells(sample: Sample, measures: Sequence[str]) -> list[str]:
    point: Mapping[str, object] = sample.point
    return [
        *(grid.label(value) for value in point.values()),
        number(sample.count),
        *(interval(sample.estimate(name)) for name in measures),
    ]
