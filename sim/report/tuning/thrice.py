"""Numbers known three ways: in closed form, as the fleet performs them, and as the model does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.experiments.grid import Point
from sim.experiments.sample import Sample
from sim.experiments.sweep import Sweep
from sim.measure.statistics import Estimate
from sim.theory.backoff import Backoff, PoissonBackoff
from sim.theory.gaps import PoissonGaps
from sim.theory.loss import events_lost
from sim.theory.polls import polls_per_run, polls_per_run_polling_only

EVENTS, RATE_PER_S = 10, 1 / 3
"""The workload of every number here."""


@dataclass(frozen=True, slots=True)
class Thrice:
    """A number per run: `theory` in closed form, and how the two worlds estimate it."""

    what: str
    theory: float
    fleet: Estimate
    model: Estimate


def intervals(fleet: Sweep, model: Sweep, loss: float) -> Iterator[Thrice]:
    """Polls, and with losses events never shown, at each of the model's poll intervals, which the fleet's sweep has."""
    lost = f"{loss:.0%} of messages lost"
    for sample in model.samples:
        both = [_at(fleet, sample.point), sample]
        interval_s = sample.point["client.poll_interval_s"]
        gaps = PoissonGaps(RATE_PER_S, interval_s)
        where = f"interval {interval_s:g} s, {lost}"
        yield _thrice(f"polls: {where}", polls_per_run(gaps, EVENTS, loss), both, "poll_requests")
        if loss:
            yield _thrice(f"events never shown: {where}", events_lost(gaps, EVENTS, loss), both, "events_lost")


def backoffs(
    fleet: Sweep, model: Sweep, factor: float, interval_s: float = 4.0, loss: float = 0.05
) -> Iterator[Thrice]:
    """Polls with this backoff, with a WebSocket and without one."""
    gaps = PoissonBackoff(RATE_PER_S, Backoff(interval_s, factor))
    theory = {"hybrid": polls_per_run(gaps, EVENTS, loss), "polling-only": polls_per_run_polling_only(gaps, EVENTS)}
    for policy, expected in theory.items():
        point = {"client.backoff_factor": factor, "client.policy": policy}
        both = [_at(fleet, point), _at(model, point)]
        what = f"polls: interval {interval_s:g} s, backoff {factor:g}, {loss:.0%} of messages lost, `{policy}`"
        yield _thrice(what, expected, both, "poll_requests")


def per_run(sample: Sample, measure: str) -> Estimate:
    """A sum over clients as a mean per run; each client watches one."""
    found = sample.estimate(measure)
    assert found is not None, "sums are always there"
    return found / sample.clients


def _at(sweep: Sweep, point: Point) -> Sample:
    return next(sample for sample in sweep.samples if sample.point == point)


def _thrice(what: str, theory: float, both: Sequence[Sample], measure: str) -> Thrice:
    fleet, model = (per_run(sample, measure) for sample in both)
    return Thrice(what, theory, fleet, model)
