"""World virtual: the reference implementation's trace equals the model's to the microsecond, row order included."""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract.errors import CannotPerform
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.reference.client import Client
from sim.scenarios import catalog
from sim.verify.generate import scenarios
from sim.worlds import perform
from tests.dense import dense
from tests.reference.faults import fault, partition

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "valid").glob("*.toml"))

MOST_CLIENTS = 20

EVERYTHING_AT_ONCE = """
title = "every class of happening at one instant"
horizon_s = 6.0
[client]
count = 2
poll_interval_s = 1.0
[workload]
events = [
  { at_s = 0.0, type = "a" }, { at_s = 1.0, type = "b" }, { at_s = 1.0, type = "c" }, { at_s = 2.0, type = "d" },
  { at_s = 4.0, type = "e" }, { at_s = 5.0, type = "workflow_completed" }, { at_s = 5.0, type = "workflow_failed" },
]
other_events = [{ at_s = 0.0, type = "x" }, { at_s = 1.0, type = "y" }, { at_s = 2.0, type = "workflow_completed" }]
[websocket]
connect_s = 1.0
latency_s = 1.0
[polling]
latency_s = 1.0
timeout_s = 1.0
[[fault]]
kind = "connection-lost"
at_s = 3.0
[[fault]]
kind = "poll-failed"
polls = [1]
manner = "timeout"
"""


def script(text: str, *, horizon_s: float = 5.0) -> Script:
    return realize(Scenario.from_toml(f'title = "t"\nhorizon_s = {horizon_s}\n{text}'))


def few(scenario: Scenario) -> Script:
    return realize(scenario.override(count=min(scenario.client.count, MOST_CLIENTS)))


def check_equal(performed: Script, **options: str) -> Trace:
    virtual, model = perform(performed, "virtual", **options), perform(performed, "model")
    first = next((pair for pair in zip(virtual.rows, model.rows, strict=False) if pair[0] != pair[1]), None)
    assert first is None
    assert len(virtual) == len(model)
    return virtual


def fingerprint(trace: Trace) -> str:
    return hashlib.sha256("".join(trace.json_lines()).encode()).hexdigest()


@pytest.mark.parametrize("name", [name for name in catalog.names() if catalog.load(name).policy.listing == "none"])
def test_shipped_scenarios_are_performed_exactly_as_by_the_model_but_for_the_documents_listings(name: str) -> None:
    trace = check_equal(few(catalog.load(name)))
    assert trace.world == "virtual"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_corpus_is_performed_exactly_as_by_the_model_but_for_the_documents_listings(path: Path) -> None:
    performed = few(Scenario.from_file(path))
    if performed.policy.listing == "none":
        check_equal(performed)
    else:
        with pytest.raises(CannotPerform):
            perform(performed, "virtual")


@settings(max_examples=200)
@given(scenarios())
def test_random_scenarios_are_performed_exactly_as_by_the_model(scenario: Scenario) -> None:
    check_equal(realize(scenario))


@settings(max_examples=250)
@given(dense(), st.integers(0, 1000), st.sampled_from(["local", "local", "resp"]))
def test_where_much_goes_wrong_at_once_all_is_performed_exactly_as_by_the_model(
    scenario: Scenario, seed: int, redis: str
) -> None:
    check_equal(realize(scenario, seed), redis=redis)


@settings(max_examples=40)
@given(scenarios())
def test_redis_py_against_a_server_in_memory_makes_no_difference(scenario: Scenario) -> None:
    check_equal(realize(scenario), redis="resp")


