"""Performs a script in the fleet: its traces, or its measures alone for any number of clients."""

from collections.abc import Iterable

import numpy as np

from sim.contract.draws import BLOCK
from sim.contract.kinds import KINDS
from sim.contract.progress import Progress
from sim.contract.script import Block, Script
from sim.contract.trace import Row, Trace
from sim.fleet import codes
from sim.fleet.layout import BINS, CLIENT, DRAWN, FLEET, Array, bind
from sim.fleet.setting import check_performable, common, terms


def perform(script: Script, *, clients_: Iterable[int] | None = None, progress: Progress | None = None) -> Trace:
    """The trace of a script, of these clients alone where some are named; each is what the model gives for it.

    Raises CannotPerform for the document's listings and for slow readers.
    """
    check_performable(script)
    from sim.fleet.alone import perform_alone

    fleet, clients = Fleet(script), np.zeros(1, CLIENT)
    chosen = range(script.clients) if clients_ is None else sorted(set(clients_))
    rows: list[Row] = list(_outages(script))
    for done, number in enumerate(chosen):
        block = script.block(number // BLOCK)
        fleet.draw(block)
        while True:
            perform_alone(fleet.memory, clients, number, number - block.first, 1, True)
            if fleet.take_rows(rows): break
        if progress:
            progress((done + 1) / len(chosen))
    return Trace(rows, world="fleet", script=script)


class Fleet:
    """The kernel's memory for one script, and the arrays behind it."""

    def __init__(self, script: Script, slots: int = 1) -> None:
        self._script = script
        self.memory = np.zeros(1, FLEET)
        self._arrays: dict[str, Array] = {}
        for name, value in terms(script).items():
            self.memory[name] = value
        events = max(1, max(map(len, script.runs)))
        messages = events + len(script.other_events) + script.heartbeats
        seconds = script.horizon_us // 1_000_000 + 1
        self.bind(
            **common(script),
            flight_us=np.zeros((slots, messages), np.int64),
            flight=np.zeros((slots, messages), np.int64),
            seen=np.zeros((slots, events), np.uint8),
            history_bytes=np.zeros((slots, events + 1), np.int64),
            counts=np.zeros(len(KINDS), np.int64),
            latencies=np.zeros(BINS, np.int64),
            polls=np.zeros(seconds, np.int64),
            opened=np.zeros(seconds, np.int64),
            received=np.zeros(seconds, np.int64),
            rows=np.zeros((256, 5), np.int64),
        )

    def bind(self, **arrays):
        self._arrays |= arrays
        bind(self.memory, **arrays)

    def draw(self, block: Block) -> None:
        arrays = {name: getattr(block, name) for name in DRAWN}
        self.bind(**{n: a.view(np.uint8) if a.dtype == np.bool_ else a for n, a in arrays.items()})

    def take_rows(self, rows) -> bool:
        written = int(self.memory["written"][0])
        self.memory["written"] = 0
        if written > len(self._arrays["rows"]):
            self.bind(rows=np.zeros((written, 5), np.int64))
            return False
        rows += [codes.row(*values) for values in self._arrays["rows"][:written].tolist()]
        return True


def _outages(script: Script) -> Iterable[Row]:
    windows = [(w.from_us, w.until_us, "redis-outage") for w in script.redis_outages]
    windows += [(w.from_us, w.until_us, "fanout-restart") for w in script.fanout_outages]
    rows = []
    for from_us, until_us, fault in windows:
        for time_us, turn, kind in ((from_us, 1, "outage_began"), (until_us, 0, "outage_ended")):
            if time_us <= script.horizon_us:
                rows.append((time_us, turn, (time_us, -1, kind, -1, fault)))
    return [row for _, _, row in sorted(rows, key=lambda found: found[:2])]
