"""Advice: a search's answer in words: what, why, what its neighbours would cost, and how sure it is."""

from sim.contract.totals import QUANTILES, RESOLUTION
from sim.experiments import grid
from sim.experiments.confirm import TOGETHER, Compared
from sim.experiments.sample import Sample
from sim.experiments.tuning import Tuning
from sim.measure.statistics import CONFIDENCE, Estimate
from sim.report.experiments.tables import interval, short

_SURE = f"{CONFIDENCE:.0%}"


def advice(tuning: Tuning) -> list[str]:
    """A sentence or two per line, the answer first."""
    if tuning.best is None:
        return [_nothing(tuning)]
    best = tuning.samples[tuning.best]
    told = [_answer(tuning, best), _why(tuning, best)]
    if tuning.dearer is not None:
        told.append(_dearer(tuning, best, tuning.samples[tuning.dearer]))
    told += [_sure(tuning, best), *_missed(best), *_expected(tuning), _confirmed(tuning)]
    return told


def _nothing(tuning: Tuning) -> str:
    closest = tuning.samples[tuning.closest]
    found = [f"{slo.measure} {interval(closest.estimate(slo.measure))}" for slo in tuning.broken(tuning.closest)]
    slos = " and ".join(map(str, tuning.slos))
    return (
        f"None of {len(tuning.samples)} candidates keeps {slos}; the closest is {grid.name(closest.point)} "
        f"with {', '.join(found)}."
    )


def _answer(tuning: Tuning, best: Sample) -> str:
    kept = ", ".join(f"{slo.measure} {interval(best.estimate(slo.measure))}, kept {slo}" for slo in tuning.slos)
    return f"Take {grid.name(best.point)}: {tuning.minimised} {interval(best.estimate(tuning.minimised))}; {kept}."


def _why(tuning: Tuning, best: Sample) -> str:
    if tuning.cheaper is None:
        return (
            f"Why: no candidate has less {tuning.minimised}, so no SLO binds; what was not tried may be cheaper still."
        )
    cheaper = tuning.samples[tuning.cheaper]
    binding = tuning.broken(tuning.cheaper)
    found = ", ".join(f"{slo.measure} {interval(cheaper.estimate(slo.measure))}" for slo in binding)
    return (
        f"Why: {' and '.join(map(str, binding))} binds. The next cheaper, {grid.name(cheaper.point)}, would save "
        f"{interval(best.difference(cheaper, tuning.minimised))} {tuning.minimised}, but breaks it with {found}."
    )


def _dearer(tuning: Tuning, best: Sample, dearer: Sample) -> str:
    measures = dict.fromkeys(slo.measure for slo in tuning.slos)
    bought = ", ".join(f"{name} by {interval(dearer.difference(best, name), signed=True)}" for name in measures)
    return (
        f"The next dearer, {grid.name(dearer.point)}, would cost {interval(dearer.difference(best, tuning.minimised))} "
        f"{tuning.minimised} more, and change {bought}."
    )


def _sure(tuning: Tuning, best: Sample) -> str:
    told = (
        f"How sure: {best.count} replications of {best.clients:,} clients in world {tuning.world}; each interval holds "
        f"the mean over replications in {_SURE} of cases, and an SLO counts as kept only where all of it does."
    )
    if tuning.world == "fleet" and any(slo.measure in QUANTILES for slo in tuning.slos):
        told += f" Quantiles of latencies are to within 1/{1 / RESOLUTION:.0f} besides."
    if tuning.cheaper is None:
        return told
    cheaper = tuning.samples[tuning.cheaper]
    broken = tuning.broken(tuning.cheaper)
    if all(_spans(cheaper.estimate(slo.measure), slo.bound) for slo in broken):
        told += f" Of the next cheaper, more replications might show that it keeps {' and '.join(map(str, broken))}."
    return told


def _spans(found: Estimate | None, bound: float) -> bool:
    return found is not None and found.low <= bound <= found.high


def _missed(best: Sample) -> list[str]:
    """What no latency tells: events that are never shown have none."""
    lost = best.estimate("events_lost")
    if lost is None or not lost.value:
        return []
    per_run = lost / best.clients
    return [f"Beside the latencies: {interval(per_run)} events per run are never shown, and have no latency."]


def _expected(tuning: Tuning) -> list[str]:
    if not tuning.expected:
        return []
    told = "; ".join(f"{name} {short(value)}" for name, value in tuning.expected.items())
    return [f"In closed form, without chance: {told}."]


def _confirmed(tuning: Tuning) -> str:
    found = tuning.confirmation
    if found is None:
        return f"Not confirmed by the model: {tuning.unconfirmed}."
    what = f"the model on {found.sample.count} x {found.sample.clients:,} clients and other draws"
    if not found.compared:
        return f"Not confirmed by {what}: more clients change each of these measures, so that a sample says nothing."
    told = "; ".join(map(_compared, found.compared))
    return (
        f"{'Confirmed' if found.confirms else 'Contradicted'} by {what}, intervals of {TOGETHER:.1%} together: {told}."
    )


def _compared(one: Compared) -> str:
    name = f"{one.measure} per client" if one.per_client else one.measure
    verdict = "the intervals overlap" if one.overlap else "the intervals do not overlap"
    return f"{name} {interval(one.sampled)}, predicted {interval(one.predicted)}: {verdict}"
