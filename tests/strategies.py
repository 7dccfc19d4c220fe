"""Hypothesis strategies for the contract: scenarios, traces and wire messages.

Times lie on a coarse lattice more often than not, so that happenings at one instant are common.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from sim.contract.claim import MEASURES
from sim.contract.kinds import KINDS
from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.contract.trace import Row, Trace
from sim.contract.trace import seconds as due
from sim.contract.wire import STATUS_OF_TERMINAL, Message

Table = dict[str, Any]

LATTICE_S = 0.5
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.29, 1 / 3, 0.5, 1.0]) | st.floats(0, 1)
EVENT_TYPES = st.sampled_from(["node_completed", *STATUS_OF_TERMINAL])


def seconds(longest_s: float = 12.0, shortest_s: float = 0.0) -> st.SearchStrategy[float]:
    """Times on the lattice, on whole microseconds, or anywhere."""
    lattice = st.integers(round(shortest_s / LATTICE_S), round(longest_s / LATTICE_S)).map(lambda n: n * LATTICE_S)
    micros = st.integers(round(shortest_s * 1e6), round(longest_s * 1e6)).map(lambda n: n / 1e6)
    return lattice | lattice | micros | st.floats(shortest_s, longest_s)


def spans(longest_s: float = 12.0) -> st.SearchStrategy[list[float]]:
    """`[from, to]` in order."""
    return st.lists(seconds(longest_s), min_size=2, max_size=2).map(sorted)


def durations(longest_s: float = 3.0) -> st.SearchStrategy[float | Table]:
    """A number of seconds, or one of the distributions, as TOML has them."""
    lognormal = st.lists(seconds(longest_s, LATTICE_S), min_size=2, max_size=2).map(sorted)
    return st.one_of(
        seconds(longest_s),
        spans(longest_s).map(lambda span: {"uniform": span}),
        seconds(longest_s).map(lambda mean: {"exponential": {"mean": mean}}),
        lognormal.map(lambda pair: {"lognormal": {"median": pair[0], "p99": pair[1]}}),
    )


@st.composite
def clients(draw: st.DrawFn, *, performable: bool = False) -> Table:
    """`[client]`: any policy, any choices that go together."""
    policy = draw(st.sampled_from(sorted(PRESETS)))
    table: Table = {"policy": policy, "count": draw(st.integers(1, 4)), "start_s": draw(durations())}
    websocket, polling = PRESETS[policy].websocket, PRESETS[policy].polling
    if draw(st.booleans()):
        websocket, polling = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        table |= {"websocket": websocket, "polling": polling}
    choices: dict[str, st.SearchStrategy[Any]] = {
        "poll_interval_s": seconds(6.0, LATTICE_S),
        "poll_at_mount": st.booleans() if polling else st.just(False),
        "backoff_factor": st.sampled_from([1, 1.0, 1.1, 1.5, 2]) | st.floats(1, 4),
        "backoff_max_s": seconds(12.0, LATTICE_S),
    }
    if not performable:
        reconnect = st.sampled_from(["none", "fixed", "exponential"])
        choices |= {
            "reconnect": reconnect if websocket else st.just("none"),
            "jitter": st.sampled_from(["none", "equal", "full"]),
            "gap_poll": st.booleans() if polling else st.just(False),
            "final_poll": st.booleans() if polling else st.just(False),
            "catch_up_poll": st.booleans() if polling else st.just(False),
        }
    chosen = draw(st.sets(st.sampled_from(sorted(choices))))
    return table | {name: draw(choices[name]) for name in sorted(chosen)}


@st.composite
def events(draw: st.DrawFn) -> list[Table]:
    """Events in time order, terminals anywhere among them."""
    event = st.fixed_dictionaries({"at_s": seconds(), "type": EVENT_TYPES | LINE}, optional={"node_id": TEXT})
    return sorted(draw(st.lists(event, max_size=5)), key=lambda e: float(e["at_s"]))


@st.composite
def workloads(draw: st.DrawFn, *, recorded: str | None = None) -> Table:
    """`[workload]` from any source; a recorded one only where its file is named."""
    count = st.integers(0, 5)
    sources: list[st.SearchStrategy[Table]] = [
        st.just({}),
        events().map(lambda given: {"events": given}),
        st.builds(lambda n, s: {"even": {"count": n, "every_s": s}}, count, seconds(4.0)),
        st.builds(lambda n, s: {"poisson": {"count": n, "mean_gap_s": s}}, count, seconds(4.0)),
    ]
    if recorded is not None:
        sources.append(st.just({"recorded": {"file": recorded}}))
    table = draw(st.one_of(sources))
    return table | ({"other_events": draw(events())} if draw(st.booleans()) else {})


def event_count(workload: Table) -> int:
    """How many events each run of a workload table has; 0 where a recorded file decides."""
    generated = workload.get("even") or workload.get("poisson") or {"count": len(workload.get("events", []))}
    return int(generated["count"])


def faults(event_count: int, *, performable: bool = False) -> st.SearchStrategy[Table]:
    """One `[[fault]]` of any kind, for runs of so many events."""

    def kind(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.fixed_dictionaries({"kind": st.just(name), **keys}, optional={"fraction": FRACTIONS})

    def window(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.builds(lambda t, w: t | {"from_s": w[0], "until_s": w[1]}, kind(name, **keys), spans())

    broken = st.just("closed") if performable else st.sampled_from(["closed", "half-open"])
    failed = st.sampled_from(["error", "timeout"])
    kinds = [
        kind("message-lost", probability=FRACTIONS),
        kind("connection-lost", at_s=seconds(), manner=broken),
        kind("connection-lost", between_s=spans(), manner=broken),
        window("connection-refused"),
        kind("poll-failed", polls=st.lists(st.integers(0, 8), max_size=3), manner=failed),
        kind("poll-failed", probability=FRACTIONS, manner=failed),
        window("poll-failed", manner=failed),
    ]
    if event_count:
        kinds.append(kind("message-lost", event=st.integers(0, event_count - 1)))
    if not performable:
        away = {"at_s": seconds(), "for_s": seconds()}
        kinds += [
            st.fixed_dictionaries({"kind": st.just(name), **away})
            for name in ("fanout-restart", "redis-outage", "partition")
        ]
        slow = {"clients": st.lists(st.integers(0, 3), max_size=3), "bytes_per_s": st.floats(0, 1e6)}
        kinds.append(st.fixed_dictionaries({"kind": st.just("slow-reader"), **slow}))
    return st.one_of(kinds)


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
    return table


@st.composite
def scenarios(draw: st.DrawFn, *, performable: bool = False, recorded: str | None = None) -> Scenario:
    """Any scenario of up to four clients and twelve seconds.

    performable: only what every world performs now, and without claims.
    recorded: a CSV file that a recorded workload may name; without it there is none.
    """
    workload = draw(workloads(recorded=recorded))
    delays = st.fixed_dictionaries({"latency_s": durations()})
    table = {
        "title": draw(LINE),
        "source": draw(TEXT),
        "horizon_s": draw(seconds()),
        "client": draw(clients(performable=performable)),
        "workload": workload,
        "websocket": draw(delays) | {"connect_s": draw(durations())},
        "polling": draw(delays) | {"timeout_s": draw(seconds(4.0, LATTICE_S))},
        "fault": draw(st.lists(faults(event_count(workload), performable=performable), max_size=3)),
        "claim": [] if performable else draw(st.lists(claims(event_count(workload) or 0), max_size=2)),
    }
    return Scenario.from_dict(table)


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
    return st.builds(Message, run_ids, st.integers(0, 2**31), EVENT_TYPES | TEXT, st.none() | TEXT, finite)
