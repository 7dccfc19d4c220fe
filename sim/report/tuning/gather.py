"""What the guide tells: sweeps and searches over one workload, ten events at random in 30 s."""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract.progress import Progress, part
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.totals import Totals
from sim.experiments.grid import Over
from sim.experiments.slo import parse
from sim.experiments.sweep import Sweep, sweep
from sim.experiments.tune import tune
from sim.experiments.tuning import Tuning
from sim.report.tuning.thrice import Thrice, backoffs, intervals
from sim.scenarios import catalog
from sim.worlds import totals

LOSSY, PLAIN = "tuning", "random-gaps"
"""The shipped scenarios: 5 % of the messages are lost, or none."""

INTERVAL, FACTOR, POLICY = "client.poll_interval_s", "client.backoff_factor", "client.policy"

INTERVALS_S = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15)
PROVEN_S = (1, 2, 4, 8)
"""Those for which the model and theory are asked too."""

FACTORS = (1.0, 1.25, 1.5, 2.0, 3.0)
DOCUMENTED = 1.5
"""The factor of `hybrid-backoff`."""

POLICIES = ("hybrid", "polling-only", "hybrid-cursor")

CLIENTS, MODEL_CLIENTS, CROWD = 10_000, 100, 100_000
"""Per replication in the fleet and in the model; and for curves, one replication."""

CONFIRM_CLIENTS = 250

FAST, SAFE = ("latency_p99_s<=2",), ("latency_p99_s<=4", "events_lost<=0")
"""What is to be kept: by the documented client, and by the better of two policies."""

SAFE_INTERVALS_S = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Guide:
    """The same seed gives the same.

    intervals: over INTERVALS_S. factors: over FACTORS and two policies. fast, safe: searches under FAST and SAFE.
    thrice: numbers in closed form, of the fleet and of the model. policies: totals of CROWD clients, by policy.
    """

    seed: int
    intervals: Sweep
    factors: Sweep
    fast: Tuning
    safe: Tuning
    thrice: tuple[Thrice, ...]
    policies: dict[str, Totals]


def gather(seed: int = 0, progress: Progress | None = None) -> Guide:
    """Perform all of it, in some half a minute."""
    lossy, plain = (catalog.load(name).override(count=CLIENTS) for name in (LOSSY, PLAIN))
    by_interval = sweep(lossy, {INTERVAL: INTERVALS_S}, seed=seed, progress=part(progress, 0.0, 0.15))
    over: Over = {FACTOR: FACTORS, POLICY: ("hybrid", "polling-only")}
    by_factor = sweep(lossy, over, seed=seed, progress=part(progress, 0.15, 0.25))
    fast = _tuned(lossy, FAST, None, seed, part(progress, 0.25, 0.45))
    over = {POLICY: ("hybrid", "hybrid-cursor"), INTERVAL: SAFE_INTERVALS_S}
    safe = _tuned(lossy, SAFE, over, seed, part(progress, 0.45, 0.6))
    proven: Over = {INTERVAL: PROVEN_S}
    nothing_lost = sweep(plain, proven, seed=seed)
    over = {FACTOR: (DOCUMENTED,), POLICY: ("hybrid", "polling-only")}
    thrice = (
        *intervals(nothing_lost, _in_model(plain, proven, seed, part(progress, 0.6, 0.75)), 0.0),
        *intervals(by_interval, _in_model(lossy, proven, seed, part(progress, 0.75, 0.9)), 0.05),
        *backoffs(by_factor, _in_model(lossy, over, seed, part(progress, 0.9, 1.0)), DOCUMENTED),
    )
    policies = {
        policy: totals(realize(catalog.load(LOSSY).override(count=CROWD, policy=policy), seed)) for policy in POLICIES
    }
    return Guide(seed, by_interval, by_factor, fast, safe, thrice, policies)


def _tuned(scenario: Scenario, slos: Sequence[str], over: Over | None, seed: int, progress: Progress | None) -> Tuning:
    parsed = [parse(text) for text in slos]
    return tune(scenario, parsed, over=over, seed=seed, confirm_clients=CONFIRM_CLIENTS, progress=progress)


def _in_model(scenario: Scenario, over: Over, seed: int, progress: Progress | None) -> Sweep:
    return sweep(scenario.override(count=MODEL_CLIENTS), over, world="model", seed=seed, progress=progress)
