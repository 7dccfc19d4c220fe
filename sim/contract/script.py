"""Script: a scenario with every random draw made, and `realize`, the only place that draws (DESIGN.md section 1)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.contract.block import ANSWERED, ATTEMPTS, ERROR, FATE, TIMEOUT, Block, draw_block
from sim.contract.draws import BLOCK, NEVER, Room, microseconds, to_us
from sim.contract.errors import ScenarioError
from sim.contract.fault import (
    ConnectionRefused,
    FanoutRestart,
    MessageLost,
    Partition,
    PollFailed,
    RedisOutage,
    SlowReader,
    exact,
)
from sim.contract.policy import Policy
from sim.contract.scenario import Scenario
from sim.contract.windows import PollWindow, ServerOutage, Window, merged
from sim.contract.wire import is_terminal
from sim.contract.workload import generated_types, read_recorded

__all__ = [
    "ANSWERED",
    "ERROR",
    "TIMEOUT",
    "Block",
    "ClientScript",
    "PollWindow",
    "RunEvent",
    "Script",
    "ServerOutage",
    "Window",
    "realize",
]


class RunEvent(NamedTuple):
    """What an event is, and whether it ends its run (W3); when it is emitted stands in `event_us`."""

    type: str
    node_id: str | None
    terminal: bool


def _run(events: Iterable[tuple[str, str | None]]) -> tuple[RunEvent, ...]:
    return tuple(RunEvent(event_type, node_id, is_terminal(event_type)) for event_type, node_id in events)


@dataclass(frozen=True, slots=True)
class ClientScript:
    """One client's row of its block as plain Python values; `events` tells what the run's events are.

    Only what concerns this client is left: its own events, the losses and windows that hit it.
    partition_windows: in order of time, none overlaps or touches another (L7).
    heartbeat_us: when a heartbeat is due, as long as the run has not ended (P3).
    poll_latency_us, poll_jitter_draw, poll_service_us, poll_fate: of poll n, at n modulo their length (B20); without
        jitter (P10) there is no poll_jitter_draw.
    read_bytes_per_s: how fast it reads its WebSocket where it reads slowly (L9), else None.
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
    heartbeat_us: list[int]
    heartbeat_lost: list[bool]
    heartbeat_latency_us: list[int]
    connect_us: list[int]
    reconnect_draw: list[int]
    connection_lost_us: list[int]
    half_open_us: list[int]
    refused_windows: tuple[Window, ...]
    partition_windows: tuple[Window, ...]
    read_bytes_per_s: float | None
    poll_latency_us: list[int]
    poll_jitter_draw: list[int]
    poll_service_us: list[int]
    poll_fate: list[int]
    poll_windows: tuple[PollWindow, ...]


