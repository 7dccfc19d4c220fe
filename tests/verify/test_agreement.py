"""Agreement of two traces (DESIGN.md section 9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Row, Trace, seconds
from sim.scenarios.catalog import load
from sim.verify.agreement import compare
from sim.worlds import perform

MARGIN_S = 0.1


def s(time_s: float) -> int:
    return round(time_s * 1e6)


def armed(time_s: float, due_s: float, client: int = 0) -> Row:
    return (s(time_s), client, "timer_armed", -1, seconds(s(due_s)))


def row(time_s: float, kind: str, event: int = -1, detail: str = "", client: int = 0) -> Row:
    return (s(time_s), client, kind, event, detail)


def shifted(trace: Trace, by_s: float) -> Trace:
    """The trace as a world would record it that is late by so much."""
    return Trace(
        [
            (t + s(by_s), c, k, e, seconds(s(float(d) + by_s)) if k == "timer_armed" else d)
            for t, c, k, e, d in trace.rows
        ],
        world="live",
        script=trace.script,
    )


@pytest.fixture
def dies() -> Trace:
    return perform(realize(load("websocket-dies")), "model")


def test_equal_traces_agree_to_the_microsecond(dies: Trace) -> None:
    agreement = compare(dies, Trace(list(dies.rows), world="virtual"))
    assert (agreement.verdict, agreement.margin_s) == ("agree", 0)


def test_one_microsecond_is_a_difference_without_a_margin(dies: Trace) -> None:
    *rows, (time_us, client, kind, event, detail) = dies.rows
    agreement = compare(dies, Trace([*rows, (time_us + 1, client, kind, event, detail)], world="virtual"))
    assert agreement.verdict == "differ"


def test_the_first_differing_row_is_named_with_both_sides() -> None:
    first = Trace([row(1, "poll_sent"), row(2, "poll_sent")], world="model")
    second = Trace([row(1, "poll_sent"), row(3, "poll_sent")], world="virtual")
    assert compare(first, second).sentence == (
        "row 2 differs: model has poll_sent of client 0 at 2.000000 s "
        "but virtual has poll_sent of client 0 at 3.000000 s"
    )


def test_a_row_that_the_other_trace_lacks_is_named() -> None:
    agreement = compare(Trace([row(1, "poll_sent")], world="model"), Trace([], world="virtual"))
    assert (
        agreement.sentence == "row 1 differs: model has poll_sent of client 0 at 1.000000 s but virtual has no such row"
    )


def test_times_within_the_margin_agree_and_the_largest_difference_is_told(dies: Trace) -> None:
    agreement = compare(dies, shifted(dies, 0.08), MARGIN_S)
    assert (agreement.verdict, agreement.largest_s) == ("agree", 0.08)


def test_times_beyond_the_margin_differ(dies: Trace) -> None:
    assert compare(dies, shifted(dies, 0.12), MARGIN_S).verdict == "differ"


def test_a_live_trace_is_compared_with_the_live_margin_by_default(dies: Trace) -> None:
    assert compare(dies, shifted(dies, 0.01)).verdict == "agree"
    assert compare(dies, Trace(shifted(dies, 0.01).rows, world="virtual")).verdict == "differ"


@given(st.data())
def test_a_missing_row_is_never_agreement(data: st.DataObject) -> None:
    trace = perform(realize(load("websocket-drops-messages")), "model")
    position = data.draw(st.integers(0, len(trace) - 1))
    less = Trace([r for n, r in enumerate(trace.rows) if n != position], world="live", script=trace.script)
    assert compare(trace, less, MARGIN_S).verdict == "differ"
    assert compare(less, trace, MARGIN_S).verdict == "differ"


def test_a_late_poll_is_reported_as_the_first_difference() -> None:
    first = Trace([row(5, "poll_sent"), row(9, "poll_sent")], world="model")
    second = Trace([row(5, "poll_sent"), row(11, "poll_sent")], world="live")
    assert "poll_sent of client 0 at 9.000000 s" in compare(first, second, MARGIN_S).sentence


def test_due_times_count_from_the_row_that_armed_the_timer() -> None:
    model = Trace([armed(1, 5)], world="model")
    assert compare(model, Trace([armed(1.08, 5.08)], world="live"), MARGIN_S).verdict == "agree"
    assert compare(model, Trace([armed(1.08, 7.08)], world="live"), MARGIN_S).verdict == "differ"


def test_rows_closer_than_the_margin_compare_as_a_set() -> None:
    first = Trace([row(1, "poll_failed", detail="error"), row(1.05, "event_emitted", 0)], world="model")
    second = Trace([row(1, "event_emitted", 0), row(1.05, "poll_failed", detail="error")], world="live")
    assert compare(first, second, MARGIN_S).verdict == "agree"


def test_rows_further_apart_than_the_margin_keep_their_order() -> None:
    first = Trace([row(1, "poll_failed", detail="error"), row(1.12, "event_emitted", 0)], world="model")
    second = Trace([row(1.04, "event_emitted", 0), row(1.06, "poll_failed", detail="error")], world="live")
    agreement = compare(first, second, MARGIN_S)
    assert agreement.verdict == "differ"
    assert "comes before" in agreement.sentence


RACES = {
    "a message at the instant a timer is due": (
        [armed(0, 4), row(4, "message_received", 0), row(4, "event_shown", 0), armed(4, 8)],
        [armed(0, 4), row(4, "poll_sent"), row(4.01, "message_received", 0), row(4.01, "event_shown", 0)],
    ),
    "an event at the instant a poll reaches the orchestrator": (
        [
            row(4, "event_emitted", 0),
            row(4, "poll_sent"),
            row(4, "poll_answered", detail="1"),
            row(4, "event_shown", 0),
        ],
        [row(4, "poll_sent"), row(4.01, "poll_answered", detail="0"), row(4.02, "event_emitted", 0)],
    ),
    "an event as the connection closes": (
        [row(2, "websocket_closed"), row(2, "message_published", 0), row(2, "message_lost", 0, "no-connection")],
        [
            row(2, "message_published", 0),
            row(2.01, "message_lost", 0, "connection-lost"),
            row(2.01, "websocket_closed"),
        ],
    ),
    "a message as a poll is answered": (
        [row(3, "poll_sent"), row(4, "message_received", 0), row(4.01, "poll_answered", detail="0")],
        [row(3, "poll_sent"), row(4, "poll_answered", detail="0"), row(4.01, "message_received", 0), armed(4, 8)],
    ),
}


@pytest.mark.parametrize("name", RACES)
def test_what_hangs_on_the_order_of_closer_happenings_is_not_decided_live(name: str) -> None:
    first, second = RACES[name]
    assert compare(Trace(first, world="model"), Trace(second, world="live"), MARGIN_S).verdict == "not decided"


def test_a_difference_before_a_race_is_a_difference() -> None:
    first, second = RACES["a message at the instant a timer is due"]
    agreement = compare(Trace([row(1, "poll_sent"), *first], world="model"), Trace(second, world="live"), MARGIN_S)
    assert agreement.verdict == "differ"


@pytest.fixture
def worst() -> Trace:
    """Events each 3 s against polls each 4 s: at 12 and 24 s an event meets a poll."""
    return perform(realize(load("worst-case")), "model")


def answered_before_the_event(trace: Trace, event: int) -> Trace:
    """The trace of a world in which the poll at the event's instant came a moment before it."""
    rows: list[Row] = []
    at_us = next(t for t, _, k, e, _ in trace.rows if k == "event_emitted" and e == event)
    next_us = next(t for t, _, k, _, _ in trace.rows if k == "poll_answered" and t > at_us)
    for t, c, kind, e, detail in trace.rows:
        if kind == "poll_answered" and t == at_us:
            rows.append((t, c, kind, e, str(int(detail) - 1)))
        elif kind == "event_shown" and e == event:
            continue
        else:
            rows.append((t, c, kind, e, detail))
        if kind == "poll_answered" and t == next_us:
            rows.append((t, c, "event_shown", event, ""))
    return Trace(rows, world="live", script=trace.script)


