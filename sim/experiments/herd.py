"""Herd lab: what a restart of the fanout server does to the servers, by number of clients and kind of jitter.

A request is a poll sent or a WebSocket opened; an attempt that is refused reaches no server and is not counted. So
that the herd is seen to its end, terminal events are left out of a workload that lists its events, and the performance
goes on for three delays and three poll intervals after the restart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from sim import worlds
from sim.contract.errors import InputError
from sim.contract.fault import FanoutRestart
from sim.contract.policy import Jitter
from sim.contract.progress import Progress, part
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.totals import Queue, Totals
from sim.contract.wire import is_terminal
from sim.experiments.herd_theory import restart_of
from sim.experiments.replace import replaced
from sim.measure.hub import Hub, hub

JITTERS = get_args(Jitter)
MARGIN = 0.5
"""How far above the level before the restart requests may be, as a share of it, where all is calm."""

SERVICE_S = 0.02
"""How long a worker of the orchestrator takes; their number makes the capacity, and a second's worth may wait."""

HUB_CLIENTS = 10_000
"""Clients per hub process."""

HANDSHAKE_US = 200.0
"""CPU of the hub per handshake; an assumption."""

LONGEST_S, STEP_S = 64.0, 0.25
"""Delays are searched up to here, to so much."""


@dataclass(frozen=True, slots=True)
class Case:
    """A herd of so many clients with one kind of jitter.

    capacity_per_s: requests that the servers can answer in a second.
    requests_per_s: (seconds,) in [k, k + 1) s. restart_s: when the server goes. level_per_s: the mean over the poll
        interval before. peak_per_s, peak_after_s: the most in one second from then on, and how long after the restart.
    calm_after_s: from the restart until requests stay within MARGIN above the level; None where they do not, within
        what is performed.
    delay_s: the smallest reconnect_delay_s with which the peak stays within capacity; None where there is none up to
        LONGEST_S.
    queue: of the orchestrator with that capacity for polls. recovered_after_s: from the restart until nobody waits
        longer than SERVICE_S and nobody is turned away; None where that does not come.
    hub: with one process per HUB_CLIENTS.
    expected_per_s: (seconds from restart_s on,) requests as theory expects them; None where it does not hold for the
        scenario.
    """

    clients: int
    jitter: str
    capacity_per_s: float
    requests_per_s: npt.NDArray[np.int64]
    restart_s: int
    level_per_s: float
    peak_per_s: int
    peak_after_s: int
    calm_after_s: int | None
    delay_s: float | None
    queue: Queue
    recovered_after_s: int | None
    hub: Hub
    expected_per_s: npt.NDArray[np.float64] | None = None

    @property
    def expected_peak_per_s(self) -> float | None:
        """The most that theory expects in one second; None where it does not hold for the scenario."""
        return None if self.expected_per_s is None else float(self.expected_per_s.max())


def herd(
    scenario: Scenario,
    clients: Sequence[int],
    *,
    capacity_per_s: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Case]:
    """Each number of clients with each kind of jitter.

    capacity_per_s: of all servers; by default twice the requests per second before the restart, so that it grows with
        the number of clients.
    Raises InputError where the scenario has no restart of the fanout server, or its clients do not reconnect.
    """
    restarts = [fault for fault in scenario.faults if isinstance(fault, FanoutRestart)]
    if not restarts:
        raise InputError(f"{scenario.title}: has no fault of kind fanout-restart, after which clients would come back")
    if scenario.policy.reconnect == "none":
        raise InputError(f"{scenario.title}: clients do not reconnect; set client.reconnect to fixed or exponential")
    lab, found = _Lab(scenario, restarts[0], seed), []
    total = sum(clients)
    done = 0
    for count in clients:
        for number, jitter in enumerate(JITTERS):
            start = (done + count * number / len(JITTERS)) / total
            end = (done + count * (number + 1) / len(JITTERS)) / total
            found.append(lab.case(count, jitter, capacity_per_s, part(progress, start, end)))
        done += count
    return found


