"""A suite: scenarios performed in worlds, claims and invariants judged, and the worlds held against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sim.contract.errors import CannotPerform, InputError
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.measure.losses import Loss, losses
from sim.scenarios import catalog
from sim.verify.agreement import Agreement, compare
from sim.verify.claims import ClaimResult, judge_all
from sim.verify.invariants import Finding, check
from sim.verify.live import ALONE_FROM_CLIENTS, perform_live
from sim.worlds import check_world, perform, unable


@dataclass(frozen=True)
class Result:
    """One scenario of a suite.

    traces: by world. claims: judged in each world. agreements: each world with the next, and `live` with a rerun of
    itself, which shows how far the margin is used up by chance alone. findings: the rules that each world breaks.
    losses: what each world lost, by cause, and who recovered it.
    left_out: why a world that was asked for is not among them.
    """

    name: str
    scenario: Scenario
    script: Script
    traces: dict[str, Trace]
    claims: list[ClaimResult]
    agreements: list[Agreement]
    findings: dict[str, list[Finding]]
    losses: dict[str, list[Loss]]
    left_out: dict[str, str]

    @property
    def as_expected(self) -> bool:
        """Every claim is as expected, no two worlds differ, and none breaks a rule."""
        return (
            all(claim.as_expected for claim in self.claims)
            and not any(agreement.verdict == "differ" for agreement in self.agreements)
            and not any(self.findings.values())
        )


def verify(
    names: Sequence[str],
    worlds: Sequence[str],
    seed: int = 0,
    redis: str | None = None,
    progress: Progress | None = None,
) -> list[Result]:
    """Perform the scenarios (shipped names or files; none: all shipped) in the worlds, and judge them.

    A world that cannot perform one of them is left out there. A named one that none can perform raises CannotPerform;
    of all shipped ones it is left out.
    """
    for world in worlds:
        check_world(world)
    if not worlds or len(set(worlds)) < len(worlds):
        raise InputError(f"worlds must be named once each, not {','.join(worlds)!r}")
    scripts = {name: realize(scenario, seed) for name, scenario in _scenarios(names or catalog.names()).items()}
    left_out = {name: _left_out(script, worlds) for name, script in scripts.items()}
    nobodys = [name for name, reasons in left_out.items() if len(reasons) == len(worlds)]
    if nobodys and names:
        raise CannotPerform(next(iter(left_out[nobodys[0]].values())))
    scripts = {name: script for name, script in scripts.items() if name not in nobodys}
    traces: dict[str, dict[str, Trace]] = {name: {} for name in scripts}
    for world in worlds:
        if world != "live":
            for name, script in scripts.items():
                if world not in left_out[name]:
                    traces[name][world] = perform(script, world)
    reruns: dict[str, Trace] = {}
    live = [name for name in scripts if "live" in worlds and "live" not in left_out[name]]
    if live:
        again = [name for name in live if scripts[name].clients < ALONE_FROM_CLIENTS]
        performed = perform_live([scripts[name] for name in [*live, *again]], redis, progress)
        for name, trace in zip(live, performed, strict=False):
            traces[name]["live"] = trace
        reruns = dict(zip(again, performed[len(live) :], strict=True))
    return [
        _result(name, script, [traces[name][w] for w in worlds if w in traces[name]], reruns.get(name), left_out[name])
        for name, script in scripts.items()
    ]


def _left_out(script: Script, worlds: Sequence[str]) -> dict[str, str]:
    """The worlds that cannot perform the script, and why."""
    return {world: reason for world in worlds if (reason := unable(script, world)) is not None}


def _scenarios(names: Sequence[str]) -> dict[str, Scenario]:
    scenarios: dict[str, Scenario] = {}
    for name in names:
        short = Path(name).stem
        if short in scenarios:
            raise InputError(f"{name!r}: there are two scenarios called {short!r}; give each once")
        scenarios[short] = catalog.load(name)
    return scenarios


def _result(name: str, script: Script, traces: list[Trace], rerun: Trace | None, left_out: dict[str, str]) -> Result:
    by_world = {trace.world or "": trace for trace in traces}
    agreements = [compare(first, second) for first, second in pairwise(traces)]
    if rerun is not None:
        agreements.append(compare(by_world["live"], rerun))
    judged = {world: judge_all(script.scenario.claims, trace) for world, trace in by_world.items()}
    claims = [
        ClaimResult(claim, {world: judgements[number] for world, judgements in judged.items()})
        for number, claim in enumerate(script.scenario.claims)
    ]
    findings = {world: check(trace, script) for world, trace in by_world.items()}
    lost = {world: losses(trace) for world, trace in by_world.items()}
    return Result(name, script.scenario, script, by_world, claims, agreements, findings, lost, left_out)