@pytest.mark.parametrize("redis", ["local", "resp"])
def test_all_classes_of_happenings_at_one_instant_take_their_turns(redis: str) -> None:
    trace = check_equal(realize(Scenario.from_toml(EVERYTHING_AT_ONCE)), redis=redis)
    at_s = {n: [kind for time_us, _, kind, _, _ in trace.rows if time_us == n * 1_000_000] for n in range(7)}
    emitted = ["event_emitted", "message_published"]
    assert at_s[1] == [*["websocket_opened", "timer_armed"], *emitted * 2] * 2
    assert at_s[3] == [*["message_lost"] * 2, "websocket_closed", "poll_sent"] * 2
    assert at_s[4] == [*emitted, "message_lost", "poll_answered", *["event_shown"] * 2, "timer_armed"] * 2


def test_own_messages_arrive_before_other_runs_messages_of_the_same_instant() -> None:
    text = """
        [workload]
        events = [{ at_s = 1.0, type = "a" }, { at_s = 2.0, type = "b" }]
        other_events = [{ at_s = 1.0, type = "x" }, { at_s = 1.0, type = "y" }]
        [websocket]
        latency_s = 1.0
        [[fault]]
        kind = "message-lost"
        event = 1
    """
    arrivals = [
        (event, detail) for _, _, kind, event, detail in check_equal(script(text)).rows if kind[:9] == "message_r"
    ]
    assert arrivals == [(0, ""), (-1, "other"), (-1, "other")]


def rows_of(performed: Script, *kinds: str) -> list[tuple[str, int, str]]:
    return [(kind, event, detail) for _, _, kind, event, detail in check_equal(performed).rows if kind in kinds]


def test_what_a_close_loses_is_told_own_events_first_whatever_would_have_arrived_first() -> None:
    text = """
        [workload]
        events = [{ at_s = 2.0, type = "a" }, { at_s = 2.5, type = "b" }]
        other_events = [{ at_s = 1.0, type = "x" }, { at_s = 2.2, type = "y" }]
        [websocket]
        latency_s = 3.0
        [[fault]]
        kind = "connection-lost"
        at_s = 3.0
    """
    lost = rows_of(script(text), "message_lost", "websocket_closed")
    assert [event for _, event, _ in lost] == [0, 1, -1, -1, -1]
    assert lost[-1] == ("websocket_closed", -1, "connection-lost")


def test_a_loss_at_the_instant_of_a_refusal_comes_first() -> None:
    text = """
        [websocket]
        connect_s = 1.0
        [[fault]]
        kind = "connection-refused"
        from_s = 0.0
        until_s = 1.0
        [[fault]]
        kind = "connection-lost"
        at_s = 1.0
    """
    assert rows_of(script(text), "websocket_closed") == [("websocket_closed", -1, "connection-lost")]


def test_an_answer_at_the_instant_the_timer_is_due_finds_it_pending() -> None:
    text = """
        [client]
        poll_interval_s = 1.0
        [workload]
        events = [{ at_s = 0.5, type = "workflow_completed" }]
        other_events = [{ at_s = 1.5, type = "re-arms to 2.5 s" }]
        [polling]
        latency_s = 1.5
        [[fault]]
        kind = "message-lost"
        event = 0
    """
    assert rows_of(script(text), "terminal_reached", "timer_cleared") == [
        ("terminal_reached", 0, ""),
        ("timer_cleared", -1, ""),
    ]


def test_the_horizon_is_performed_completely_and_nothing_after_it() -> None:
    text = '[workload]\nevents = [{ at_s = 1.0, type = "a" }, { at_s = 1.000001, type = "b" }]\n'
    rows = check_equal(script(text, horizon_s=1.0)).rows
    assert [row[2] for row in rows if row[0] == 1_000_000] == [
        "event_emitted",
        "message_published",
        "message_received",
        "event_shown",
        "timer_armed",
    ]
    assert rows[-1][0] == 1_000_000


def test_a_horizon_of_zero_has_its_one_instant() -> None:
    assert [row[2] for row in check_equal(script("", horizon_s=0.0)).rows] == [
        "timer_armed",
        "websocket_opened",
        "timer_armed",
    ]


