"""The rules that any trace is held against: kept by what keeps them, and each broken by what breaks it."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.errors import InputError
from sim.contract.fault import ConnectionLost
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Row, Trace, seconds
from sim.scenarios import catalog
from sim.verify.generate import scenarios
from sim.verify.invariants import RULES, check
from sim.worlds import perform
from tests.model.telling import cut, fail_sent, lose, rows, script

SEEDS = st.integers(0, 1000)
Change = Callable[[list[Row]], list[Row]]


def broken(found: str, given: Script | None = None, margin_s: float = 0.0) -> list[str]:
    """The rules that these rows break."""
    return [finding.rule for finding in check(Trace(rows(found)), given, margin_s)]


@settings(max_examples=120)
@given(scenarios(), SEEDS)
def test_the_model_keeps_every_rule_with_and_without_the_script(scenario: Scenario, seed: int) -> None:
    given = realize(scenario, seed)
    trace = perform(given, "model")
    assert check(trace, given) == []
    assert check(trace) == []


@settings(max_examples=40)
@given(scenarios(), SEEDS, st.data())
def test_with_the_script_no_row_can_be_left_out(scenario: Scenario, seed: int, data: st.DataObject) -> None:
    given = realize(scenario, seed)
    kept = perform(given, "model").rows
    if kept:
        place = data.draw(st.integers(0, len(kept) - 1))
        assert check(Trace(kept[:place] + kept[place + 1 :]), given)


@settings(max_examples=40)
@given(scenarios(), SEEDS, st.data())
def test_with_the_script_no_row_can_be_told_twice(scenario: Scenario, seed: int, data: st.DataObject) -> None:
    given = realize(scenario, seed)
    kept = perform(given, "model").rows
    if kept:
        place = data.draw(st.integers(0, len(kept) - 1))
        assert check(Trace([*kept[:place], kept[place], *kept[place:]]), given)


@settings(max_examples=40)
@given(scenarios(), SEEDS, st.data(), st.sampled_from([-1, 1]))
def test_with_the_script_no_row_can_be_a_microsecond_off(
    scenario: Scenario, seed: int, data: st.DataObject, off_us: int
) -> None:
    given = realize(scenario, seed)
    kept = perform(given, "model").rows
    if kept:
        place = data.draw(st.integers(0, len(kept) - 1))
        moved = (kept[place][0] + off_us, *kept[place][1:])
        changed = Trace([*kept[:place], moved, *kept[place + 1 :]])
        assert changed.rows == kept or check(changed, given)


@pytest.mark.parametrize("name", catalog.names())
def test_every_shipped_scenario_keeps_every_rule_in_the_model(name: str) -> None:
    given = realize(catalog.load(name).override(count=10))
    assert check(perform(given, "model"), given) == []


def test_rules_cite_where_they_stand_and_have_names_of_their_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.cites[0] in "WRFOLCBPDs" for rule in RULES)
    cited = " ".join(rule.cites for rule in RULES)
    of_all = ("W1", "W2", "R4", "R5", "F2", "F8", "F9", "F10", "O3", *(f"L{n}" for n in (1, 2, 5, 6, 7)))
    for rule in (*of_all, *(f"C{n}" for n in range(1, 12)), *(f"P{n}" for n in (2, 3, 4, 6, 7, 8, 9, 10, 12))):
        assert re.search(rf"\b{rule}\b", cited), rule
    assert "one instant" in cited


MOUNT = "0 timer_armed 4\n"
OPEN = "0 timer_armed 4\n0 websocket_opened\n0 timer_armed 4\n"

BY_ITSELF = {
    "C3: two polls are in flight": (OPEN + "4 poll_sent\n5 poll_sent", "C3"),
    "C3: a poll is sent while nothing is due": (OPEN + "3 poll_sent", "C3, P8"),
    "C3: a timer that is due sends nothing": (OPEN + "5 event_emitted #0\n5 message_published #0", "C3"),
    "C3: a poll finishes that was not sent": (OPEN + "4 poll_failed error\n4 timer_armed 8", "C3"),
    "C5: a poll is sent after the terminal": (
        OPEN
        + "1 event_emitted #0\n1 message_published #0\n1 message_received #0\n1 event_shown #0\n1 terminal_reached #0\n"
        + "1 timer_cleared\n5 poll_sent",
        "C5, P12",
    ),
    "C5: the terminal leaves a timer pending": (
        OPEN
        + "1 event_emitted #0\n1 message_published #0\n1 message_received #0\n1 event_shown #0\n1 terminal_reached #0",
        "C5, section 6",
    ),
    "W2: an event is shown that was not emitted": (
        OPEN + "4 poll_sent\n4 poll_answered 1\n4 event_shown #0\n4 timer_armed 8",
        "W2",
    ),
    "W1: an event is emitted out of order": (MOUNT + "1 event_emitted #1\n1 message_published #1", "W1"),
    "F2: a message is received twice": (
        OPEN
        + "1 event_emitted #0\n1 message_published #0\n1 message_received #0\n1 event_shown #0\n1 timer_armed 5\n"
        + "2 message_received #0\n2 event_repeated #0\n2 timer_armed 6",
        "F2, L2",
    ),
    "O3: an answer lacks an event": (
        MOUNT + "1 event_emitted #0\n1 message_published #0\n1 message_lost #0 no-connection\n4 poll_sent\n"
        "4 poll_answered 0\n4 timer_armed 8",
        "O3, C9, P2",
    ),
    "L1: a message is received without a WebSocket": (
        MOUNT + "1 event_emitted #0\n1 message_published #0\n2 message_received #0\n2 event_shown #0\n2 timer_armed 6",
        "L1",
    ),
    "L2: a message outlives its connection": (
        OPEN + "1 event_emitted #0\n1 message_published #0\n2 websocket_closed connection-lost",
        "L2",
    ),
    "L2: a message without a connection is on its way": (
        MOUNT + "1 event_emitted #0\n1 message_published #0",
        "L2, B7, B13",
    ),
    "C1, L5: an open WebSocket opens": (OPEN + "1 websocket_opened\n1 timer_armed 5", "C1, L5"),
    "section 6: nothing is armed after a failed poll": (OPEN + "4 poll_sent\n4 poll_failed error", "section 6"),
    "section 3: a message arrives before an event of the same instant": (
        OPEN + "1 message_received other\n1 timer_armed 5\n1 event_emitted #0\n1 message_published #0",
        "section 3, one instant",
    ),
}


@pytest.mark.parametrize("what", BY_ITSELF)
def test_a_trace_shows_by_itself(what: str) -> None:
    found, rule = BY_ITSELF[what]
    assert rule in broken(found)


def test_a_finding_is_one_line_with_rule_client_time_and_what() -> None:
    (finding,) = check(Trace(rows("0 timer_armed 4\n3 poll_sent")))
    told = "C3, P8: client 0 at 3.000000 s: poll_sent at 3.000000 s, though the timer is due at 4.000000 s"
    assert finding.sentence == told


def test_rows_out_of_order_are_found() -> None:
    trace = Trace(rows("0 timer_armed 4\n1 event_emitted #0\n1 message_published #0"))
    trace.rows.reverse()
    assert "section 6" in [finding.rule for finding in check(trace)]


def changed(given: Script, change: Change) -> list[str]:
    """The rules that the model's trace breaks once it is changed."""
    return [finding.rule for finding in check(Trace(change(perform(given, "model").rows)), given)]


