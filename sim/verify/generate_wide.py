"""Random scenarios of seconds that use every key: distributions, generated workloads, overridden policies."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from sim.contract.policy import PRESETS
from sim.contract.scenario import OF_LISTINGS, Scenario
from sim.contract.wire import STATUS_OF_TERMINAL
from sim.verify.generate_common import (
    JITTERS,
    LOSS_MANNERS,
    POLL_MANNERS,
    RECONNECTS,
    RESTART_MANNERS,
    Table,
    in_time_order,
    presets,
)

LATTICE_S = 0.5
"""The lattice on which most times lie."""

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=8)
FRACTIONS = st.sampled_from([0.0, 0.1, 0.29, 1 / 3, 0.5, 1.0]) | st.floats(0, 1)
EVENT_TYPES = st.sampled_from(["node_completed", *STATUS_OF_TERMINAL])


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
def _choices(websocket: bool, polling: bool, protocol: bool) -> dict[str, st.SearchStrategy[Any]]:
    """Values for the single choices of a policy."""
    polls = st.booleans() if polling else st.just(False)
    choices: dict[str, st.SearchStrategy[Any]] = {
        "poll_interval_s": seconds(6.0, LATTICE_S),
        "poll_at_mount": polls,
        "backoff_factor": st.sampled_from([1, 1.0, 1.1, 1.5, 2]) | st.floats(1, 4),
        "backoff_max_s": seconds(12.0, LATTICE_S),
        "reconnect": st.just("none") | RECONNECTS if websocket else st.just("none"),
        "jitter": JITTERS,
        "reconnect_delay_s": seconds(4.0, LATTICE_S),
        "reconnect_max_s": seconds(6.0, LATTICE_S),
    }
    if protocol:
        choices |= {
            "gap_poll": polls,
            "final_poll": polls,
            "catch_up_poll": polls,
            "poll_jitter": FRACTIONS,
            "error_backoff_factor": st.sampled_from([1, 1.5, 2]) | st.floats(1, 4),
            "error_backoff_max_s": seconds(12.0, LATTICE_S),
            "retry_after": polls,
        }
    return choices


@cache
def _names(names: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(names))


LISTINGS = tuple(sorted(name for name, policy in PRESETS.items() if policy.listing != "none"))
"""The presets that the model alone performs, as the document has them."""

DOCUMENTED = tuple(sorted(n for n, policy in PRESETS.items() if n not in LISTINGS and not policy.by_sequence))
PERFORMABLE = tuple(sorted(PRESETS.keys() - set(LISTINGS)))

_NEED_POLLING = ("gap_poll", "final_poll", "catch_up_poll", "retry_after")


@st.composite
def clients(draw: st.DrawFn, *, policies: tuple[str, ...], protocol: bool) -> Table:
    """`[client]`: any of these policies, any choices that go together."""
    policy = draw(presets(policies))
    table: Table = {"policy": policy, "count": draw(st.integers(1, 4)), "start_s": draw(durations())}
    websocket, polling = PRESETS[policy].websocket, PRESETS[policy].polling
    listing = PRESETS[policy].listing
    if listing == "none" and draw(st.booleans()):
        websocket, polling = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        table |= {"websocket": websocket, "polling": polling}
        table |= {} if websocket else {"reconnect": "none"}
        table |= {} if polling else dict.fromkeys(_NEED_POLLING, False)
    choices = _choices(websocket, polling, protocol)
    chosen = draw(_names(tuple(sorted(choices)) if listing == "none" else OF_LISTINGS[listing]))
    return table | {name: draw(choices[name]) for name in sorted(chosen)}


@cache
def events() -> st.SearchStrategy[list[Table]]:
    """Events in time order, terminals anywhere among them."""
    event = st.fixed_dictionaries({"at_s": seconds(), "type": EVENT_TYPES | LINE}, optional={"node_id": TEXT})
    return st.lists(event, max_size=5).map(in_time_order)


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
    others: st.SearchStrategy[Table] = st.fixed_dictionaries(
        {}, optional={"other_events": events(), "payload_bytes": st.integers(0, 300)}
    )
    return st.builds(lambda own, other: own | other, st.one_of(sources), others)


def event_count(workload: Table) -> int:
    """How many events each run of a workload table has; 0 where a recorded file decides."""
    generated = workload.get("even") or workload.get("poisson") or {"count": len(workload.get("events", []))}
    return int(generated["count"])


@cache
def faults(event_count: int, clients: int, *, performable: bool = False) -> st.SearchStrategy[Table]:
    """One `[[fault]]` of any kind, for so many clients with runs of so many events."""

    def kind(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.fixed_dictionaries({"kind": st.just(name), **keys}, optional={"fraction": FRACTIONS})

    def window(name: str, **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
        return st.builds(lambda t, w: t | {"from_s": w[0], "until_s": w[1]}, kind(name, **keys), spans())

    burst = st.fixed_dictionaries({"enter": FRACTIONS, "leave": FRACTIONS}, optional={"lost": FRACTIONS})
    away = {"at_s": seconds(), "for_s": seconds(6.0, LATTICE_S)}
    kinds = [
        kind("message-lost", probability=FRACTIONS),
        kind("message-lost", burst=burst),
        kind("connection-lost", at_s=seconds(), manner=LOSS_MANNERS),
        kind("connection-lost", between_s=spans(), manner=LOSS_MANNERS),
        window("connection-refused"),
        kind("poll-failed", polls=st.lists(st.integers(0, 8), max_size=3), manner=POLL_MANNERS),
        kind("poll-failed", probability=FRACTIONS, manner=POLL_MANNERS),
        window("poll-failed", manner=POLL_MANNERS),
        st.fixed_dictionaries({"kind": st.just("fanout-restart"), "manner": RESTART_MANNERS, **away}),
        st.fixed_dictionaries({"kind": st.just("redis-outage"), **away}),
        kind("partition", **away),
    ]
    if event_count:
        kinds.append(kind("message-lost", event=st.integers(0, event_count - 1)))
    if not performable:
        slow = {"clients": st.lists(st.integers(0, clients - 1), max_size=3), "bytes_per_s": st.floats(0, 1e6)}
        kinds.append(st.fixed_dictionaries({"kind": st.just("slow-reader"), **slow}))
    return st.one_of(kinds)


@cache
def _fault_lists(event_count: int, clients: int, performable: bool) -> st.SearchStrategy[list[Table]]:
    return st.lists(faults(event_count, clients, performable=performable), max_size=3)


_DELAYS = st.fixed_dictionaries({"latency_s": durations()})
_TIMEOUTS = seconds(4.0, LATTICE_S)
_HORIZONS = st.one_of([seconds()] * 7 + [seconds(60.0)])  # 55 s let the default pings and pongs find a dead connection


@cache
def _fanouts(performable: bool) -> st.SearchStrategy[Table]:
    """`[fanout]`; what matters for slow readers alone only where there may be some."""
    times = ["ping_every_s", "pong_within_s", "resubscribe_s", "resubscribe_max_s"]
    keys: dict[str, st.SearchStrategy[Any]] = {name: seconds(4.0, LATTICE_S) for name in times}
    if not performable:
        keys |= {"send_buffer_bytes": st.integers(1, 2000), "write_within_s": seconds(4.0, LATTICE_S)}
    return st.fixed_dictionaries({}, optional=keys)


_QUEUES: st.SearchStrategy[Table] = st.just({}) | st.fixed_dictionaries(
    {"workers": st.integers(1, 3)},
    optional={"service_s": durations(2.0), "queue_limit": st.integers(0, 3), "retry_after_s": st.integers(0, 5)},
)
_HEARTBEATS: st.SearchStrategy[Table] = st.just({}) | seconds(6.0, LATTICE_S).map(lambda s: {"heartbeat_s": s})


@st.composite
def tables(
    draw: st.DrawFn,
    *,
    policies: tuple[str, ...] = tuple(sorted(PRESETS)),
    protocol: bool = True,
    performable: bool = False,
    recorded: str | None = None,
) -> Table:
    """A scenario's table without claims, of up to four clients and mostly twelve seconds.

    policies: the presets to choose from. protocol: with the choices of docs/protocol.md, and heartbeats.
    performable: without slow readers, which exact worlds perform in ways of their own.
    recorded: a CSV file that a recorded workload may name; without it there is none.
    """
    workload = draw(workloads(recorded))
    client = draw(clients(policies=policies, protocol=protocol))
    beats = protocol and client["policy"] not in LISTINGS
    return {
        "title": draw(LINE),
        "source": draw(TEXT),
        "horizon_s": draw(_HORIZONS),
        "client": client,
        "workload": workload,
        "websocket": draw(_DELAYS) | {"connect_s": draw(durations())},
        "polling": draw(_DELAYS) | {"timeout_s": draw(_TIMEOUTS)},
        "fanout": draw(_fanouts(performable)),
        "orchestrator": draw(_QUEUES) | (draw(_HEARTBEATS) if beats else {}),
        "fault": draw(_fault_lists(event_count(workload), client["count"], performable)),
    }


def wide(*, protocol: bool = False) -> st.SearchStrategy[Scenario]:
    """A scenario that may use every key that the exact worlds perform.

    protocol: with the choices of docs/protocol.md, and heartbeats.
    """
    policies = PERFORMABLE if protocol else DOCUMENTED
    return tables(policies=policies, protocol=protocol, performable=True).map(Scenario.from_dict)
