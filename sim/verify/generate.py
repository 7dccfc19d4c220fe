"""Random scenarios for Hypothesis: the whole space that the exact worlds perform.

`small` ones lie on a lattice of few microseconds, so that happenings at one instant are the rule. `wide` ones use
every key: distributions, generated workloads, seconds anywhere, overridden policies.
"""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from sim.contract.policy import PRESETS
from sim.contract.scenario import Scenario
from sim.contract.wire import STATUS_OF_TERMINAL

Table = dict[str, Any]

TICK_S = 1e-6
"""The lattice of small scenarios: drawn durations fall on it too, and halves of odd latencies show."""

LATTICE_S = 0.5
"""The lattice of wide ones, on which most of their times lie."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.29, 1 / 3, 0.5, 1.0]) | st.floats(0, 1)
EVENT_TYPES = st.sampled_from(["node_completed", *STATUS_OF_TERMINAL])
_SMALL_TYPES = st.sampled_from(["node_completed", "node_started", "workflow_completed", "workflow_failed"])
_MANNERS = st.sampled_from(["error", "timeout"])
SMALL_POLICIES = ("hybrid", "hybrid", "hybrid-backoff", "polling-only", "websocket-only")


def scenarios() -> st.SearchStrategy[Scenario]:
    """Small and wide ones."""
    return small() | small() | wide()


# small


@cache
def ticks(last: int, first: int = 0) -> st.SearchStrategy[float]:
    """Times on the small lattice."""
    return st.integers(first, last).map(lambda n: n * TICK_S)


@cache
def small_durations(last: int) -> st.SearchStrategy[Any]:
    """None, one for all, or drawn."""
    spread = st.tuples(ticks(last), ticks(last)).map(lambda pair: {"uniform": sorted(pair)})
    return st.just(0.0) | ticks(last) | spread | spread


@cache
def small_events(last: int, most: int = 6) -> st.SearchStrategy[list[Table]]:
    """Events in time order, terminals anywhere among them."""
    one = st.fixed_dictionaries({"at_s": ticks(last), "type": _SMALL_TYPES})
    return _some(one, most).map(lambda some: sorted(some, key=_at))


def _some(one: st.SearchStrategy[Table], most: int) -> st.SearchStrategy[list[Table]]:
    """Up to so many; Hypothesis alone makes short lists."""
    return st.lists(one, max_size=most) | st.lists(one, min_size=(most + 1) // 2, max_size=most)


def _at(event: Table) -> float:
    return float(event["at_s"])


@cache
def small_faults(count: int, last: int) -> st.SearchStrategy[list[Table]]:
    """Up to four faults, for runs of so many events."""
    share = st.sampled_from([1.0, 1.0, 0.5])
    window = st.tuples(ticks(last), ticks(last)).map(lambda p: {"from_s": min(p), "until_s": max(p)})
    probability = st.sampled_from([0.3, 1.0])
    polls = st.lists(st.integers(0, 5), min_size=1, max_size=3)
    of_link: list[st.SearchStrategy[Table]] = [
        st.fixed_dictionaries({"kind": st.just("message-lost"), "probability": probability, "fraction": share}),
        st.fixed_dictionaries({"kind": st.just("connection-lost"), "at_s": ticks(last), "fraction": share}),
        st.builds(lambda w, f: {"kind": "connection-refused", "fraction": f, **w}, window, share),
    ]
    if count:
        of_link.append(st.builds(lambda e: {"kind": "message-lost", "event": e}, st.integers(0, count - 1)))
    of_polls: list[st.SearchStrategy[Table]] = [
        st.builds(lambda w, m: {"kind": "poll-failed", "manner": m, **w}, window, _MANNERS),
        st.builds(lambda p, m: {"kind": "poll-failed", "polls": p, "manner": m}, polls, _MANNERS),
        st.builds(lambda p, m: {"kind": "poll-failed", "probability": p, "manner": m}, probability, _MANNERS),
    ]
    mixtures = (of_link + of_polls, of_link, of_polls)
    return st.one_of([_some(st.one_of(kinds), 4) for kinds in mixtures])


_COUNTS = st.integers(1, 4)
_FACTORS = st.sampled_from([1.1, 1.5, 2.0])


@cache
def _policies(policies: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(policies)


@st.composite
def small(
    draw: st.DrawFn, *, policies: tuple[str, ...] = SMALL_POLICIES, faulty: bool = True, last: int | None = None
) -> Scenario:
    """A scenario of a few microseconds.

    policies: the presets to choose from. faulty: with faults. last: the latest tick of an event, by default 6 or 16.
    """
    tight = last is None and draw(st.booleans())
    last = (6 if tight else 16) if last is None else last
    longest = 3 if tight else 6
    preset = draw(_policies(policies))
    client: Table = {
        "policy": preset,
        "count": draw(_COUNTS),
        "start_s": draw(small_durations(4)),
        "poll_interval_s": draw(ticks(longest, 1)),
    }
    if preset != "websocket-only":
        client["poll_at_mount"] = draw(st.booleans())
    if preset == "hybrid-backoff":
        client["backoff_factor"] = draw(_FACTORS)
        client["backoff_max_s"] = draw(ticks(9, 1))
    own = draw(small_events(last))
    return Scenario.from_dict(
        {
            "title": "a small world",
            "horizon_s": draw(ticks(last + 8, last)),
            "client": client,
            "workload": {"events": own, "other_events": draw(small_events(last, 3))},
            "websocket": {"connect_s": draw(small_durations(longest)), "latency_s": draw(small_durations(longest))},
            "polling": {"latency_s": draw(small_durations(longest + 1)), "timeout_s": draw(ticks(longest + 2, 1))},
            "fault": draw(small_faults(len(own), last + 4)) if faulty else [],
        }
    )


# wide


@cache
def seconds(longest_s: float = 12.0, shortest_s: float = 0.0) -> st.SearchStrategy[float]:
    """Times on the lattice, on whole microseconds, or anywhere."""
    lattice = st.integers(round(shortest_s / LATTICE_S), round(longest_s / LATTICE_S)).map(lambda n: n * LATTICE_S)
    micros = st.integers(round(shortest_s * 1e6), round(longest_s * 1e6)).map(lambda n: n / 1e6)
    return lattice | lattice | micros | st.floats(shortest_s, longest_s)


@cache
def spans(longest_s: float = 12.0) -> st.SearchStrategy[list[float]]:
    """`[from, to]` in order."""
    return st.lists(seconds(longest_s), min_size=2, max_size=2).map(sorted)


@cache
def durations(longest_s: float = 3.0) -> st.SearchStrategy[float | Table]:
    """A number of seconds, or one of the distributions, as TOML has them."""
    lognormal = st.lists(seconds(longest_s, LATTICE_S), min_size=2, max_size=2).map(sorted)
    return st.one_of(
        seconds(longest_s),
        spans(longest_s).map(lambda span: {"uniform": span}),
        seconds(longest_s).map(lambda mean: {"exponential": {"mean": mean}}),
        lognormal.map(lambda pair: {"lognormal": {"median": pair[0], "p99": pair[1]}}),
    )


@cache
def _choices(websocket: bool, polling: bool, performable: bool) -> dict[str, st.SearchStrategy[Any]]:
    """Values for the single choices of a policy."""
    polls = st.booleans() if polling else st.just(False)
    choices: dict[str, st.SearchStrategy[Any]] = {
        "poll_interval_s": seconds(6.0, LATTICE_S),
        "poll_at_mount": polls,
        "backoff_factor": st.sampled_from([1, 1.0, 1.1, 1.5, 2]) | st.floats(1, 4),
        "backoff_max_s": seconds(12.0, LATTICE_S),
    }
    if not performable:
        reconnect = st.sampled_from(["none", "fixed", "exponential"])
        choices |= {
            "reconnect": reconnect if websocket else st.just("none"),
            "jitter": st.sampled_from(["none", "equal", "full"]),
            "gap_poll": polls,
            "final_poll": polls,
            "catch_up_poll": polls,
        }
    return choices


@cache
def _names(names: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(names))


@st.composite
def clients(draw: st.DrawFn, *, performable: bool = False) -> Table:
    """`[client]`: any policy, any choices that go together."""
    policy = draw(_policies(tuple(sorted(PRESETS))))
    table: Table = {"policy": policy, "count": draw(st.integers(1, 4)), "start_s": draw(durations())}
    websocket, polling = PRESETS[policy].websocket, PRESETS[policy].polling
    if draw(st.booleans()):
        websocket, polling = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        table |= {"websocket": websocket, "polling": polling}
    choices = _choices(websocket, polling, performable)
    chosen = draw(_names(tuple(sorted(choices))))
    return table | {name: draw(choices[name]) for name in sorted(chosen)}


@cache
def events() -> st.SearchStrategy[list[Table]]:
    """Events in time order, terminals anywhere among them."""
    event = st.fixed_dictionaries({"at_s": seconds(), "type": EVENT_TYPES | LINE}, optional={"node_id": TEXT})
    return st.lists(event, max_size=5).map(lambda some: sorted(some, key=_at))


@cache
def workloads(recorded: str | None = None) -> st.SearchStrategy[Table]:
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
    others: st.SearchStrategy[Table] = st.just({}) | events().map(lambda given: {"other_events": given})
    return st.builds(lambda own, other: own | other, st.one_of(sources), others)


def event_count(workload: Table) -> int:
    """How many events each run of a workload table has; 0 where a recorded file decides."""
    generated = workload.get("even") or workload.get("poisson") or {"count": len(workload.get("events", []))}
    return int(generated["count"])


@cache
def faults(event_count: int, *, performable: bool = False) -> st.SearchStrategy[Table]:
    """One `[[fault]]` of any kind, for runs of so many events."""

    def kind(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.fixed_dictionaries({"kind": st.just(name), **keys}, optional={"fraction": FRACTIONS})

    def window(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.builds(lambda t, w: t | {"from_s": w[0], "until_s": w[1]}, kind(name, **keys), spans())

    broken = st.just("closed") if performable else st.sampled_from(["closed", "half-open"])
    kinds = [
        kind("message-lost", probability=FRACTIONS),
        kind("connection-lost", at_s=seconds(), manner=broken),
        kind("connection-lost", between_s=spans(), manner=broken),
        window("connection-refused"),
        kind("poll-failed", polls=st.lists(st.integers(0, 8), max_size=3), manner=_MANNERS),
        kind("poll-failed", probability=FRACTIONS, manner=_MANNERS),
        window("poll-failed", manner=_MANNERS),
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


@cache
def _fault_lists(event_count: int, performable: bool) -> st.SearchStrategy[list[Table]]:
    return st.lists(faults(event_count, performable=performable), max_size=3)


_DELAYS = st.fixed_dictionaries({"latency_s": durations()})
_TIMEOUTS = seconds(4.0, LATTICE_S)


@st.composite
def tables(draw: st.DrawFn, *, performable: bool = False, recorded: str | None = None) -> Table:
    """A scenario's table without claims, of up to four clients and twelve seconds.

    performable: only what the exact worlds perform now.
    recorded: a CSV file that a recorded workload may name; without it there is none.
    """
    workload = draw(workloads(recorded))
    return {
        "title": draw(LINE),
        "source": draw(TEXT),
        "horizon_s": draw(seconds()),
        "client": draw(clients(performable=performable)),
        "workload": workload,
        "websocket": draw(_DELAYS) | {"connect_s": draw(durations())},
        "polling": draw(_DELAYS) | {"timeout_s": draw(_TIMEOUTS)},
        "fault": draw(_fault_lists(event_count(workload), performable)),
    }


def wide() -> st.SearchStrategy[Scenario]:
    """A scenario that may use every key that the exact worlds perform."""
    return tables(performable=True).map(Scenario.from_dict)
