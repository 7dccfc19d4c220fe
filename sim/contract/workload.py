"""Workloads: what events a run has and when (DESIGN.md section 5; W1, W4)."""

import csv
import math
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from sim.contract.errors import ScenarioError
from sim.contract.fields import LONGEST_S, Seconds, Table

COLUMNS = ["run_id", "at_s", "type", "node_id"]
EventCount = Annotated[int, Field(ge=0, le=1_000_000)]


class Event(Table):
    """One event of a run.

    at_s: when it is emitted, from its client's start (W2, W4).
    type: what it is; workflow_completed, workflow_failed and workflow_cancelled end the run (W3).
    node_id: which node of the workflow it is about.
    """

    at_s: Seconds
    type: Annotated[str, Field(min_length=1)]
    node_id: str | None = None


class Even(Table):
    """`count` events, one each `every_s` seconds; the last one is workflow_completed.

    count: how many events there are.
    every_s: from the client's start to the first, and from each to the next.
    """

    count: EventCount
    every_s: Seconds


class Poisson(Table):
    """`count` events with exponential gaps of mean `mean_gap_s`; the last one is workflow_completed.

    count: how many events there are.
    mean_gap_s: mean of the gaps, from the client's start on.
    """

    count: EventCount
    mean_gap_s: Seconds


class Recorded(Table):
    """Runs from a CSV file with the columns run_id, at_s, type, node_id; client i takes run i modulo their number.

    file: the file, looked for beside the scenario's.
    """

    file: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _file_name(self) -> "Recorded":
        if "\0" in self.file:
            raise ValueError("file must not hold a NUL character")
        return self


class Workload(Table):
    """At most one source of the run's own events, and the same user's other runs' events.

    The sources are events, even, poisson and recorded; without one a run has no events.

    events: the events one by one, in time order (W1).
    other_events: events of the same user's other runs; they re-arm the timer and are never shown (C2, B1).
    payload_bytes: how many bytes of `data` each event carries on the wire, besides what it says.
    """

    events: tuple[Event, ...] | None = Field(default=None, strict=False)
    even: Even | None = None
    poisson: Poisson | None = None
    recorded: Recorded | None = None
    other_events: tuple[Event, ...] = Field(default=(), strict=False)
    payload_bytes: Annotated[int, Field(ge=0, le=16 << 20)] = 0

    @model_validator(mode="after")
    def _one_source_in_time_order(self) -> "Workload":
        given = [name for name in ("events", "even", "poisson", "recorded") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"takes one of events, even, poisson and recorded, not {' and '.join(given)}")
        for name, events in (("events", self.events or ()), ("other_events", self.other_events)):
            for index in range(1, len(events)):
                if events[index].at_s < events[index - 1].at_s:
                    raise ValueError(
                        f"{name}[{index}].at_s ({events[index].at_s:g}) is before {name}[{index - 1}].at_s "
                        f"({events[index - 1].at_s:g}); events must be in time order (W1)"
                    )
        return self

    def event_count(self) -> int | None:
        """How many events each run has; None where a recorded file decides."""
        if self.recorded is not None:
            return None
        if self.even is not None:
            return self.even.count
        if self.poisson is not None:
            return self.poisson.count
        return len(self.events or ())


def generated_types(count: int) -> tuple[tuple[str, str | None], ...]:
    """Type and node_id of the events of `even` and `poisson`: nodes complete, the last event ends the run."""
    nodes = [("node_completed", f"n{k + 1}") for k in range(count - 1)]
    return (*nodes, ("workflow_completed", None))[:count]


def read_recorded(file: str) -> list[list[Event]]:
    """The runs of a recorded workload, in the order of their first rows; each run's events in time order.

    Raises ScenarioError, naming file and line, for anything that is not such a file.
    """
    runs: dict[str, list[Event]] = {}
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if reader.fieldnames != COLUMNS:
                found = ",".join(reader.fieldnames or [])
                raise ScenarioError(f"{file}: line 1: columns must be {','.join(COLUMNS)}, not {found!r}")
            for row in reader:
                _append(runs, row, f"{file}: line {reader.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScenarioError(f"{file}: cannot be read as a recorded workload ({reason})") from None
    if not runs:
        raise ScenarioError(f"{file}: holds no event; a recorded workload needs at least one")
    return list(runs.values())


def _append(runs: dict[str, list[Event]], row: dict[str, str], where: str) -> None:
    if None in row or None in row.values():
        raise ScenarioError(f"{where}: must have {len(COLUMNS)} fields ({','.join(COLUMNS)})")
    try:
        at_s = float(row["at_s"])
    except ValueError:
        at_s = math.nan
    if not 0 <= at_s <= LONGEST_S:
        raise ScenarioError(f"{where}: at_s must be seconds from 0 to {LONGEST_S:g}, not {row['at_s']!r}")
    for key in ("run_id", "type"):
        if not row[key]:
            raise ScenarioError(f"{where}: {key} must not be empty")
    run = runs.setdefault(row["run_id"], [])
    if run and at_s < run[-1].at_s:
        raise ScenarioError(f"{where}: at_s {at_s:g} is before the run's previous event at {run[-1].at_s:g} (W1)")
    run.append(Event(at_s=at_s, type=row["type"], node_id=row["node_id"] or None))
