"""Random draws from named streams of one seed, block by block of clients.

A value is addressed by (seed, stream name, column, client): how many clients or columns a script has never changes
what any of them draws, so scripts of different sizes and sweeps over other choices share their draws.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.contract.fault import Burst
from sim.contract.fields import LONGEST_S, Duration, Exponential, Lognormal, Uniform

BLOCK = 65_536
"""Clients per block of draws (DESIGN.md section 10)."""

NEVER = int(np.iinfo(np.int64).max)
"""A time in microseconds that does not come."""

Times = npt.NDArray[np.int64]

_NORMAL_P99 = 2.3263478740408408
"""The 99 % quantile of the standard normal distribution."""


class Room:
    """Memory for the arrays of one block after the other: fresh pages cost as much as what is drawn into them."""

    def __init__(self) -> None:
        self._arrays: list[npt.NDArray[Any]] = []
        self._taken = 0

    def clear(self) -> None:
        """What was handed out is handed out again, in the same order."""
        self._taken = 0

    def by_column(self, rows: int, columns: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array (rows, columns) of any content with each column in one piece: draws are made column by column."""
        place, shape = self._taken, (rows, columns)
        self._taken += 1
        if place < len(self._arrays) and self._arrays[place].shape == shape and self._arrays[place].dtype == dtype:
            return self._arrays[place]
        self._arrays[place:] = [np.empty(shape, dtype, order="F")]
        return self._arrays[place]


def microseconds(seconds: npt.NDArray[np.float64], out: Times | None = None) -> Times:
    """Seconds as whole microseconds, by rint (DESIGN.md section 3), in an array of its own or in this one."""
    times = np.asarray(np.minimum(seconds, LONGEST_S))
    times *= 1e6
    np.rint(times, out=times)
    if out is None:
        return times.astype(np.int64)
    np.copyto(out, times, casting="unsafe")
    return out


def to_us(seconds: float) -> int:
    """One number of seconds as whole microseconds, by rint (DESIGN.md section 3)."""
    return int(microseconds(np.array(seconds)))


def generator(seed: int, stream: str, column: int, block: int) -> np.random.Generator:
    """The generator of one column of one block of a named stream."""
    name = int.from_bytes(hashlib.sha256(stream.encode()).digest()[:8])
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(name, column, block))))


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one block: arrays of shape (rows, columns), a row per client, from streams named by the caller."""

    seed: int
    block: int
    rows: int
    room: Room = field(default_factory=Room)

    def sums(self, stream: str, duration: Exponential, columns: int) -> Times:
        """Running sums of durations in microseconds, each sum rounded, not its parts."""
        drawn = self.room.by_column(self.rows, columns, np.int64)
        total_s = np.zeros(self.rows)
        for column, values in self._columns(stream, duration, columns):
            total_s += values
            microseconds(total_s, drawn[:, column])
        return drawn

    def times(self, stream: str, duration: Duration, columns: int) -> Times:
        """Durations in microseconds; constants take no memory."""
        if isinstance(duration, float | int):
            return np.broadcast_to(np.int64(to_us(duration)), (self.rows, columns))
        drawn = self.room.by_column(self.rows, columns, np.int64)
        for column, values in self._columns(stream, duration, columns):
            microseconds(values, drawn[:, column])
        return drawn

    def _columns(
        self, stream: str, duration: Uniform | Exponential | Lognormal, columns: int
    ) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
        for column in range(columns):
            yield column, _draw(generator(self.seed, stream, column, self.block), duration, self.rows)

    def chances(self, stream: str, probability: float, columns: int) -> npt.NDArray[np.bool_]:
        """Booleans, each true with the probability."""
        drawn = self.room.by_column(self.rows, columns, np.bool_)
        for column in range(columns):
            np.less(generator(self.seed, stream, column, self.block).random(self.rows), probability, drawn[:, column])
        return drawn

    def bursts(self, stream: str, burst: Burst, columns: int) -> npt.NDArray[np.bool_]:
        """Booleans along a two-state chain per row, true where one is lost (L8)."""
        lost = self.room.by_column(self.rows, columns, np.bool_)
        bad = np.zeros(self.rows, dtype=np.bool_)
        for column in range(columns):
            random = generator(self.seed, stream, column, self.block)
            turns, losses = random.random((self.rows, 2)).T  # by row, so that more rows change no row's draws
            bad = turns < (burst.bad if column == 0 else np.where(bad, 1.0 - burst.leave, burst.enter))
            lost[:, column] = bad & (losses < burst.lost)
        return lost

    def words(self, stream: str, columns: int) -> Times:
        """Whole numbers of 32 bits."""
        drawn = self.room.by_column(self.rows, columns, np.int64)
        for column in range(columns):
            drawn[:, column] = generator(self.seed, stream, column, self.block).integers(0, 1 << 32, self.rows)
        return drawn


def _draw(
    random: np.random.Generator, duration: Uniform | Exponential | Lognormal, rows: int
) -> npt.NDArray[np.float64]:
    if isinstance(duration, Uniform):
        span = duration.uniform
        return span.first_s + (span.last_s - span.first_s) * random.random(rows)
    if isinstance(duration, Exponential):
        return duration.exponential.mean * random.standard_exponential(rows)
    median, p99 = duration.lognormal.median, duration.lognormal.p99
    sigma = math.log(p99 / median) / _NORMAL_P99
    with np.errstate(over="ignore"):
        return median * np.exp(sigma * random.standard_normal(rows))