def test_an_event_that_meets_a_poll_leaves_only_its_own_showing_undecided(worst: Trace) -> None:
    other = answered_before_the_event(worst, 3)
    assert compare(worst, other, MARGIN_S).verdict == "not decided"


def test_where_the_next_poll_fails_the_showing_is_undecided_until_the_next_answer() -> None:
    polls = [row(4, "poll_sent"), row(4, "poll_answered", detail="1"), row(8, "poll_sent"), row(8, "poll_failed")]
    last = [row(12, "poll_sent"), row(12, "poll_answered", detail="1")]
    emitted = row(4, "event_emitted", 0)
    first = [emitted, *polls[:2], row(4, "event_shown", 0), *polls[2:], *last]
    second = [polls[0], row(4, "poll_answered", detail="0"), emitted, *polls[2:], *last, row(12, "event_shown", 0)]
    assert compare(Trace(first, world="model"), Trace(second, world="live"), MARGIN_S).verdict == "not decided"
    assert compare(Trace(first, world="model"), Trace(second[:-1], world="live"), MARGIN_S).verdict == "differ"


@pytest.mark.parametrize("kind", ["poll_sent", "poll_answered", "timer_armed", "terminal_reached", "event_emitted"])
def test_all_else_after_such_a_meeting_is_judged(worst: Trace, kind: str) -> None:
    other = answered_before_the_event(worst, 3)
    last = max(n for n, row in enumerate(other.rows) if row[2] == kind)
    less = Trace([r for n, r in enumerate(other.rows) if n != last], world="live", script=worst.script)
    assert compare(worst, less, MARGIN_S).verdict == "differ"


