"""Hypothesis strategies of small scenarios on a lattice of few instants, so that ties are the rule."""

from typing import Any

from hypothesis import strategies as st

from sim import Scenario

US = 1e-6
"""The lattice is microseconds, so that drawn durations fall on it too, and halves of odd latencies show."""

TYPES = ("node_completed", "node_completed", "node_started", "workflow_completed", "workflow_failed")


def ticks(last: int, first: int = 0) -> st.SearchStrategy[float]:
    return st.integers(first, last).map(lambda n: n * US)


def durations(last: int) -> st.SearchStrategy[Any]:
    spread = st.tuples(ticks(last), ticks(last)).map(lambda pair: {"uniform": sorted(pair)})
    return st.just(0.0) | ticks(last) | spread


def event_lists(last: int, most: int = 6) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({"at_s": ticks(last), "type": st.sampled_from(TYPES)})
    return st.lists(one, max_size=most).map(lambda some: sorted(some, key=lambda e: float(str(e["at_s"]))))


def windows(last: int) -> st.SearchStrategy[dict[str, float]]:
    pair = st.tuples(ticks(last), ticks(last)).map(sorted)
    return pair.map(lambda p: {"from_s": p[0], "until_s": p[1]})


def faults(count: int, last: int) -> st.SearchStrategy[dict[str, Any]]:
    share = st.sampled_from([1.0, 0.5])
    manner = st.sampled_from(["error", "timeout"])
    probability = st.sampled_from([0.3, 1.0])
    kinds: list[st.SearchStrategy[dict[str, Any]]] = [
        st.fixed_dictionaries({"kind": st.just("message-lost"), "probability": probability, "fraction": share}),
        st.fixed_dictionaries({"kind": st.just("connection-lost"), "at_s": ticks(last), "fraction": share}),
        st.builds(lambda w, f: {"kind": "connection-refused", "fraction": f, **w}, windows(last), share),
        st.builds(lambda w, m: {"kind": "poll-failed", "manner": m, **w}, windows(last), manner),
        st.builds(
            lambda polls, m: {"kind": "poll-failed", "polls": polls, "manner": m},
            st.lists(st.integers(0, 5), min_size=1, max_size=3),
            manner,
        ),
        st.builds(lambda p, m: {"kind": "poll-failed", "probability": p, "manner": m}, probability, manner),
    ]
    if count:
        kinds.append(st.builds(lambda e: {"kind": "message-lost", "event": e}, st.integers(0, count - 1)))
    return st.one_of(kinds)


@st.composite
def scenarios(draw: st.DrawFn, *, policies: tuple[str, ...] = (), faulty: bool = True, last: int = 16) -> Scenario:
    """Any small scenario that the model performs; of these policies only, where given."""
    preset = draw(st.sampled_from(policies or ("hybrid", "hybrid", "hybrid-backoff", "polling-only", "websocket-only")))
    client: dict[str, Any] = {
        "policy": preset,
        "count": draw(st.integers(1, 3)),
        "start_s": draw(durations(4)),
        "poll_interval_s": draw(ticks(6, 1)),
    }
    if preset != "websocket-only":
        client["poll_at_mount"] = draw(st.booleans())
    if preset == "hybrid-backoff":
        client["backoff_factor"] = draw(st.sampled_from([1.1, 1.5, 2.0]))
        client["backoff_max_s"] = draw(ticks(9, 1))
    own = draw(event_lists(last))
    return Scenario.from_dict(
        {
            "title": "a small world",
            "horizon_s": draw(ticks(last + 8, last)),
            "client": client,
            "workload": {"events": own, "other_events": draw(event_lists(last, 3))},
            "websocket": {"connect_s": draw(durations(4)), "latency_s": draw(durations(5))},
            "polling": {"latency_s": draw(durations(7)), "timeout_s": draw(ticks(8, 1))},
            "fault": draw(st.lists(faults(len(own), last + 4), max_size=3)) if faulty else [],
        }
    )
