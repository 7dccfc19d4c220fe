"""Properties of any trace of the model, and of pairs of traces, on random scenarios full of ties."""

import math
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim import Scenario, Script, perform, realize
from sim.contract.trace import Row
from sim.verify.generate import listings
from sim.verify.generate import small as scenarios
from sim.verify.generate import wide as wide_scenarios

from .grammar import Reader
from .telling import apart, fail_sent, lose, only
from .telling import scenario as scenario_of

SEEDS = st.integers(0, 1000)
many = settings(deadline=None, max_examples=40)
some = settings(deadline=None, max_examples=30)

of_clients = scenarios() | scenarios(protocol=True)
"""The documented clients, and those that go by sequence."""

of_all = of_clients | listings()
"""And the document's listings."""


def of_each_client(scenario: Scenario, seed: int) -> list[tuple[Script, int, list[Row]]]:
    script = realize(scenario, seed)
    found = perform(script, "model").rows
    return [(script, n, [row for row in found if row[1] == n]) for n in range(script.clients)]


def unhindered(scenario: Scenario) -> Scenario:
    """The same without what holds up polls: partitions and the orchestrator's queue."""
    table = apart(scenario).to_dict()
    table["fault"] = [fault for fault in table.get("fault", []) if fault["kind"] != "partition"]
    return Scenario.from_dict(table)


def first_times(found: list[Row], kind: str) -> dict[tuple[int, int], int]:
    times: dict[tuple[int, int], int] = {}
    for time_us, client, its_kind, event, _ in found:
        if its_kind == kind:
            times.setdefault((client, event), time_us)
    return times


@many
@given(scenarios() | wide_scenarios(), SEEDS)
def test_section_6_every_sequence_of_rows_parses_by_the_table(scenario: Scenario, seed: int) -> None:
    for script, _, found in of_each_client(scenario, seed):
        happenings = Reader(found, polling=script.policy.polling).parse()
        assert len(happenings) <= len(found)


@many
@given(scenarios(), SEEDS)
def test_every_published_message_is_received_or_lost_once_or_in_flight_at_the_horizon(
    scenario: Scenario, seed: int
) -> None:
    for script, number, found in of_each_client(scenario, seed):
        published, received, lost = (
            Counter(row[3] for row in only(found, kind) if row[3] >= 0)
            for kind in ("message_published", "message_received", "message_lost")
        )
        assert set(published.values()) <= {1}
        assert max((received + lost).values(), default=1) == 1
        assert (received + lost).keys() <= published.keys()
        mine = script.client(number)
        in_flight = published.keys() - (received + lost).keys()
        latest_us = max((mine.event_us[n] + mine.event_latency_us[n] for n in published), default=0)
        others_us = zip(mine.other_us, mine.other_latency_us, strict=True)
        latest_us = max([latest_us, *(t + latency for t, latency in others_us if t <= script.horizon_us)])
        assert not in_flight or latest_us > script.horizon_us
        latest_us = max([latest_us, *(until_us for _, until_us in mine.partition_windows)])
        due = sum(t <= script.horizon_us for t in mine.other_us)
        told = sum(row[3] == -1 for row in only(found, "message_received", "message_lost"))
        assert told <= due
        assert told == due or latest_us > script.horizon_us


@many
@given(of_all, SEEDS)
def test_w_every_event_is_emitted_and_published_once_at_its_time(scenario: Scenario, seed: int) -> None:
    for script, number, found in of_each_client(scenario, seed):
        wanted = [(t, n) for n, t in enumerate(script.client(number).event_us) if t <= script.horizon_us]
        for kind in ("event_emitted", "message_published"):
            assert [(row[0], row[3]) for row in only(found, kind)] == wanted


@many
@given(of_all, SEEDS)
def test_nothing_is_shown_received_or_lost_before_it_was_emitted(scenario: Scenario, seed: int) -> None:
    for _, _, found in of_each_client(scenario, seed):
        emitted: set[int] = {-1}
        for _, _, kind, event, _ in found:
            emitted |= {event} if kind == "event_emitted" else set()
            assert event in emitted


@many
@given(scenarios(), SEEDS)
def test_c5_after_the_terminal_no_poll_is_sent_and_nothing_is_armed_or_cleared(scenario: Scenario, seed: int) -> None:
    for script, number, found in of_each_client(scenario, seed):
        kinds = [row[2] for row in found]
        assert kinds.count("terminal_reached") <= 1
        if "terminal_reached" not in kinds:
            assert "timer_cleared" not in kinds
            continue
        place = kinds.index("terminal_reached")
        assert script.client(number).events[found[place][3]].terminal
        rest = kinds[place + 1 :]
        if rest[:1] == ["timer_cleared"]:
            rest = rest[1:]
        assert not {"poll_sent", "timer_armed", "timer_cleared", "terminal_reached"} & set(rest)


