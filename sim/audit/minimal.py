"""The smallest run in which a client never shows an event, found by search in the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.measure.metrics import never_shown
from sim.worlds import perform

MOST_EVENTS, LONGEST_S = 4, 10
"""How far the search goes: so many events, the last of them so late; beyond two poll intervals nothing new comes."""

INTERVAL_S = 4.0


@dataclass(frozen=True, slots=True)
class Example:
    """A run in which the first policy never shows an event, beside the same run under others.

    missed: the index of that event. tried: how many runs were performed until this one was found.
    scripts, traces: by policy, the one that was searched first.
    """

    scenario: Scenario
    missed: int
    tried: int
    scripts: dict[str, Script]
    traces: dict[str, Trace]

    def polls(self, policy: str) -> int:
        """How many polls the client sends under this policy."""
        return sum(row[2] == "poll_sent" for row in self.traces[policy].rows)

    def never_shown(self, policy: str) -> list[int]:
        """Which events it never shows."""
        return _missed(self.traces[policy])


def smallest(
    policy: str = "hybrid",
    beside: tuple[str, ...] = ("hybrid-cursor",),
    *,
    most_events: int = MOST_EVENTS,
    longest_s: int = LONGEST_S,
) -> Example | None:
    """The first run, in order of size, in which this policy never shows an event; None where there is none.

    beside: the policies that the same run is performed with besides.
    """
    for tried, scenario in enumerate(runs(policy, most_events, longest_s), start=1):
        script = realize(scenario)
        trace = perform(script, "model")
        missed = _missed(trace)
        if missed:
            scripts = {policy: script} | {name: realize(scenario.override(policy=name)) for name in beside}
            traces = {name: trace if name == policy else perform(of, "model") for name, of in scripts.items()}
            return Example(scenario, missed[0], tried, scripts, traces)
    return None


def runs(policy: str, most_events: int, longest_s: int) -> Iterator[Scenario]:
    """Runs in order of size: by number of events, then by the second of the last one, which ends the run.

    Events come at different whole seconds after the mount, and one message is dropped. Each run is watched until well
    after its end, so that who still polls shows everything.
    """
    for events in range(1, most_events + 1):
        for last_s in range(events, longest_s + 1):
            for before_s in combinations(range(1, last_s), events - 1):
                for dropped in range(events):
                    yield _run(policy, [*before_s, last_s], dropped)


def _run(policy: str, at_s: list[int], dropped: int) -> Scenario:
    types = ["node_completed"] * (len(at_s) - 1) + ["workflow_completed"]
    return Scenario.from_dict(
        {
            "title": "A message is dropped, and the run completes",
            "horizon_s": at_s[-1] + 3 * INTERVAL_S,
            "client": {"policy": policy, "poll_interval_s": INTERVAL_S},
            "workload": {"events": [{"at_s": float(t), "type": kind} for t, kind in zip(at_s, types, strict=True)]},
            "fault": [{"kind": "message-lost", "event": dropped}],
        }
    )


def _missed(trace: Trace) -> list[int]:
    return sorted(event for _, event in never_shown(trace.rows))
