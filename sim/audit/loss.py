"""How often the documented client never shows an event: closed forms beside the model, and the cursor protocol."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.audit.minimal import Example, smallest
from sim.contract.errors import InputError
from sim.contract.progress import Progress
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.measure.metrics import never_shown
from sim.measure.statistics import Estimate, mean, proportion
from sim.theory.loss import PoissonGaps, events_lost, one_lost
from sim.worlds import perform

EVENTS, RATE_PER_S, INTERVAL_S = 10, 1 / 3, 4.0
"""The document's workload, "10 events over 30 seconds", and its interval."""

DROPPED = 4
"""The fifth event of ten, so that five messages are still to come."""

RATES_PER_S = (0.2, 0.5, 1.0, 2.0, 5.0)
INTERVALS_S = (1.0, 2.0, 4.0, 10.0)
LOSSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
POLICIES = ("hybrid", "hybrid-cursor")

CLIENTS = 500
"""Independent runs per value."""


@dataclass(frozen=True, slots=True)
class OneDropped:
    """The fifth of ten messages is dropped: the probability that its event is never shown.

    theory: the closed form. model: the share of runs, with its interval.
    """

    rate_per_s: float
    interval_s: float
    theory: float
    model: Estimate


@dataclass(frozen=True, slots=True)
class EachDropped:
    """Each message is dropped with a probability: what a client never shows, and how often it asks, per run.

    theory: the expected number of events never shown; None for a policy without a closed form.
    """

    policy: str
    loss: float
    theory: float | None
    never_shown: Estimate
    polls: Estimate


@dataclass(frozen=True, slots=True)
class LossAnalysis:
    """What was found; the same seed gives the same analysis.

    clients: how many independent runs each value of the model has.
    example: the smallest run in which the documented client never shows an event.
    one: by interval, then by rate. each: by policy, then by probability.
    """

    seed: int
    clients: int
    example: Example
    one: tuple[OneDropped, ...]
    each: tuple[EachDropped, ...]


def analyse(seed: int = 0, clients: int = CLIENTS, progress: Progress | None = None) -> LossAnalysis:
    """The whole analysis, in some twenty seconds; from two clients on (InputError)."""
    if clients < 2:
        raise InputError(f"the loss analysis needs two clients or more, not {clients}")
    example = smallest()
    if example is None:
        raise AssertionError("the search ends with the documented client's first lost event")
    one, each = [], []
    for number, interval_s in enumerate(INTERVALS_S):
        # all that counts is rate x interval, so one seed would repeat itself
        own_seed = seed * len(INTERVALS_S) + number
        for rate_per_s in RATES_PER_S:
            one.append(_one(rate_per_s, interval_s, own_seed, clients))
        if progress:
            progress(0.8 * len(one) / len(INTERVALS_S) / len(RATES_PER_S))
    for policy in POLICIES:
        for loss in LOSSES:
            each.append(_each(policy, loss, seed, clients))
        if progress:
            progress(0.8 + 0.2 * len(each) / len(POLICIES) / len(LOSSES))
    return LossAnalysis(seed, clients, example, tuple(one), tuple(each))


def one_in_theory(rate_per_s: float, interval_s: float) -> float:
    """The closed form of `OneDropped`."""
    return one_lost(PoissonGaps(rate_per_s, interval_s), EVENTS - 1 - DROPPED)


def each_in_theory(loss: float) -> float:
    """The closed form of `EachDropped` for the documented client."""
    return events_lost(PoissonGaps(RATE_PER_S, INTERVAL_S), EVENTS, loss)


def _one(rate_per_s: float, interval_s: float, seed: int, clients: int) -> OneDropped:
    lost, _ = _performed("hybrid", rate_per_s, interval_s, {"event": DROPPED}, seed, clients)
    return OneDropped(rate_per_s, interval_s, one_in_theory(rate_per_s, interval_s), proportion(sum(lost), clients))


def _each(policy: str, loss: float, seed: int, clients: int) -> EachDropped:
    lost, polls = _performed(policy, RATE_PER_S, INTERVAL_S, {"probability": loss}, seed, clients)
    theory = each_in_theory(loss) if policy == "hybrid" else None
    return EachDropped(policy, loss, theory, mean(lost), mean(polls))


def _performed(
    policy: str, rate_per_s: float, interval_s: float, fault: dict[str, Any], seed: int, clients: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Per client how many events it never shows, and how many polls it sends.

    The horizon is four times the mean length of a run and more, which one run in a hundred million exceeds.
    """
    scenario = {
        "title": "Events at random, and messages that are dropped",
        "horizon_s": 4 * EVENTS / rate_per_s + 3 * interval_s,
        "client": {"policy": policy, "poll_interval_s": interval_s, "count": clients},
        "workload": {"poisson": {"count": EVENTS, "mean_gap_s": 1 / rate_per_s}},
        "fault": [{"kind": "message-lost"} | fault],
    }
    rows = perform(realize(Scenario.from_dict(scenario), seed), "model").rows
    missed = Counter(client for client, _ in never_shown(rows))
    polls = Counter(row[1] for row in rows if row[2] == "poll_sent")
    return [missed[client] for client in range(clients)], [polls[client] for client in range(clients)]