@many
@given(scenarios(), SEEDS)
def test_a_terminal_event_that_is_shown_ends_the_run_in_the_same_instant(scenario: Scenario, seed: int) -> None:
    for script, number, found in of_each_client(scenario, seed):
        events = script.client(number).events
        shown = [row[0] for row in only(found, "event_shown") if events[row[3]].terminal]
        assert [row[0] for row in only(found, "terminal_reached")] == shown[:1]


@many
@given(scenarios(), SEEDS)
def test_c3_one_poll_is_in_flight_at_most(scenario: Scenario, seed: int) -> None:
    for script, _, found in of_each_client(scenario, seed):
        polls = only(found, "poll_sent", "poll_answered", "poll_failed")
        assert all((row[2] == "poll_sent") == (n % 2 == 0) for n, row in enumerate(polls))
        for sent, finished in zip(polls[::2], polls[1::2], strict=False):
            assert finished[0] - sent[0] <= script.poll_timeout_us
            assert finished[2] == "poll_answered" or finished[4] in {"error", "timeout", "overloaded"}


@many
@given(scenarios(policies=("hybrid", "polling-only")), SEEDS)
def test_c2_c4_without_backoff_every_timer_is_armed_one_interval_ahead(scenario: Scenario, seed: int) -> None:
    for script, _, found in of_each_client(scenario, seed):
        for row in only(found, "timer_armed"):
            assert round(float(row[4]) * 1e6) == row[0] + script.poll_interval_us


@many
@given(scenarios(policies=("hybrid-backoff",)), SEEDS)
def test_c7_with_backoff_every_timer_is_armed_by_the_number_of_polls_since_the_message(
    scenario: Scenario, seed: int
) -> None:
    for script, _, found in of_each_client(scenario, seed):
        finished = 0
        for time_us, _, kind, _, detail in found:
            if kind in {"poll_answered", "poll_failed"}:
                finished += 1
            elif kind == "message_received":
                finished = 0
            elif kind == "timer_armed":
                exact = script.poll_interval_us * script.backoff_factor**finished
                ahead = min(math.floor(exact), script.backoff_max_us)
                assert round(float(detail) * 1e6) == time_us + ahead


@many
@given(scenarios(policies=("hybrid", "hybrid-backoff", "polling-only")), SEEDS)
def test_c3_polls_are_sent_exactly_when_the_last_armed_timer_is_due(scenario: Scenario, seed: int) -> None:
    for script, _, found in of_each_client(scenario, seed):
        due: int | None = None
        flying = False
        for n, (time_us, _, kind, _, detail) in enumerate(found):
            if due is not None and time_us > due:
                assert flying  # it fired in vain
                due = None
            if kind == "timer_armed":
                due = round(float(detail) * 1e6)
            elif kind == "timer_cleared":
                assert due is not None
                due = None
            elif kind == "poll_sent":
                assert not flying
                assert due == time_us or (script.policy.poll_at_mount and n == 1)
                due = None if n != 1 else due
                flying = True
            elif kind in {"poll_answered", "poll_failed"}:
                flying = False
        assert due is None or due > script.horizon_us or flying


@many
@given(scenarios(policies=("hybrid", "hybrid-backoff", "polling-only")), SEEDS)
def test_o3_an_answer_holds_what_was_emitted_by_the_arrival_of_its_request(scenario: Scenario, seed: int) -> None:
    for script, number, found in of_each_client(unhindered(scenario), seed):
        mine = script.client(number)
        polls = only(found, "poll_sent", "poll_answered", "poll_failed")
        for n, (sent, finished) in enumerate(zip(polls[::2], polls[1::2], strict=False)):
            if finished[2] == "poll_answered":
                assert finished[0] == sent[0] + mine.poll_latency_us[n]
                reached_us = sent[0] + mine.poll_latency_us[n] // 2
                assert int(finished[4]) == sum(t <= reached_us for t in mine.event_us)


@many
@given(scenarios(), SEEDS)
def test_c6_an_event_is_shown_once_and_erased_or_repeated_only_afterwards(scenario: Scenario, seed: int) -> None:
    for _, _, found in of_each_client(scenario, seed):
        shown: set[int] = set()
        displayed: set[int] = set()
        answer = False
        for _, _, kind, event, _ in found:
            if kind in {"poll_answered", "message_received"}:
                answer = kind == "poll_answered"
            elif kind == "event_shown":
                assert event not in shown
                shown.add(event)
                displayed.add(event)
            elif kind == "event_erased":
                assert event in displayed
                displayed.remove(event)
            elif kind == "event_repeated":
                assert event in shown
                assert not answer or event not in displayed
                displayed.add(event)


