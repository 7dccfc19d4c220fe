"""A scenario performed again and again: what was measured, one number per replication, and its interval."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.measure.metrics import measure, never_shown
from sim.measure.payload import payload_bytes
from sim.measure.statistics import Estimate, difference, mean, proportion
from sim.worlds import perform

MEASURES = (
    "latency_mean_s",
    "latency_p50_s",
    "latency_p99_s",
    "latency_max_s",
    "instant_share",
    "bytes_per_run",
    "events_per_run",
    "events_missed_per_run",
    "runs_missing_share",
    "runs_endless_share",
    "polls_per_run",
    "polls_per_s_peak",
)
"""What is measured.

Latencies are of what is displayed, the longest that of a replication; shares are of 1, `instant_share` that of events
displayed within INSTANT_S; bytes are of JSON text; an event is missed that is never displayed, a run endless for a
client that never learns its end.
"""

OF_RUNS = ("runs_missing_share", "runs_endless_share")
"""Shares of runs, which are independent of one another, so that all replications count together."""

INSTANT_S = 0.1
"""What a person takes for immediate (Miller 1968; Nielsen, Usability Engineering 1993, 5.5)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What replications of one scenario gave.

    runs: how many each replication has.
    numbers: each of MEASURES, one number per replication; in addition `bytes_needed`, what sending each event once
        over a WebSocket takes, per run.
    """

    runs: int
    numbers: Mapping[str, tuple[float, ...]]

    def estimate(self, name: str) -> Estimate:
        """One of MEASURES with its interval: Wilson's for shares of runs, otherwise Student's over replications."""
        numbers = self.numbers[name]
        if name in OF_RUNS:
            return proportion(round(sum(numbers) * self.runs), len(numbers) * self.runs)
        return mean(numbers)

    def estimates(self) -> dict[str, Estimate]:
        """All of MEASURES."""
        return {name: self.estimate(name) for name in MEASURES}

    def difference(self, other: "Sample", name: str, factor: float = 1.0) -> Estimate:
        """By how much it is larger here than factor times there, on the same scripts."""
        return difference(self.numbers[name], [factor * number for number in other.numbers[name]])


def replicate(scenario: Scenario, seeds: range) -> Iterator[dict[str, float]]:
    """What each seed's performance in the model gives, seed by seed."""
    for seed in seeds:
        script = realize(scenario, seed)
        yield measured(perform(script), script)


def gathered(replications: list[dict[str, float]], runs: int) -> Sample:
    """The sample of these replications."""
    return Sample(runs, {name: tuple(one[name] for one in replications) for name in replications[0]})


def measured(trace: Trace, script: Script) -> dict[str, float]:
    """The numbers of one performance; a latency is not a number where nothing is displayed."""
    found = measure(trace, script)
    emitted_us = {(row[1], row[3]): row[0] for row in trace.rows if row[2] == "event_emitted"}
    shown_us = {(row[1], row[3]): row[0] for row in trace.rows if row[2] == "event_shown"}
    told = {row[1] for row in trace.rows if row[2] == "terminal_reached"}
    missing = {client for client, _ in never_shown(trace.rows)}
    instant = sum(time_us - emitted_us[key] <= INSTANT_S * 1e6 for key, time_us in shown_us.items())
    runs = script.clients
    numbers: dict[str, float] = {
        name: float("nan") if (value := found[name]) is None else value for name in MEASURES if name in found
    }
    return numbers | {
        "instant_share": instant / len(emitted_us),
        "bytes_per_run": ((found["bytes_websocket"] or 0) + (found["bytes_http"] or 0)) / runs,
        "bytes_needed": _bytes_needed(script) / runs,
        "events_per_run": len(emitted_us) / runs,
        "events_missed_per_run": (found["events_lost"] or 0) / runs,
        "runs_missing_share": len(missing) / runs,
        "runs_endless_share": 1 - len(told) / runs,
        "polls_per_run": (found["poll_requests"] or 0) / runs,
    }


def _bytes_needed(script: Script) -> int:
    """Bytes of every event of every run, sent once as a message."""
    every = (
        (0, one.client, "message_received", event, "")
        for one in script.all_clients()
        for event in range(len(one.events))
    )
    return payload_bytes(every, script)[0]