class _Lab:
    """One scenario under one seed."""

    def __init__(self, scenario: Scenario, restart: FanoutRestart, seed: int) -> None:
        self.scenario, self.restart, self.seed = scenario, restart, seed
        self.interval_s = ceil(scenario.policy.poll_interval_s)

    def case(self, clients: int, jitter: str, capacity_per_s: float | None, progress: Progress | None) -> Case:
        own = self.scenario.policy.reconnect_delay_s
        from_s = int(self.restart.at_s)
        requests = self._requests(clients, jitter, own)
        level = float(requests[max(0, from_s - self.interval_s) : from_s].mean()) if from_s else 0.0
        capacity = 2 * level if capacity_per_s is None else capacity_per_s
        if capacity <= 0:
            raise InputError("nobody polls before the restart, so name a --capacity")
        _tell(progress, 0.1)
        queue = self._counted(clients, jitter, own, _queue(capacity)).queue
        assert queue is not None
        _tell(progress, 0.4)
        arrivals = worlds.hub_arrivals(realize(self._variant(clients, jitter, own), self.seed))
        counted = hub(arrivals, handshake_us=HANDSHAKE_US, servers=ceil(clients / HUB_CLIENTS))
        _tell(progress, 0.6)
        delay_s = self._least_delay(clients, jitter, capacity, part(progress, 0.6, 1.0))
        late = (queue.longest_wait_s > SERVICE_S) | (queue.turned_away_per_s > 0)
        after = requests[from_s:]
        return Case(
            clients=clients,
            jitter=jitter,
            capacity_per_s=capacity,
            requests_per_s=requests,
            restart_s=from_s,
            level_per_s=level,
            peak_per_s=int(after.max()),
            peak_after_s=int(after.argmax()),
            calm_after_s=self._until(after > (1 + MARGIN) * level),
            delay_s=delay_s,
            queue=queue,
            recovered_after_s=self._until(late[from_s:]),
            hub=counted,
            expected_per_s=self._expected(self._variant(clients, jitter, own), range(from_s, len(requests))),
        )

    def _expected(self, scenario: Scenario, seconds: range) -> npt.NDArray[np.float64] | None:
        """Of these seconds."""
        restart = restart_of(scenario, self.restart)
        if restart is None:
            return None
        end_s = scenario.horizon_s + 1e-6  # the horizon's own instant is performed
        edges_s = [min(second, end_s) - self.restart.at_s for second in (*seconds, seconds.stop)]
        return np.array([restart.requests(begin, end) for begin, end in pairwise(edges_s)])

    def _until(self, busy: npt.NDArray[np.bool_]) -> int | None:
        """Seconds after which none is busy any more; None where one of the last poll interval still is."""
        seconds = np.flatnonzero(busy)
        after = int(seconds[-1]) + 1 if len(seconds) else 0
        return after if after <= len(busy) - 1 - self.interval_s else None

    def _least_delay(self, clients: int, jitter: str, capacity_per_s: float, progress: Progress | None) -> float | None:
        """By bisection; where the peak does not fall steadily with the delay, there may be a smaller one."""
        low, high = 0, round(LONGEST_S / STEP_S)
        tries = high.bit_length()
        if not self._keeps(clients, jitter, high * STEP_S, capacity_per_s):
            return None
        for number in range(tries):
            _tell(progress, (number + 1) / (tries + 1))
            if high - low <= 1:
                break
            middle = (low + high) // 2
            keeps = self._keeps(clients, jitter, middle * STEP_S, capacity_per_s)
            low, high = (low, middle) if keeps else (middle, high)
        return high * STEP_S

    def _keeps(self, clients: int, jitter: str, delay_s: float, capacity_per_s: float) -> bool:
        requests = self._requests(clients, jitter, delay_s)
        return int(requests[int(self.restart.at_s) :].max()) <= capacity_per_s

    def _requests(self, clients: int, jitter: str, delay_s: float) -> npt.NDArray[np.int64]:
        counted = self._counted(clients, jitter, delay_s, {"orchestrator.workers": 0, "orchestrator.service_s": 0.0})
        return counted.polls_per_s + counted.openings_per_s

    def _counted(self, clients: int, jitter: str, delay_s: float, orchestrator: dict[str, Any]) -> Totals:
        scenario = replaced(self._variant(clients, jitter, delay_s), orchestrator)
        return worlds.totals(realize(scenario, self.seed), "fleet")

    def _variant(self, clients: int, jitter: str, delay_s: float) -> Scenario:
        back_s = self.restart.at_s + self.restart.for_s
        longest_s = max(self.scenario.policy.reconnect_max_s, delay_s)
        point: dict[str, Any] = {
            "horizon_s": back_s + 3 * delay_s + 3 * self.scenario.policy.poll_interval_s,
            "client.count": clients,
            "client.jitter": jitter,
            "client.reconnect_delay_s": delay_s,
            "client.reconnect_max_s": longest_s,
        }
        events = self.scenario.to_dict()["workload"].get("events")
        if events is not None:
            point["workload.events"] = [event for event in events if not is_terminal(event["type"])]
        return replaced(self.scenario, point)


def _queue(capacity_per_s: float) -> dict[str, Any]:
    return {
        "orchestrator.workers": max(1, round(capacity_per_s * SERVICE_S)),
        "orchestrator.service_s": SERVICE_S,
        "orchestrator.queue_limit": max(1, round(capacity_per_s)),
    }


def _tell(progress: Progress | None, share: float) -> None:
    if progress:
        progress(share)


def columns(case: Case) -> Iterator[tuple[str, Any]]:
    """The case as a row of a table, by name with unit."""
    yield "clients", case.clients
    yield "jitter", case.jitter
    yield "capacity_per_s", case.capacity_per_s
    yield "level_per_s", case.level_per_s
    yield "peak_per_s", case.peak_per_s
    yield "expected_peak_per_s", case.expected_peak_per_s
    yield "peak_after_s", case.peak_after_s
    yield "calm_after_s", case.calm_after_s
    yield "least_delay_s", case.delay_s
    yield "turned_away_share", case.queue.turned_away_share
    yield from ((f"wait_p{percent}_s", case.queue.wait_s(percent / 100)) for percent in (50, 95, 99))
    yield "recovered_after_s", case.recovered_after_s
    yield "hub_utilisation", case.hub.utilisation
    yield "hub_handshake_wait_p99_s", case.hub.handshake_wait_s(0.99)
    yield "hub_largest_backlog", case.hub.largest_backlog
    yield "hub_backlog_at_s", case.hub.backlog_at_s
    yield "hub_worked_off_s", case.hub.worked_off_s