def test_a_client_that_stops_for_good_after_such_a_meeting_differs(worst: Trace) -> None:
    stopped = Trace([row for row in worst.rows if row[0] < s(13)], world="live", script=worst.script)
    assert compare(worst, stopped).verdict == "differ"


def test_a_client_that_is_late_after_such_a_meeting_differs(worst: Trace) -> None:
    rows = [row if row[0] < s(16) else (row[0] + s(1), *row[1:]) for row in worst.rows]
    assert compare(worst, Trace(rows, world="live", script=worst.script)).verdict == "differ"


def test_an_event_that_is_not_even_shown_by_the_next_poll_differs(worst: Trace) -> None:
    other = answered_before_the_event(worst, 3)
    never = [row for row in other.rows if row[2:4] != ("event_shown", 3)]
    assert compare(worst, Trace(never, world="live", script=worst.script), MARGIN_S).verdict == "differ"


def test_one_clients_race_does_not_excuse_another_client() -> None:
    first, second = RACES["a message at the instant a timer is due"]
    other = row(9, "poll_sent", client=1)
    agreement = compare(Trace([*first, other], world="model"), Trace(second, world="live"), MARGIN_S)
    assert agreement.verdict == "differ"
    assert "client 1" in agreement.sentence


def test_rows_that_the_horizon_cuts_off_in_one_trace_are_not_decided() -> None:
    script = realize(Scenario.from_dict({"title": "x", "horizon_s": 5.0}))
    first = Trace([row(0, "websocket_opened"), row(5, "poll_sent")], world="model", script=script)
    assert compare(first, Trace([row(0, "websocket_opened")], world="live"), MARGIN_S).verdict == "not decided"


def test_a_poll_near_the_end_of_a_fault_window_is_not_decided() -> None:
    fault = {"kind": "poll-failed", "from_s": 0.0, "until_s": 4.0}
    script = realize(Scenario.from_dict({"title": "x", "horizon_s": 30.0, "fault": [fault]}))
    first = Trace([row(4, "poll_sent"), row(4, "poll_answered", detail="0")], world="model", script=script)
    second = Trace([row(3.99, "poll_sent"), row(3.99, "poll_failed", detail="error")], world="live")
    assert compare(first, second, MARGIN_S).verdict == "not decided"


def test_a_cut_as_the_handshake_ends_is_not_decided() -> None:
    cut = {"kind": "connection-lost", "at_s": 1.0}
    scenario = {"title": "x", "horizon_s": 30.0, "websocket": {"connect_s": 0.95}, "fault": [cut]}
    script = realize(Scenario.from_dict(scenario))
    first = perform(script, "model")
    rows = [row(1, *r[2:]) if r[2] == "websocket_closed" else r for r in first.rows if r[2] != "websocket_opened"]
    assert compare(first, Trace(rows, world="live"), MARGIN_S).verdict == "not decided"


@pytest.mark.parametrize("margin_s", [-1.0, float("nan"), float("inf")])
def test_a_margin_that_is_no_time_is_refused(margin_s: float, dies: Trace) -> None:
    with pytest.raises(InputError, match="the margin must be seconds from 0"):
        compare(dies, dies, margin_s)


def test_a_difference_is_not_decided_while_the_machine_starves_the_live_world(dies: Trace) -> None:
    late = shifted(dies, 0.5)
    starved = Trace(late.rows, world="live", script=late.script, starved_s=0.3)
    assert compare(dies, late).verdict == "differ"
    agreement = compare(dies, starved)
    assert agreement.verdict == "not decided"
    assert "the machine kept the live world waiting for up to 0.30 s" in agreement.sentence


def test_a_starved_trace_that_agrees_agrees(dies: Trace) -> None:
    on_time = shifted(dies, 0.01)
    assert compare(dies, Trace(on_time.rows, world="live", starved_s=0.3)).verdict == "agree"