@many
@given(of_clients, SEEDS)
def test_connections_open_and_close_in_turn_and_nothing_comes_over_a_closed_one(scenario: Scenario, seed: int) -> None:
    for script, _, found in of_each_client(scenario, seed):
        kinds = [row[2] for row in found]
        if script.policy.reconnect == "none":
            assert kinds.count("websocket_opened") <= script.policy.websocket
            assert kinds.count("websocket_closed") <= script.policy.websocket
        is_open = False
        for _, _, kind, _, detail in found:
            assert kind != "websocket_opened" or not is_open
            assert detail != "going-away" or is_open
            is_open = (is_open or kind == "websocket_opened") and kind != "websocket_closed"
            assert kind != "message_received" or is_open
            assert detail not in {"fault", "half-open", "overflow"} or is_open


@many
@given(of_all, SEEDS)
def test_b14_each_outage_begins_and_ends_once_for_all_clients(scenario: Scenario, seed: int) -> None:
    script = realize(scenario, seed)
    found = [row for row in perform(script, "model").rows if row[1] == -1]
    both = {"redis-outage": script.redis_outages, "fanout-restart": script.fanout_outages}
    for kind, windows in both.items():
        for name, place in (("outage_began", 0), ("outage_ended", 1)):
            wanted = [(w[place], -1, name, -1, kind) for w in windows if w[place] <= script.horizon_us]
            assert [row for row in found if (row[2], row[4]) == (name, kind)] == wanted
    assert {row[4] for row in found} <= both.keys()


@many
@given(of_all, SEEDS)
def test_nothing_is_before_the_start_or_beyond_the_horizon_and_rows_are_in_order(scenario: Scenario, seed: int) -> None:
    for script, number, found in of_each_client(scenario, seed):
        times = [row[0] for row in found]
        assert times == sorted(times)
        assert not times or script.client(number).start_us <= times[0] <= times[-1] <= script.horizon_us


@some
@given(of_all, SEEDS, st.integers(1, 30))
def test_a_shorter_horizon_is_a_prefix(scenario: Scenario, seed: int, cut_us: int) -> None:
    shorter = scenario.model_copy(update={"horizon_s": max(0.0, scenario.horizon_s - cut_us * 1e-6)})
    script = realize(shorter, seed)
    whole = perform(realize(scenario, seed), "model").rows
    assert perform(script, "model").rows == [row for row in whole if row[0] <= script.horizon_us]


@some
@given(of_all, SEEDS)
def test_performing_twice_gives_equal_rows(scenario: Scenario, seed: int) -> None:
    script = realize(scenario, seed)
    once = perform(script, "model")
    assert once == perform(script, "model") == perform(realize(scenario, seed), "model")


@some
@given(of_all, SEEDS)
def test_clients_are_independent(scenario: Scenario, seed: int) -> None:
    """Draws are addressed by client, so one more adds its rows and changes nobody's; they meet in a queue alone."""
    scenario = apart(scenario)
    whole = perform(realize(scenario, seed), "model").rows
    for count in range(1, scenario.client.count):
        fewer = perform(realize(scenario.override(count=count), seed), "model").rows
        assert fewer == [row for row in whole if row[1] < count]


@some
@given(of_clients, SEEDS, st.integers(1, 10**5))
def test_shifting_all_times_shifts_the_trace(scenario: Scenario, seed: int, by_us: int) -> None:
    by_s = by_us * 1e-6
    table = scenario.to_dict()
    table["horizon_s"] += by_s
    start = table["client"]["start_s"]
    table["client"]["start_s"] = (
        {"uniform": [t + by_s for t in start["uniform"]]} if isinstance(start, dict) else start + by_s
    )
    for fault in table.get("fault", []):
        for key in {"at_s", "from_s", "until_s"} & fault.keys():
            fault[key] += by_s
    script, shifted = realize(scenario, seed), realize(Scenario.from_dict(table), seed)
    starts = [(script.client(n).start_us, shifted.client(n).start_us) for n in range(script.clients)]
    assume(all(late == early + by_us for early, late in starts))  # a draw may round to the other microsecond
    wanted = [
        (t + by_us, client, kind, event, f"{float(detail) + by_s:.6f}" if kind == "timer_armed" else detail)
        for t, client, kind, event, detail in perform(script, "model").rows
    ]
    assert perform(shifted, "model").rows == wanted


