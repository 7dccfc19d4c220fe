"""P12: what the cursor protocol guarantees, whatever messages, connections and servers do."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from sim import Scenario, perform, realize
from sim.contract.script import ClientScript
from sim.contract.trace import Row
from sim.verify.generate import small, wide
from tests.dense import dense

from .telling import lose, only, rows, tell, times

SEEDS = st.integers(0, 1000)
many = settings(deadline=None, max_examples=150)


def by_sequence(scenario: Scenario) -> Scenario:
    """The same, its clients going by sequence and polling."""
    table = scenario.to_dict()
    table["client"] |= {"polling": True, "gap_poll": True}
    return Scenario.from_dict(table)


anything = small(protocol=True) | wide(protocol=True) | dense()
cursors = anything.map(by_sequence)


def of_each_client(scenario: Scenario, seed: int) -> Iterator[tuple[ClientScript, list[Row]]]:
    script = realize(scenario, seed)
    found = perform(script, "model").rows
    for number in range(script.clients):
        yield script.client(number), [row for row in found if row[1] == number]


def last_to_show(mine: ClientScript) -> int:
    """The first terminal event, or else the last event."""
    return next((n for n, event in enumerate(mine.events) if event.terminal), len(mine.events) - 1)


@many
@given(cursors, SEEDS)
def test_p12_what_is_shown_is_shown_once_and_in_order_and_never_taken_back(scenario: Scenario, seed: int) -> None:
    for _, found in of_each_client(scenario, seed):
        shown = [row[3] for row in only(found, "event_shown")]
        assert shown == list(range(len(shown)))
        assert only(found, "event_repeated", "event_erased") == []


@many
@given(cursors, SEEDS)
def test_p12_an_event_is_shown_at_the_latest_by_the_answer_to_a_poll_that_was_sent_after_it(
    scenario: Scenario, seed: int
) -> None:
    for mine, found in of_each_client(scenario, seed):
        emitted = asked = due = shown = -1
        for _, _, kind, event, _ in [*found, (0, 0, "the end", -1, "")]:
            assert kind == "event_shown" or shown >= due
            match kind:
                case "event_emitted":
                    emitted = event
                case "poll_sent":
                    asked = emitted
                case "poll_answered":
                    due = min(asked, last_to_show(mine))
                case "event_shown":
                    shown = event


@many
@given(cursors, SEEDS)
def test_p12_the_terminal_is_reached_as_its_event_is_shown_and_then_nothing_is_sent_or_armed(
    scenario: Scenario, seed: int
) -> None:
    for mine, found in of_each_client(scenario, seed):
        shown = {row[3]: row[0] for row in only(found, "event_shown")}
        ends = [n for n, event in enumerate(mine.events) if event.terminal and n in shown][:1]
        assert [(row[0], row[3]) for row in only(found, "terminal_reached")] == [(shown[n], n) for n in ends]
        kinds = [row[2] for row in found]
        after = kinds[kinds.index("terminal_reached") + 1 :] if ends else []
        assert not {"poll_sent", "timer_armed"} & set(after)
        assert "timer_cleared" not in after[1:]


@many
@given(cursors, SEEDS)
def test_p12_until_the_terminal_a_timer_is_pending_or_a_poll_in_flight(scenario: Scenario, seed: int) -> None:
    horizon_us = realize(scenario, seed).horizon_us
    for _, found in of_each_client(scenario, seed):
        due_us, flying = horizon_us, False
        for time_us, _, kind, _, detail in [*found, (horizon_us, 0, "the end", -1, "")]:
            assert flying or time_us <= due_us
            if kind == "terminal_reached":
                break
            if kind == "timer_armed":
                due_us = round(float(detail) * 1e6)
            elif kind == "poll_sent":
                flying = True
            elif kind in {"poll_answered", "poll_failed"}:
                flying, due_us = False, time_us  # it is armed again in this turn


def healed(scenario: Scenario) -> Scenario:
    """The same by sequence and with a horizon long after all that goes wrong, from when on polls are answered."""
    table = by_sequence(scenario).to_dict()
    faults = table.get("fault", [])
    table["fault"] = [fault for fault in faults if fault["kind"] != "poll-failed" or "probability" not in fault]
    table["polling"]["timeout_s"] = 20e-6
    table["orchestrator"] |= {"workers": 0, "service_s": 0.0}
    table["client"] |= {"error_backoff_max_s": 20e-6, "backoff_max_s": 20e-6}
    table["horizon_s"] = 900e-6
    return Scenario.from_dict(table)


@many
@given((small(protocol=True) | dense()).map(healed), SEEDS)
def test_p12_where_polls_are_answered_again_every_event_up_to_the_terminal_is_shown_in_the_end(
    scenario: Scenario, seed: int
) -> None:
    for mine, found in of_each_client(scenario, seed):
        assert len(only(found, "event_shown")) > last_to_show(mine)


def test_c5_a_message_lost_before_the_terminal_is_lost_for_good_to_the_document_s_client_which_never_polls() -> None:
    found = tell("1 2!", faults=[lose(0)], horizon=3600)
    assert times(found, "poll_sent") == []
    assert only(found, "event_shown") == rows("2 event_shown #1")


def test_p12_to_hybrid_cursor_it_is_not_and_that_takes_one_poll() -> None:
    found = tell("1 2!", faults=[lose(0)], horizon=3600, policy="hybrid-cursor")
    assert times(found, "poll_sent") == [2.0]
    assert only(found, "event_shown", "terminal_reached") == rows("""
        2 event_shown #0
        2 event_shown #1
        2 terminal_reached #1
    """)


def polls_of_each(scenario: Scenario, seed: int) -> list[int]:
    return [len(only(found, "poll_sent")) for _, found in of_each_client(scenario, seed)]


@many
@given(small(faulty=False, policies=("hybrid",)), SEEDS)
def test_p7_p10_where_nothing_is_lost_hybrid_cursor_polls_no_more_than_hybrid(scenario: Scenario, seed: int) -> None:
    table = scenario.to_dict()
    table["websocket"]["connect_s"] = 0.0  # or what is published before the opening is missed
    whole = Scenario.from_dict(table)
    cursor = polls_of_each(whole.override(policy="hybrid-cursor"), seed)
    assert all(ours <= theirs for ours, theirs in zip(cursor, polls_of_each(whole, seed), strict=True))