def replaced(kind: str, **columns: object) -> Change:
    """Another value in the last row of this kind."""

    def change(found: list[Row]) -> list[Row]:
        place = max(n for n, row in enumerate(found) if row[2] == kind)
        names = ("time_us", "client", "kind", "event", "detail")
        row = tuple(columns.get(name, old) for name, old in zip(names, found[place], strict=True))
        return [*found[:place], row, *found[place + 1 :]]  # type: ignore[list-item]

    return change


BY_SCRIPT: dict[str, tuple[Script, Change, str]] = {
    "C2: a timer is armed too far ahead": (
        script("1", horizon=3),
        replaced("timer_armed", detail="5.000001"),
        "C2, C4, C7, B10, P10",
    ),
    "C6: a message appends nothing": (
        script("1", horizon=3),
        lambda found: [row for row in found if row[2] != "event_shown"],
        "C6, B9",
    ),
    "C6: an answer keeps what it does not hold": (
        script("5.5", poll_latency=2.0, horizon=6.5),
        lambda found: [row for row in found if row[2] != "event_erased"],
        "C6, B9",
    ),
    "C7: the backoff is forgotten": (
        script(policy="hybrid-backoff", horizon=5),
        replaced("timer_armed", detail="8.000000"),
        "C2, C4, C7, B10, P10",
    ),
    "C9: a poll fails that was to be answered": (
        script("", horizon=5),
        lambda found: [(*row[:2], "poll_failed", -1, "error") if row[2] == "poll_answered" else row for row in found],
        "C9, C11, L7, B8",
    ),
    "B8: a poll fails for another reason": (
        script(faults=[fail_sent(0, 9)], horizon=5),
        replaced("poll_failed", detail="timeout"),
        "C9, C11, L7, B8",
    ),
    "L1: a message comes late": (
        script("1", latency=0.5, horizon=1.75),
        lambda found: [(1_600_000, *row[1:]) if row[0] == 1_500_000 else row for row in found],
        "L1, L2, L4, L6, L7, R4, R5, B13",
    ),
    "L2: a message that no fault takes is lost": (
        script("1", faults=[lose(0)], horizon=3),
        lambda found: [row for row in found if row[2] != "message_lost"],
        "L1, L2, L4, L6, L7, R4, R5, B13",
    ),
    "L5: a WebSocket survives its loss": (
        script(faults=[cut(1)], horizon=3),
        lambda found: [row for row in found if row[2] != "websocket_closed"],
        "C1, C8, C10, L5, L6, L7, F8, F9, F10, B4",
    ),
    "W4: an event comes late": (
        script("1", policy="polling-only", horizon=3),
        lambda found: [(row[0] + (row[0] == 1_000_000), *row[1:]) for row in found],
        "W2, W4",
    ),
    "B1: another run's message is not heard": (
        script(others="1", horizon=3),
        lambda found: [row for row in found if row[0] != 1_000_000],
        "L1, L2, L6, L7, R4, R5, B1, P3",
    ),
    "B7: a client without polling arms": (
        script(policy="websocket-only", horizon=3),
        lambda found: [*rows("0 timer_armed 4"), *found],
        "B7",
    ),
    "C1: the client mounts late": (
        script(policy="polling-only", horizon=3),
        lambda found: rows("1 timer_armed 5"),
        "C1, B6, W4",
    ),
    "C5: the terminal goes unnoticed": (
        script("1!", horizon=3),
        lambda found: [*found[:-2], *rows("1 timer_armed 5")],
        "C5, B5",
    ),
    "section 5: something happens beyond the horizon": (
        script(horizon=3),
        lambda found: [*found, *rows("4 poll_sent")],
        "section 5",
    ),
    "section 5: there is one client too many": (
        script(horizon=3),
        lambda found: [*found, (0, 1, "websocket_opened", -1, "")],
        "section 5",
    ),
}