def test_pings_and_idle_connections_leave_no_trace_in_hours() -> None:
    text = """
        [client]
        poll_interval_s = 5000.0
        [workload]
        events = [{ at_s = 9000.0, type = "a" }, { at_s = 21000.25, type = "workflow_completed" }]
    """
    check_equal(script(text, horizon_s=30_000.0))


@pytest.mark.parametrize("text", ["[websocket]\nconnect_s = 9000.0\n", partition(0.0, 9000.0)])
def test_a_handshake_may_be_held_for_hours(text: str) -> None:
    waiting = script('[client]\npolicy = "websocket-only"\n' + text, horizon_s=10_000.0)
    opened = rows_of(waiting, "websocket_opened", "websocket_closed")
    assert opened == [("websocket_opened", -1, "")]


def test_where_nothing_more_can_happen_a_far_horizon_costs_nothing() -> None:
    begun = time.process_time()
    text = '[client]\npolicy = "websocket-only"\n[workload]\nevents = [{ at_s = 1.0, type = "workflow_failed" }]\n'
    check_equal(script(text, horizon_s=2e7))
    assert time.process_time() - begun < 1


def test_the_same_run_fifty_times_has_one_fingerprint() -> None:
    performed = realize(Scenario.from_toml(EVERYTHING_AT_ONCE))
    assert len({fingerprint(perform(performed, "virtual")) for _ in range(50)}) == 1


FINGERPRINT = """
import sys
from tests.reference.test_virtual import EVERYTHING_AT_ONCE, Scenario, fingerprint, perform, realize
print(fingerprint(perform(realize(Scenario.from_toml(EVERYTHING_AT_ONCE)), "virtual", redis="resp")))
"""


@pytest.mark.parametrize("hash_seed", ["0", "1", "random"])
def test_processes_and_hash_seeds_have_one_fingerprint(hash_seed: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    here = fingerprint(perform(realize(Scenario.from_toml(EVERYTHING_AT_ONCE)), "virtual"))
    assert ended.stdout.strip() == here


def test_a_loop_that_runs_already_is_no_obstacle() -> None:
    async def notebook() -> Trace:
        return perform(script(""), "virtual")

    assert asyncio.run(notebook()) == perform(script(""), "virtual")


def test_progress_runs_from_zero_to_one_and_changes_nothing() -> None:
    performed = realize(catalog.load("worst-case"))
    shares: list[float] = []
    assert perform(performed, "virtual", progress=shares.append) == perform(performed, "virtual")
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.1
    assert shares[-1] == 1.0
    assert len(shares) > 50


def test_b20_a_client_that_owes_more_polls_than_are_drawn_begins_again_with_the_first_draws() -> None:
    losses = "".join(fault("connection-lost", at_s=0.05 * n) for n in range(1, 81))
    text = """
        [client]
        policy = "hybrid-cursor"
        reconnect = "fixed"
        jitter = "none"
        reconnect_delay_s = 0.001
        poll_interval_s = 4.0
        [polling]
        latency_s = { uniform = [0.001, 0.02] }
        [orchestrator]
        workers = 1
        service_s = { uniform = [0.001, 0.02] }
    """
    performed = script(text + losses)
    sent = [row for row in check_equal(performed).rows if row[2] == "poll_sent"]
    assert len(sent) > 2 * len(performed.client(0).poll_fate)


@pytest.mark.parametrize("policy", ["hybrid-listing", "hybrid-listing-backoff"])
def test_the_documents_listings_are_refused_by_this_worlds_name(policy: str) -> None:
    with pytest.raises(CannotPerform) as caught:
        perform(script(f'[client]\npolicy = "{policy}"\n'), "virtual")
    assert str(caught.value) == (
        f"t: world virtual cannot perform client.policy = '{policy}', which the model alone performs"
    )


def test_an_error_inside_ends_the_run_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Client) -> None:
        raise LookupError("broken on purpose")

    monkeypatch.setattr(Client, "fired", broken)
    with pytest.raises(LookupError, match="broken on purpose"):
        perform(script(""), "virtual")