@some
@given(scenarios(faulty=False, policies=("hybrid", "polling-only")), SEEDS, st.integers(1, 6))
def test_without_faults_a_longer_interval_never_gives_more_polls(scenario: Scenario, seed: int, more_us: int) -> None:
    def polls(interval_us: int) -> list[int]:
        longer = scenario.override(poll_interval_s=interval_us * 1e-6)
        script = realize(longer, seed)
        found = perform(script, "model").rows
        return [sum(row[1] == n and row[2] == "poll_sent" for row in found) for n in range(script.clients)]

    base_us = realize(scenario, seed).poll_interval_us
    assert all(long <= short for long, short in zip(polls(base_us + more_us), polls(base_us), strict=True))


def known_before_and_after_losing(scenario: Scenario, seed: int, event: int) -> list[tuple[float, float]]:
    """When each client knows the event, as the scenario stands and with its message lost too."""
    table = scenario.to_dict()
    table["fault"] = [*table.get("fault", []), lose(event)]
    before = first_times(perform(realize(scenario, seed)).rows, "event_shown")
    after = first_times(perform(realize(Scenario.from_dict(table), seed)).rows, "event_shown")
    never = math.inf
    return [(before.get((n, event), never), after.get((n, event), never)) for n in range(scenario.client.count)]


@some
@given(scenarios(), SEEDS, st.data())
def test_losing_one_more_message_never_makes_its_event_known_earlier(
    scenario: Scenario, seed: int, data: st.DataObject
) -> None:
    """True of any policy and fault where messages do not overtake: all is equal until the message would arrive.

    Where latencies differ, later messages queue behind a slow one (L1), so that losing it lets them arrive earlier.
    They re-arm the timer: then it is true where polls are no sooner for that (no backoff) and fail by number alone.
    """
    scenario = apart(scenario)
    count = len(scenario.workload.events or ())
    assume(count)
    by_time = any(
        fault.kind == "partition" or (fault.kind == "poll-failed" and fault.from_s is not None)
        for fault in scenario.faults
    )
    overtaking = not isinstance(scenario.websocket.latency_s, float)
    assume(not overtaking or (scenario.policy.backoff_factor == 1 and not by_time))
    for before, after in known_before_and_after_losing(scenario, seed, data.draw(st.integers(0, count - 1))):
        assert after >= before


@pytest.mark.parametrize(
    ("policy", "horizon", "own", "latency", "faults", "told"),
    [
        # The loss of the slow message lets the quick one arrive at once and end the backoff: polls at 32.5, 37.6 s
        # and not only at 52.75 s.
        ("hybrid-backoff", 90.0, "33 33.6", 60.0, [], (52.75, 37.6)),
        # The loss lets the quick message postpone the poll of 8 s, which fails, to 9.5 s; else the next is at 12 s.
        ("hybrid", 30.0, "5 5.5", 20.0, [fail_sent(8, 9)], (12.0, 9.5)),
    ],
)
def test_losing_a_slow_message_may_make_its_event_known_earlier(
    policy: str, horizon: float, own: str, latency: float, faults: list[dict[str, Any]], told: tuple[float, float]
) -> None:
    """L1's order on the connection: the message behind the slow one is let through, and re-arms the timer."""
    slow_first = scenario_of(own, policy=policy, horizon=horizon, latency={"uniform": [0.0, latency]}, faults=faults)
    for seed in range(3000):
        slow, quick = realize(slow_first, seed).client(0).event_latency_us
        if slow > 0.95 * latency * 1e6 and quick < 0.01 * latency * 1e6:
            break
    ((before, after),) = known_before_and_after_losing(slow_first, seed, 0)
    assert before == pytest.approx(told[0] * 1e6)
    assert after == pytest.approx(told[1] * 1e6 + quick)


@some
@given(scenarios(), SEEDS)
def test_another_run_s_messages_never_reach_what_is_shown_by_messages(scenario: Scenario, seed: int) -> None:
    table = scenario.to_dict()
    table["client"]["policy"] = "websocket-only"
    for key in ("poll_at_mount", "backoff_factor", "backoff_max_s"):
        table["client"].pop(key, None)
    table["websocket"]["latency_s"] = 0.0  # or they may queue before an own message (L1)
    table["workload"] = {"events": table["workload"].get("events", [])}
    lonely = perform(realize(Scenario.from_dict(table), seed)).rows
    table["workload"]["other_events"] = [{"at_s": n * 1e-6, "type": "workflow_completed"} for n in range(12)]
    busy = perform(realize(Scenario.from_dict(table), seed)).rows
    assert [row for row in busy if row[3] >= 0] == [row for row in lonely if row[3] >= 0]


def test_another_hash_seed_gives_the_same_bytes() -> None:
    program = (
        "import sys; from sim import load, perform, realize\n"
        "for name in ('websocket-drops-messages', 'random-gaps'):\n"
        "    sys.stdout.writelines(perform(realize(load(name), seed=3)).json_lines())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(told) == 1
    assert told.pop().count(b"\n") > 1000
