"""A small sweep and a small search, of numbers made up."""

from sim.experiments.confirm import Compared, Confirmation
from sim.experiments.sample import Sample
from sim.experiments.slo import parse
from sim.experiments.stopping import Stopping
from sim.experiments.sweep import Sweep
from sim.experiments.tuning import Tuning
from sim.measure.statistics import Estimate
from tests.experiments.small import INTERVAL, SCENARIO, sample

INTERVALS_S, POLICIES = (1, 2, 4), ("hybrid", "polling-only")


def candidate(interval_s: float, polls: float, p99: float, lost: float = 0.0) -> Sample:
    """Two replications around these numbers."""
    return sample(
        {INTERVAL: interval_s},
        clients=1000,
        polls_per_s_mean=[polls - 0.1, polls + 0.1],
        latency_p99_s=[p99 - 0.01, p99 + 0.01],
        age_mean_s=[3 + interval_s / 10, 3 + interval_s / 10],
        events_lost=[lost, lost],
    )


def sweep() -> Sweep:
    """Six points; the polls of a point and a replication differ in a way that tells both."""
    samples = [
        sample(
            {INTERVAL: interval_s, "client.policy": policy},
            polls_per_s_mean=[100 / interval_s, 110 / interval_s + extra],
        )
        for interval_s in INTERVALS_S
        for extra, policy in enumerate(POLICIES)
    ]
    over = {INTERVAL: INTERVALS_S, "client.policy": POLICIES}
    return Sweep(SCENARIO, over, "model", 0, Stopping(2, 2), tuple(samples), 4)


def tuning(*, confirms: bool | None = True, bound: float = 2.0, lost: float = 0.0) -> Tuning:
    """Three candidates, of which the middle one is the best under a bound of 2 s."""
    compared = Compared(
        "latency_p99_s", False, Estimate(1.6, 1.5, 1.7), Estimate(*((1.5, 1.4, 1.6) if confirms else (3.0, 2.9, 3.1)))
    )
    return Tuning(
        SCENARIO,
        "fleet",
        0,
        (parse(f"latency_p99_s<={bound}"),),
        "polls_per_s_mean",
        (candidate(1, 40, 0.8, lost), candidate(2, 20, 1.6, lost), candidate(4, 10, 3.2, lost)),
        None if confirms is None else Confirmation(candidate(2, 2, 1.5), (compared,)),
        "it was not asked to" if confirms is None else "",
    )
