"""Hypothesis strategies for the contract: scenarios with claims, traces and wire messages."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from sim.contract.claim import MEASURES
from sim.contract.kinds import KINDS
from sim.contract.scenario import Scenario
from sim.contract.trace import Row, Trace
from sim.contract.trace import seconds as due
from sim.contract.wire import Message
from sim.verify.generate_wide import EVENT_TYPES, LINE, TEXT, event_count, seconds, spans, tables

Table = dict[str, Any]


@st.composite
def claims(draw: st.DrawFn, events: int) -> Table:
    """One `[[claim]]` about a run of so many events, true or not."""
    table: Table = {"says": draw(LINE)}
    number = st.integers(0, 20) | st.floats(-1e3, 1e3)
    if draw(st.booleans()):
        bounds = {
            "equals": number,
            "between": st.lists(number, min_size=2, max_size=2).map(sorted),
            "below": number,
            "above": number,
        }
        name = draw(st.sampled_from(sorted(bounds)))
        table |= {"measure": draw(st.sampled_from(MEASURES)), name: draw(bounds[name])}
    else:
        kind = draw(st.sampled_from(KINDS))
        required = {"kind": st.just(kind), "at_s": st.lists(seconds(), max_size=3).map(sorted)}
        optional = {
            "event": st.integers(-1, max(events, 0) - 1),
            "detail": st.sampled_from(["5", "12.5", "5.000000"]) if kind == "timer_armed" else TEXT,
            "client": st.integers(0, 3),
        }
        table["rows"] = draw(st.fixed_dictionaries(required, optional=optional))
    if draw(st.booleans()):
        table["within_s"] = draw(spans())
    if draw(st.booleans()):
        table |= {"expected": "contradicted", "because": draw(LINE)}
    return table | {"ours": draw(st.booleans())}


@st.composite
def scenarios(draw: st.DrawFn, *, recorded: str | None = None) -> Scenario:
    """Any scenario that the format can hold, of up to four clients and twelve seconds.

    recorded: a CSV file that a recorded workload may name; without it there is none.
    """
    table = draw(tables(recorded=recorded))
    return Scenario.from_dict(table | {"claim": draw(st.lists(claims(event_count(table["workload"])), max_size=2))})


@st.composite
def rows(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> Row:
    """One row of a trace, of one of these kinds."""
    lattice = st.integers(0, 8).map(lambda n: n * 500_000)
    times_us = lattice | lattice | st.integers(0, 10**15)
    kind = draw(st.sampled_from(kinds))
    details = {"timer_armed": times_us.map(due), "poll_answered": st.integers(0, 20).map(str)}
    return (
        draw(times_us),
        draw(st.integers(-1, 3) | st.integers(-1, 2**31 - 1)),
        kind,
        draw(st.integers(-1, 4) | st.integers(-1, 2**31 - 1)),
        draw(details.get(kind, TEXT)),
    )


def traces() -> st.SearchStrategy[Trace]:
    """Any trace that the format can hold, whether or not a world could perform it."""
    return st.lists(rows(), max_size=12).map(Trace)


def messages(run_ids: st.SearchStrategy[str] = TEXT) -> st.SearchStrategy[Message]:
    """Any message that the wire format can hold."""
    finite = st.floats(allow_nan=False, allow_infinity=False)
    return st.builds(Message, run_ids, st.integers(0, 2**31), EVENT_TYPES | TEXT, st.none() | TEXT, finite, TEXT)
