"""A recording of the live world: what a page needs of it, kept as JSON, since no two performances are the same."""

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter, ValidationError

from sim.contract.errors import InputError
from sim.contract.progress import Progress
from sim.contract.script import Script
from sim.contract.totals import Totals, Value
from sim.contract.trace import Row, Trace
from sim.measure.totals import totals
from sim.report.figures import story_client
from sim.report.findings import MOST_BROKEN
from sim.verify.agreement import Agreement
from sim.verify.margin import LIVE_MARGIN_S
from sim.verify.suite import Result, verify

DISTRIBUTION, STORY = "tuning", "network-instability"
"""The scenarios of which latencies, and one client's rows, are kept for the figures."""


@dataclass(frozen=True, slots=True)
class Performed:
    """What one scenario came to in the live world.

    predicted: a digest of the model's trace that it was held against (`digest`).
    starved_s: how long the machine kept it waiting for a processor, at most in any second.
    held: against the model. again: against a second performance, None where there was none.
    claims: how many had the verdict that is expected, how many were not decided, how many had another one.
    broken: how many rules its trace breaks. breaks: the first of them, a sentence each.
    measures: by name.
    latencies_us, shown: ascending, and how many events had each, where the scenario is DISTRIBUTION.
    rows: those of the story's client and of the servers, where the scenario is STORY.
    """

    predicted: str
    starved_s: float
    held: Agreement
    again: Agreement | None
    claims: tuple[int, int, int]
    broken: int
    breaks: tuple[str, ...]
    measures: dict[str, Value]
    latencies_us: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """The shipped scenarios in the live world, by name; `date` is that of the day in UTC."""

    fanout_sim: str
    date: str
    machine: str
    margin_s: float
    seed: int
    scenarios: dict[str, Performed]

    def to_json(self) -> str:
        """JSON text, a line per scenario."""
        adapter = TypeAdapter(Performed)
        lines = [
            f"    {json.dumps(name)}: {json.dumps(adapter.dump_python(one, mode='json'), allow_nan=False)}"
            for name, one in self.scenarios.items()
        ]
        head = [
            f"  {json.dumps(name)}: {json.dumps(getattr(self, name))},\n"
            for name in ("fanout_sim", "date", "machine", "margin_s", "seed")
        ]
        return "".join(["{\n", *head, '  "scenarios": {\n', ",\n".join(lines), "\n  }\n}\n"])


def record(seed: int = 0, redis: str | None = None, progress: Progress | None = None) -> Recording:
    """Perform every shipped scenario on real sockets, in some five minutes, each held against the model."""
    results = verify([], ["model", "live"], seed, redis, progress)
    return Recording(
        version("fanout-sim"),
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{os.cpu_count()} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        LIVE_MARGIN_S,
        seed,
        {result.name: _performed(result) for result in results if "live" in result.traces},
    )


def read(path: Path) -> Recording | None:
    """The recording in this file, None where there is no such file; raises InputError for any other content."""
    try:
        return TypeAdapter(Recording).validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValidationError, UnicodeDecodeError):
        raise InputError(f"{path}: is no recording of the live world; fanout-sim report --live makes one") from None


def digest(trace: Trace) -> str:
    """What tells whether a prediction is still the same."""
    return hashlib.sha256("\n".join(map(repr, trace.rows)).encode()).hexdigest()[:16]


def of_story(script: Script, predicted: Trace, trace: Trace) -> tuple[Row, ...]:
    """The rows of the client with the most to tell in the model, and of the servers."""
    client = story_client(script, predicted)
    return tuple(row for row in trace.rows if row[1] in (-1, client))


def distribution(one: Performed, like: Totals) -> Totals:
    """The latencies of the live world beside those of another, as totals."""
    none = np.zeros_like(like.polls_per_s)
    times_s, shown = np.array(one.latencies_us) / 1e6, np.array(one.shown, np.int64)
    return Totals("live", like.clients, one.measures, times_s, shown, none, none, none)


def _performed(result: Result) -> Performed:
    live, model = result.traces["live"], result.traces["model"]
    held, *again = result.agreements
    counted = totals(live)
    kept = result.name == DISTRIBUTION
    return Performed(
        predicted=digest(model),
        starved_s=round(live.starved_s, 3),
        held=held,
        again=again[0] if again else None,
        claims=_claims(result),
        broken=len(result.findings["live"]),
        breaks=tuple(finding.sentence for finding in result.findings["live"][:MOST_BROKEN]),
        measures=counted.measures(),
        latencies_us=_whole(counted.latencies_s * 1e6) if kept else (),
        shown=_whole(counted.shown) if kept else (),
        rows=of_story(result.script, model, live) if result.name == STORY else (),
    )


def _claims(result: Result) -> tuple[int, int, int]:
    verdicts = [(claim.judgements["live"].verdict, claim.claim.expected) for claim in result.claims]
    expected = sum(verdict == wanted for verdict, wanted in verdicts)
    undecided = sum(verdict == "not decided" for verdict, _ in verdicts)
    return expected, undecided, len(verdicts) - expected - undecided


def _whole(values: npt.NDArray[Any]) -> tuple[int, ...]:
    return tuple(np.rint(values).astype(int).tolist())
