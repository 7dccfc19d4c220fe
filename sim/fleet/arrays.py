"""Arrays: the kernel's memory for one script, and what it has written there."""

from collections.abc import Iterable, Iterator

import numpy as np

from sim.contract.kinds import KINDS
from sim.contract.progress import Progress
from sim.contract.script import Block, Script
from sim.contract.trace import Row
from sim.fleet import codes
from sim.fleet.layout import BINS, DRAWN, FLEET, ROW, SECOND_US, Array, bind
from sim.fleet.setting import common, terms


class Arrays:
    """The record that the kernel is given, and all arrays that it reaches through that.

    memory: one record of `layout.FLEET`.
    """

    def __init__(self, script: Script, slots: int = 1) -> None:
        """Room for so many clients at a time."""
        self.memory: Array = np.zeros(1, FLEET)
        self._arrays: dict[str, Array] = {}
        for name, value in terms(script).items():
            self.memory[name] = value
        events = max(1, *map(len, script.runs))
        messages = events + len(script.other_events) + script.heartbeats
        seconds = script.horizon_us // SECOND_US + 1
        self._bind(
            **common(script),
            flight_us=np.zeros((slots, messages), np.int64),
            flight=np.zeros((slots, messages), np.int64),
            seen=np.zeros((slots, events), np.uint8),
            history_bytes=np.zeros((slots, events + 1), np.int64),
            counts=np.zeros(len(KINDS), np.int64),
            latencies=np.zeros(BINS, np.int64),
            latency_sums_us=np.zeros(BINS, np.int64),
            polls=np.zeros(seconds, np.int64),
            opened=np.zeros(seconds, np.int64),
            received=np.zeros(seconds, np.int64),
            offered=np.zeros(seconds, np.int64),
            turned_away=np.zeros(seconds, np.int64),
            waits=np.zeros(BINS, np.int64),
            wait_sums_us=np.zeros(BINS, np.int64),
            longest_waits_us=np.zeros(seconds, np.int64),
            rows=np.zeros((256, ROW), np.int64),
            arrivals=np.empty(0, np.int64),
        )

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def all(self) -> Iterable[Array]:
        """All of them."""
        return self._arrays.values()

    def _bind(self, **arrays: Array) -> None:
        self._arrays |= arrays
        bind(self.memory, **arrays)

    def draw(self, block: Block) -> None:
        """Have the kernel read this block."""
        self._bind(**{name: _as_bytes(getattr(block, name)) for name in DRAWN})

    def each_block(self, script: Script, progress: Progress | None) -> Iterator[Block]:
        """Each block of the script, read by the kernel while it is looked at."""
        for block in script.blocks():
            self.draw(block)
            yield block
            if progress:
                progress((block.first + len(block.start_us)) / script.clients)

    def draw_all(self, script: Script) -> None:
        """Have the kernel read all blocks at once; what is the same for all clients is kept once."""
        whole: dict[str, Array] = {}
        for block in script.blocks():
            for name in DRAWN:
                part = _as_bytes(getattr(block, name))
                if part.ndim > 1 and part.strides[0] == 0:
                    whole[name] = np.broadcast_to(part[:1], (script.clients, part.shape[1]))
                    continue
                if block.first == 0:
                    whole[name] = np.empty((script.clients, *part.shape[1:]), part.dtype, order="F")
                whole[name][block.first : block.first + len(part)] = part
        self._bind(**whole)

    def made_room(self) -> bool:
        """Whether more rows were written than there was room for; now there is, for another go."""
        written = int(self.memory["written"][0])
        short = written > len(self["rows"])
        if short:
            self._bind(rows=np.zeros((written, ROW), np.int64))
            self.memory["written"] = 0
        return short

    def take_arrivals(self) -> Array | None:
        """The hub's work since the last time; None where there was no room for it, and now there is, for another go."""
        arrived = int(self.memory["arrived"][0])
        self.memory["arrived"] = 0
        if arrived > len(self["arrivals"]):
            self._bind(arrivals=np.empty(arrived, np.int64))
            return None
        return self["arrivals"][:arrived].copy()

    def take_rows(self) -> Iterable[Row]:
        """What was recorded since the last time."""
        written = int(self.memory["written"][0])
        self.memory["written"] = 0
        return (codes.row(*values) for values in self["rows"][:written].tolist())


def _as_bytes(array: Array) -> Array:
    return array.view(np.uint8) if array.dtype == np.bool_ else array