@pytest.mark.parametrize("what", BY_SCRIPT)
def test_with_its_script_a_trace_shows(what: str) -> None:
    given, change, rule = BY_SCRIPT[what]
    assert check(perform(given, "model"), given) == []
    assert rule in changed(given, change)


def late(found: list[Row], off_us: int) -> list[Row]:
    """The rows as a live world would tell them: each a little late, due times counted from the row."""
    moved = []
    for time_us, client, kind, event, detail in found:
        due = seconds(int(detail.replace(".", "")) + off_us) if kind == "timer_armed" else detail
        moved.append((time_us + off_us, client, kind, event, due))
    return moved


@pytest.mark.parametrize("name", ["websocket-working", "websocket-drops-messages", "websocket-dies"])
def test_a_trace_of_real_time_keeps_the_rules_within_a_margin(name: str) -> None:
    given = realize(catalog.load(name))
    trace = Trace(late(perform(given, "model").rows, 20_000))
    assert check(trace, given, 0.25) == []
    assert check(trace, given) != []


def test_within_a_margin_what_is_further_off_is_found_all_the_same() -> None:
    given = script("1 6", faults=[lose(1)], horizon=20)
    found = late(perform(given, "model").rows, 5_000)
    assert check(Trace(found), given, 0.25) == []
    without = [row for row in found if row[2] != "poll_sent"]
    assert check(Trace(without), given, 0.25) != []


def test_within_a_margin_the_order_of_closer_happenings_is_not_judged() -> None:
    given = script("1", faults=[{"kind": "connection-lost", "at_s": 1.1}], latency=0.5, horizon=3)
    assert isinstance(given.scenario.faults[0], ConnectionLost)
    found = rows(
        OPEN.replace("0 ", "0.01 ").replace(" 4", " 4.01")
        + "1.01 event_emitted #0\n1.01 message_published #0\n1.02 message_lost #0 no-connection\n"
        + "1.02 websocket_closed connection-lost"
    )
    assert check(Trace(found), given, 0.25) == []
    assert check(Trace(found), given, 0.001) != []


@pytest.mark.parametrize("margin_s", [-1.0, float("nan"), 1e12])
def test_a_margin_is_seconds_from_0(margin_s: float) -> None:
    with pytest.raises(InputError, match="margin"):
        check(Trace([]), None, margin_s)


def test_a_world_that_keeps_no_time_for_want_of_a_processor_is_judged_by_order_alone() -> None:
    given = script("1", horizon=3)
    found = [(time_us + 400_000, *row) for time_us, *row in perform(given, "model").rows]
    assert check(Trace(found, world="live", starved_s=0.0), given) != []  # type: ignore[arg-type]
    assert check(Trace(found, world="live", starved_s=1.0), given) == []  # type: ignore[arg-type]
