"""What gates look at: each scenario performed once per world and seed, and measured."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.contract.progress import Progress, part
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.totals import Value
from sim.contract.trace import Trace
from sim.measure.metrics import measure
from sim.verify.live import ALONE_FROM_CLIENTS, perform_live
from sim.verify.margin import LIVE_MARGIN_S, starved
from sim.worlds import perform, totals

Measures = Mapping[str, Value]


class Run(NamedTuple):
    """One performance, and the part of it that is measured: of the scenario by name, in [from, until) s or whole."""

    name: str
    world: str
    seed: int
    span_s: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of a run: its measures, and whether the machine kept a live world from performing in time."""

    measures: Measures
    starved: bool = False


def perform_all(
    runs: Iterable[Run], scenarios: Mapping[str, Scenario], progress: Progress | None = None
) -> dict[Run, Observed]:
    """Perform these runs: the live ones side by side, the others one after the other."""
    spans: dict[tuple[str, str, int], list[Run]] = {}
    for run in dict.fromkeys(runs):
        spans.setdefault((run.name, run.world, run.seed), []).append(run)
    live = [address for address in spans if address[1] == "live"]
    others = [address for address in spans if address[1] != "live"]
    share = len(others) / (len(others) + 10 * len(live)) if spans else 1.0  # a live one takes as long as it takes
    observed: dict[Run, Observed] = {}
    for number, (name, world, seed) in enumerate(others):
        step = part(progress, share * number / len(others), share * (number + 1) / len(others))
        script = realize(scenarios[name], seed)
        if world == "fleet":
            observed |= dict.fromkeys(
                spans[name, world, seed], Observed(totals(script, world, progress=step).measures())
            )
        else:
            observed |= _measured(spans[name, world, seed], perform(script, world, progress=step))
    scripts = [realize(scenarios[name], seed) for name, _, seed in live]
    for address, trace in zip(live, _side_by_side(scripts, part(progress, share, 1.0)), strict=True):
        observed |= _measured(spans[address], trace)
    return observed


def _measured(runs: Iterable[Run], trace: Trace) -> dict[Run, Observed]:
    late = starved(LIVE_MARGIN_S, trace)
    return {run: Observed(measure(trace, within_s=run.span_s), late) for run in runs}


def _side_by_side(scripts: Sequence[Script], progress: Progress | None) -> list[Trace]:
    """Live traces; not more clients at a time than one process can serve in time."""
    groups: list[list[Script]] = []
    clients = 0
    for script in scripts:
        clients += script.clients
        if not groups or clients >= ALONE_FROM_CLIENTS:
            groups.append([])
            clients = script.clients
        groups[-1].append(script)
    traces: list[Trace] = []
    for number, group in enumerate(groups):
        step = part(progress, number / len(groups), (number + 1) / len(groups))
        traces += perform_live(group, None, step)
    return traces