class Script:
    """A realised scenario. Same scenario and seed, same script, byte for byte.

    clients: how many there are.
    horizon_us, poll_interval_us, backoff_max_us, poll_timeout_us, reconnect_delay_us, reconnect_max_us: the
        scenario's times in microseconds; so are those of the fanout server, ping_every_us, pong_within_us,
        write_within_us, resubscribe_us and resubscribe_max_us.
    error_backoff_max_us, retry_after_us: so are these (P10).
    backoff_factor, error_backoff_factor, poll_jitter: exact, as written (C7, P10).
    runs: the kinds of run there are; client i watches one like `runs[i % len(runs)]`.
    other_events: the events of the same user's other runs.
    refused_windows, partition_windows, poll_windows: the windows that `Block.refused`, `Block.partitioned` and
        `Block.poll_window` switch per client.
    fanout_outages, redis_outages: when the servers are away, in order of time, none overlapping or touching (F8, R4).
    heartbeat_us, heartbeats: how often a run tells its newest event, None for never, and how many times at most (P3).
    most_polls: how many polls of a client have draws of their own (B20): one an interval, one at mount, one to spare,
        and one for whatever may make a poll owed (P7).
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
        self.poll_jitter: Fraction = exact(self.policy.poll_jitter)
        self.error_backoff_factor: Fraction = exact(self.policy.error_backoff_factor)
        self.error_backoff_max_us = to_us(self.policy.error_backoff_max_s)
        self.retry_after_us = to_us(scenario.orchestrator.retry_after_s)
        every_s = scenario.orchestrator.heartbeat_s
        self.heartbeat_us = None if every_s is None else to_us(every_s)
        self.heartbeats = self.horizon_us // self.heartbeat_us if self.heartbeat_us else 0
        self.poll_timeout_us = to_us(scenario.polling.timeout_s)
        self.reconnect_delay_us = to_us(self.policy.reconnect_delay_s)
        self.reconnect_max_us = to_us(self.policy.reconnect_max_s)
        self.ping_every_us = to_us(scenario.fanout.ping_every_s)
        self.pong_within_us = to_us(scenario.fanout.pong_within_s)
        self.write_within_us = to_us(scenario.fanout.write_within_s)
        self.resubscribe_us = to_us(scenario.fanout.resubscribe_s)
        self.resubscribe_max_us = to_us(scenario.fanout.resubscribe_max_s)
        self._make_runs()
        self._make_polls()
        self._make_faults()
        self._block = lru_cache(maxsize=1)(lambda number: self._realize_block(number, Room()))

    def _make_polls(self) -> None:
        grows = self.backoff_factor > 1
        shortest_us = min(self.poll_interval_us, self.backoff_max_us) if grows else self.poll_interval_us
        owed = self._most_events + self.heartbeats if self.policy.by_sequence else 0
        owed += ATTEMPTS if self.policy.catch_up_poll else 0
        self.most_polls = self.horizon_us // shortest_us + 2 + owed if self.policy.polling else 0

    def _make_runs(self) -> None:
        workload = self.scenario.workload
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

    def _make_faults(self) -> None:
        faults = self.scenario.faults
        for index, fault in enumerate(faults):
            if isinstance(fault, MessageLost) and fault.event is not None and fault.event >= self._most_events:
                raise ScenarioError(
                    f"{self.scenario.title}: fault[{index}].event is {fault.event}, "
                    f"but the longest run has {self._most_events} events, numbered from 0"
                )
        self.refused_windows = tuple(
            Window(to_us(f.from_s), to_us(f.until_s)) for f in faults if isinstance(f, ConnectionRefused)
        )
        self.poll_windows = tuple(
            PollWindow(to_us(f.from_s), to_us(f.until_s), FATE[f.manner])
            for f in faults
            if isinstance(f, PollFailed) and f.from_s is not None and f.until_s is not None
        )
        self.partition_windows = tuple(_away(f) for f in faults if isinstance(f, Partition))
        self.redis_outages = merged(_away(f) for f in faults if isinstance(f, RedisOutage))
        restarts = [f for f in faults if isinstance(f, FanoutRestart)]
        killed_us = {_away(f).from_us for f in restarts if f.manner == "killed"}
        self.fanout_outages = tuple(ServerOutage(*w, w.from_us in killed_us) for w in merged(map(_away, restarts)))
        self._slow = {
            client: fault.bytes_per_s for fault in faults if isinstance(fault, SlowReader) for client in fault.clients
        }

    def block(self, number: int) -> Block:
        """The draws of clients number * BLOCK and on: BLOCK of them, or as many as there are."""
        return self._block(number)

    def blocks(self) -> Iterator[Block]:
        """All of them in turn, each in the memory of the one before, which must no longer be read."""
        room = Room()
        for number in range(-(-self.clients // BLOCK)):
            room.clear()
            yield self._realize_block(number, room)

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
            heartbeat_us=block.heartbeat_us[row].tolist(),
            heartbeat_lost=block.heartbeat_lost[row].tolist(),
            heartbeat_latency_us=block.heartbeat_latency_us[row].tolist(),
            connect_us=block.connect_us[row].tolist(),
            reconnect_draw=block.reconnect_draw[row].tolist(),
            connection_lost_us=sorted(t for t in block.connection_lost_us[row].tolist() if t != NEVER),
            half_open_us=sorted(t for t in block.half_open_us[row].tolist() if t != NEVER),
            refused_windows=tuple(w for w, on in zip(self.refused_windows, block.refused[row], strict=True) if on),
            partition_windows=merged(
                w for w, on in zip(self.partition_windows, block.partitioned[row], strict=True) if on
            ),
            read_bytes_per_s=self._slow.get(client),
            poll_latency_us=block.poll_latency_us[row].tolist(),
            poll_jitter_draw=block.poll_jitter_draw[row].tolist(),
            poll_service_us=block.poll_service_us[row].tolist(),
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
            "fanout_outages": self.fanout_outages,
            "redis_outages": self.redis_outages,
        }
        yield json.dumps(head, ensure_ascii=False) + "\n"
        for client in self.all_clients():
            yield json.dumps(asdict(client), ensure_ascii=False) + "\n"

    def _realize_block(self, number: int, room: Room) -> Block:
        return draw_block(
            self.scenario,
            self.seed,
            number,
            recorded_us=self._recorded_us,
            most_events=self._most_events,
            most_polls=self.most_polls,
            heartbeats=self.heartbeats,
            room=room,
        )


def _away(fault: FanoutRestart | RedisOutage | Partition) -> Window:
    """The window of a fault that lasts."""
    from_us = to_us(fault.at_s)
    return Window(from_us, from_us + to_us(fault.for_s))


def realize(scenario: Scenario, seed: int = 0) -> Script:
    """The script of a scenario under a seed, a whole number from 0; all randomness is drawn here."""
    if type(seed) is not int or seed < 0:
        raise ScenarioError(f"seed must be a whole number from 0, not {seed!r}")
    return Script(scenario, seed)
