"""Trace: what happened in one world, as one table (DESIGN.md section 6)."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sim.contract.errors import TraceError
from sim.contract.kinds import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from sim.contract.script import Script

COLUMNS = ("time_s", "client", "kind", "event", "detail")

Row = tuple[int, int, str, int, str]
"""time_us, client (-1: infrastructure), kind, event (-1: none), detail."""

_INT32 = range(-1, 2**31)
_DUE = re.compile(r"[0-9]{1,12}\.[0-9]{6}")
_COUNT = re.compile(r"[0-9]{1,9}")


def seconds(time_us: int) -> str:
    """A time as the detail of `timer_armed` shows it: seconds with six decimals."""
    return f"{time_us // 1_000_000}.{time_us % 1_000_000:06d}"


class Trace:
    """Rows ordered by time, then client, then as performed.

    rows: list of Row; times are int microseconds.
    world: the world that performed it, None where unknown (a file).
    script: the script it performs, None where unknown; it adds the horizon and payload sizes for `measure`.
    starved_s: how long the machine kept a world of real time waiting for a processor, at most in any second.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        *,
        world: str | None = None,
        script: "Script | None" = None,
        starved_s: float = 0.0,
    ) -> None:
        """Keep the rows in the order of section 6; rows at one time of one client stay as given."""
        self.rows: list[Row] = sorted(rows, key=itemgetter(0, 1))
        self.world = world
        self.script = script
        self.starved_s = starved_s

    def __len__(self) -> int:
        return len(self.rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]

    def to_pandas(self) -> "pd.DataFrame":
        """The five public columns as a data frame: float64 seconds, int32, str, int32, str."""
        import pandas as pd

        times, clients, kinds, events, details = zip(*self.rows, strict=True) if self.rows else ((),) * 5
        return pd.DataFrame(
            {
                "time_s": pd.Series([t / 1e6 for t in times], dtype="float64"),
                "client": pd.Series(clients, dtype="int32"),
                "kind": pd.Series(kinds, dtype="str"),
                "event": pd.Series(events, dtype="int32"),
                "detail": pd.Series(details, dtype="str"),
            }
        )

    @classmethod
    def from_pandas(cls, frame: "pd.DataFrame") -> "Trace":
        """The trace in a data frame with the five columns; raises TraceError, naming the row."""
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing:
            raise TraceError(f"data frame: column {missing[0]} is missing; a trace has {', '.join(COLUMNS)}")
        records = zip(*(frame[name].tolist() for name in COLUMNS), strict=True)
        return cls(_checked(((f"data frame: row {n}", r) for n, r in enumerate(records))))

    def write(self, file: str | Path | IO[str]) -> None:
        """Write JSON Lines: one object per row, with the five public keys."""
        if isinstance(file, str | Path):
            with Path(file).open("w", encoding="utf-8", newline="\n") as stream:
                stream.writelines(self.json_lines())
        else:
            file.writelines(self.json_lines())

    def json_lines(self) -> Iterator[str]:
        """The rows as JSON Lines text, each with its newline."""
        for time_us, client, kind, event, detail in self.rows:
            yield (
                f'{{"time_s": {time_us / 1e6!r}, "client": {client}, "kind": "{kind}", '
                f'"event": {event}, "detail": {json.dumps(detail)}}}\n'
            )

    @classmethod
    def read(cls, path: str | Path) -> "Trace":
        """The trace in a JSON Lines file; raises TraceError, naming file and line."""
        try:
            with Path(path).open(encoding="utf-8") as stream:
                return cls(_checked(_parsed(str(path), stream)))
        except OSError as error:
            raise TraceError(f"{path}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise TraceError(f"{path}: not UTF-8 text, which JSON Lines needs") from None


def _parsed(name: str, lines: Iterable[str]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for number, line in enumerate(lines, start=1):
        where = f"{name}: line {number}"
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise TraceError(f"{where}: not JSON ({error.msg} at column {error.colno})") from None
        except ValueError as error:  # Python's limit on the digits of a number
            raise TraceError(f"{where}: not JSON ({error})") from None
        except RecursionError:
            raise TraceError(f"{where}: not JSON (nested too deeply)") from None
        if not isinstance(data, dict) or data.keys() != set(COLUMNS):
            raise TraceError(f"{where}: must be a JSON object with exactly the keys {', '.join(COLUMNS)}")
        yield where, tuple(data[name] for name in COLUMNS)


def _checked(records: Iterable[tuple[str, tuple[Any, ...]]]) -> Iterator[Row]:
    previous = (-1, -1)
    for where, (time_s, client, kind, event, detail) in records:
        time_us = _microseconds(where, time_s)
        for name, value in (("client", client), ("event", event)):
            if isinstance(value, bool) or not isinstance(value, int) or value not in _INT32:
                raise TraceError(f"{where}: {name} must be a whole number from -1, not {value!r}")
        if not isinstance(kind, str) or kind not in KINDS:
            raise TraceError(f"{where}: kind must be one of {', '.join(KINDS)}, not {kind!r}")
        if not isinstance(detail, str):
            raise TraceError(f"{where}: detail must be a string, not {detail!r}")
        if kind == "timer_armed" and not _DUE.fullmatch(detail):
            raise TraceError(f"{where}: detail of timer_armed must be due seconds with six decimals, not {detail!r}")
        if kind == "poll_answered" and not _COUNT.fullmatch(detail):
            raise TraceError(f"{where}: detail of poll_answered must be a number of events, not {detail!r}")
        if (time_us, client) < previous:
            raise TraceError(f"{where}: rows must be ordered by time, then client")
        previous = (time_us, client)
        yield time_us, client, kind, event, detail


def _microseconds(where: str, time_s: Any) -> int:
    if isinstance(time_s, bool) or not isinstance(time_s, int | float) or not 0 <= time_s <= 1e12:
        raise TraceError(f"{where}: time_s must be seconds from 0, not {time_s!r}")
    time_us = round(time_s * 1e6)
    if abs(time_s * 1e6 - time_us) > max(1e-3, 2e6 * math.ulp(time_s)):
        raise TraceError(f"{where}: time_s must be whole microseconds (six decimals), not {time_s!r}")
    return time_us
