"""Script: a scenario with every random draw made, and `realize`, the only place that draws (DESIGN.md section 1)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.contract.draws import BLOCK, NEVER, Draws, Times, microseconds, to_us
from sim.contract.errors import ScenarioError
from sim.contract.fault import ConnectionLost, ConnectionRefused, MessageLost, PollFailed, exact, hit_mask
from sim.contract.fields import Exponential, ExponentialParameters, Uniform
from sim.contract.policy import Policy
from sim.contract.scenario import Scenario
from sim.contract.wire import is_terminal
from sim.contract.workload import generated_types, read_recorded

Flags = npt.NDArray[np.bool_]

ANSWERED, ERROR, TIMEOUT = 0, 1, 2
"""Fates of a poll, as `Block.poll_fate` and `ClientScript.poll_fate` hold them."""

_FATE = {"error": ERROR, "timeout": TIMEOUT}


class Window(NamedTuple):
    """An instant t is inside iff from_us <= t < until_us."""

    from_us: int
    until_us: int


class PollWindow(NamedTuple):
    """Polls sent at t with from_us <= t < until_us meet this fate."""

    from_us: int
    until_us: int
    fate: int


class RunEvent(NamedTuple):
    """What an event is, and whether it ends its run (W3); when it is emitted stands in `event_us`."""

    type: str
    node_id: str | None
    terminal: bool


def _run(events: Iterable[tuple[str, str | None]]) -> tuple[RunEvent, ...]:
    return tuple(RunEvent(event_type, node_id, is_terminal(event_type)) for event_type, node_id in events)


@dataclass(frozen=True, slots=True)
class Block:
    """The draws of clients first, first + 1, ... as arrays with one row per client; times in microseconds.

    start_us: (n,) mount.
    event_us, event_lost, event_latency_us: (n, events) emission, lost by a fault, latency of the message; events
        that a shorter recorded run lacks are at NEVER.
    other_us, other_lost, other_latency_us: (n, other events) the same for the user's other runs.
    connect_us: (n, attempts) duration of each opening handshake.
    connection_lost_us: (n, connection-lost faults) absolute; NEVER where the fault does not hit the client.
    refused: (n, connection-refused faults) whether the window of `Script.refused_windows` holds for the client.
    poll_latency_us: (n, polls) there and back, by poll number.
    poll_fate: (n, polls) ANSWERED, ERROR or TIMEOUT, by poll number.
    poll_window: (n, poll-failed windows) whether the window of `Script.poll_windows` holds for the client.
    """

    first: int
    start_us: Times
    event_us: Times
    event_lost: Flags
    event_latency_us: Times
    other_us: Times
    other_lost: Flags
    other_latency_us: Times
    connect_us: Times
    connection_lost_us: Times
    refused: Flags
    poll_latency_us: Times
    poll_fate: npt.NDArray[np.uint8]
    poll_window: Flags


@dataclass(frozen=True, slots=True)
class ClientScript:
    """One client's row of its block as plain Python values; `events` tells what the run's events are.

    Only what concerns this client is left: its own events, the losses and windows that hit it.
    """

    client: int
    run_id: str
    username: str
    start_us: int
    events: tuple[RunEvent, ...]
    event_us: list[int]
    event_lost: list[bool]
    event_latency_us: list[int]
    other_events: tuple[RunEvent, ...]
    other_us: list[int]
    other_lost: list[bool]
    other_latency_us: list[int]
    connect_us: list[int]
    connection_lost_us: list[int]
    refused_windows: tuple[Window, ...]
    poll_latency_us: list[int]
    poll_fate: list[int]
    poll_windows: tuple[PollWindow, ...]


class Script:
    """A realised scenario. Same scenario and seed, same script, byte for byte.

    clients: how many there are.
    horizon_us, poll_interval_us, backoff_max_us, poll_timeout_us: the scenario's times in microseconds.
    backoff_factor: exact, as written (C7).
    runs: the kinds of run there are; client i watches one like `runs[i % len(runs)]`.
    other_events: the events of the same user's other runs.
    refused_windows, poll_windows: the windows that `Block.refused` and `Block.poll_window` switch per client.
    most_polls: more polls than any client can send: one an interval, one at mount, and one to spare.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        """Use `realize`."""
        self.scenario = scenario
        self.seed = seed
        self.policy: Policy = scenario.policy
        self.clients = scenario.client.count
        self.horizon_us = to_us(scenario.horizon_s)
        self.poll_interval_us = to_us(self.policy.poll_interval_s)
        self.backoff_factor: Fraction = exact(self.policy.backoff_factor)
        self.backoff_max_us = to_us(self.policy.backoff_max_s)
        self.poll_timeout_us = to_us(scenario.polling.timeout_s)
        grows = self.backoff_factor > 1
        shortest_us = min(self.poll_interval_us, self.backoff_max_us) if grows else self.poll_interval_us
        self.most_polls = self.horizon_us // shortest_us + 2 if self.policy.polling else 0
        workload = scenario.workload
        recorded = [] if workload.recorded is None else read_recorded(workload.recorded.file)
        if workload.recorded is not None:
            self.runs = tuple(_run((e.type, e.node_id) for e in run) for run in recorded)
        elif workload.events is not None:
            self.runs = (_run((e.type, e.node_id) for e in workload.events),)
        else:
            self.runs = (_run(generated_types(workload.event_count() or 0)),)
        self.other_events = _run((e.type, e.node_id) for e in workload.other_events)
        self._recorded_us = [microseconds(np.array([e.at_s for e in run])) for run in recorded]
        self._most_events = max(map(len, self.runs))
        for index, fault in enumerate(scenario.faults):
            if isinstance(fault, MessageLost) and fault.event is not None and fault.event >= self._most_events:
                raise ScenarioError(
                    f"{scenario.title}: fault[{index}].event is {fault.event}, "
                    f"but the longest run has {self._most_events} events, numbered from 0"
                )
        self.refused_windows = tuple(
            Window(to_us(f.from_s), to_us(f.until_s)) for f in scenario.faults if isinstance(f, ConnectionRefused)
        )
        self.poll_windows = tuple(
            PollWindow(to_us(f.from_s), to_us(f.until_s), _FATE[f.manner])
            for f in scenario.faults
            if isinstance(f, PollFailed) and f.from_s is not None and f.until_s is not None
        )
        self._block = lru_cache(maxsize=1)(self._realize_block)

    def block(self, number: int) -> Block:
        """The draws of clients number * BLOCK and on: BLOCK of them, or as many as there are."""
        return self._block(number)

    def client(self, client: int) -> ClientScript:
        """What happens to one client, known without realising other blocks."""
        if not 0 <= client < self.clients:
            raise IndexError(f"client must be from 0 to {self.clients - 1}, not {client}")
        block = self.block(client // BLOCK)
        row = client - block.first
        events = self.runs[client % len(self.runs)]
        count = len(events)
        return ClientScript(
            client=client,
            run_id=f"run-{client:06d}",
            username=f"user:{client:06d}",
            start_us=int(block.start_us[row]),
            events=events,
            event_us=block.event_us[row, :count].tolist(),
            event_lost=block.event_lost[row, :count].tolist(),
            event_latency_us=block.event_latency_us[row, :count].tolist(),
            other_events=self.other_events,
            other_us=block.other_us[row].tolist(),
            other_lost=block.other_lost[row].tolist(),
            other_latency_us=block.other_latency_us[row].tolist(),
            connect_us=block.connect_us[row].tolist(),
            connection_lost_us=sorted(t for t in block.connection_lost_us[row].tolist() if t != NEVER),
            refused_windows=tuple(w for w, on in zip(self.refused_windows, block.refused[row], strict=True) if on),
            poll_latency_us=block.poll_latency_us[row].tolist(),
            poll_fate=block.poll_fate[row].tolist(),
            poll_windows=tuple(w for w, on in zip(self.poll_windows, block.poll_window[row], strict=True) if on),
        )

    def all_clients(self) -> Iterator[ClientScript]:
        """Every client's script, in order of client."""
        return (self.client(client) for client in range(self.clients))

    def json_lines(self) -> Iterator[str]:
        """The script as JSON Lines text: a line for the whole, then one line per client."""
        head = {
            "scenario": self.scenario.to_dict(),
            "seed": self.seed,
            "policy": asdict(self.policy),
            "horizon_us": self.horizon_us,
        }
        yield json.dumps(head, ensure_ascii=False) + "\n"
        for client in self.all_clients():
            yield json.dumps(asdict(client), ensure_ascii=False) + "\n"

    def _realize_block(self, number: int) -> Block:
        first = number * BLOCK
        rows = min(BLOCK, self.clients - first)
        draw = Draws(self.seed, number, rows)
        scenario = self.scenario
        start_us = draw.times("start", scenario.client.start_s, 1)[:, 0]
        offsets_us = self._offsets_us(first, draw)
        event_us = np.where(offsets_us == NEVER, NEVER, np.minimum(offsets_us, NEVER // 2) + start_us[:, np.newaxis])
        others = len(self.other_events)
        other_at_us = microseconds(np.array([e.at_s for e in scenario.workload.other_events], dtype=np.float64))
        event_lost = np.zeros((rows, self._most_events), dtype=np.bool_)
        other_lost = np.zeros((rows, others), dtype=np.bool_)
        connection_lost: list[Times] = []
        refused: list[Flags] = []
        poll_fate = np.zeros((rows, self.most_polls), dtype=np.uint8)
        poll_window: list[Flags] = []
        for index, fault in enumerate(scenario.faults):
            stream = f"fault/{index}"
            if isinstance(fault, MessageLost):
                hit = hit_mask(fault.fraction, first, rows)
                if fault.event is not None:
                    event_lost[:, fault.event] |= hit
                elif fault.probability is not None:
                    of_events = draw.chances(f"{stream}/event", fault.probability, self._most_events)
                    of_others = draw.chances(f"{stream}/other", fault.probability, others)
                    event_lost |= of_events & hit[:, np.newaxis]
                    other_lost |= of_others & hit[:, np.newaxis]
            elif isinstance(fault, ConnectionLost):
                when = Uniform(uniform=fault.between_s) if fault.between_s is not None else fault.at_s or 0.0
                at_us = draw.times(stream, when, 1)[:, 0]
                connection_lost.append(np.where(hit_mask(fault.fraction, first, rows), at_us, NEVER))
            elif isinstance(fault, ConnectionRefused):
                refused.append(hit_mask(fault.fraction, first, rows))
            elif isinstance(fault, PollFailed):
                hit = hit_mask(fault.fraction, first, rows)
                if fault.from_s is not None:
                    poll_window.append(hit)
                    continue
                chosen = np.zeros(poll_fate.shape, dtype=np.bool_)
                if fault.probability is not None:
                    chosen = draw.chances(stream, fault.probability, self.most_polls)
                chosen[:, [n for n in fault.polls or () if n < self.most_polls]] = True
                poll_fate[chosen & hit[:, np.newaxis] & (poll_fate == ANSWERED)] = _FATE[fault.manner]
        return Block(
            first=first,
            start_us=start_us,
            event_us=event_us,
            event_lost=event_lost,
            event_latency_us=draw.times("event latency", scenario.websocket.latency_s, self._most_events),
            other_us=start_us[:, np.newaxis] + other_at_us,
            other_lost=other_lost,
            other_latency_us=draw.times("other latency", scenario.websocket.latency_s, others),
            connect_us=draw.times("connect", scenario.websocket.connect_s, 1 if self.policy.websocket else 0),
            connection_lost_us=_columns(connection_lost, rows, np.dtype(np.int64)),
            refused=_columns(refused, rows, np.dtype(np.bool_)),
            poll_latency_us=draw.times("poll latency", scenario.polling.latency_s, self.most_polls),
            poll_fate=poll_fate,
            poll_window=_columns(poll_window, rows, np.dtype(np.bool_)),
        )

    def _offsets_us(self, first: int, draw: Draws) -> Times:
        """Shape (rows, events): when events are emitted after the client's start; NEVER where a run has fewer."""
        workload = self.scenario.workload
        if workload.poisson is not None:
            gap = Exponential(exponential=ExponentialParameters(mean=workload.poisson.mean_gap_s))
            return microseconds(np.cumsum(draw.seconds("poisson gap", gap, workload.poisson.count), axis=1))
        if self._recorded_us:
            offsets = np.full((draw.rows, self._most_events), NEVER)
            for row in range(draw.rows):
                run = self._recorded_us[(first + row) % len(self._recorded_us)]
                offsets[row, : len(run)] = run
            return offsets
        if workload.even is not None:
            at_s = np.arange(1, workload.even.count + 1, dtype=np.float64) * workload.even.every_s
        else:
            at_s = np.array([e.at_s for e in workload.events or ()], dtype=np.float64)
        return np.broadcast_to(microseconds(at_s), (draw.rows, len(at_s)))


def realize(scenario: Scenario, seed: int = 0) -> Script:
    """The script of a scenario under a seed, a whole number from 0; all randomness is drawn here."""
    if type(seed) is not int or seed < 0:
        raise ScenarioError(f"seed must be a whole number from 0, not {seed!r}")
    return Script(scenario, seed)


def _columns(columns: list[npt.NDArray[Any]], rows: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.stack(columns, axis=1) if columns else np.empty((rows, 0), dtype=dtype)
