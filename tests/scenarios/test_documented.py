"""The document's timelines and counts, written by hand from its own words, and the claims of what is shipped."""

from functools import cache
from itertools import pairwise

import pytest

from sim import Trace, load, measure, perform, realize
from sim.contract.trace import Row
from sim.scenarios.catalog import names
from sim.verify.claims import judge_all

from ..model.telling import cut, lose, only, rows, tell, times


@cache
def told(name: str) -> Trace:
    return perform(realize(load(name), seed=0), "model")


SCENARIO_1 = """
    0 timer_armed 4             // T=0s: WebSocket connects, poll timer starts (4s)
    0 websocket_opened
    0 timer_armed 4
    1 event_emitted #0
    1 message_published #0
    1 message_received #0       // T=1s: WebSocket message arrives
    1 event_shown #0
    1 timer_armed 5             // Poll timer resets to 5s
    2 event_emitted #1
    2 message_published #1
    2 message_received #1       // T=2s: WebSocket message arrives
    2 event_shown #1
    2 timer_armed 6             // Poll timer resets to 6s
    3 event_emitted #2
    3 message_published #2
    3 message_received #2       // T=3s: WebSocket message arrives
    3 event_shown #2
    3 timer_armed 7             // Poll timer resets to 7s
    5 event_emitted #3
    5 message_published #3
    5 message_received #3       // T=5s: Workflow completes via WebSocket
    5 event_shown #3
    5 terminal_reached #3       // isTerminal = true
    5 timer_cleared             // Poll timer cleared; no more polling; WebSocket stays open
"""

SCENARIO_2 = """
    0 timer_armed 4             // T=0s: WebSocket connects, poll timer starts (4s)
    0 websocket_opened
    0 timer_armed 4
    1 event_emitted #0
    1 message_published #0
    1 message_received #0       // T=1s: WebSocket message arrives
    1 event_shown #0
    1 timer_armed 5             // Poll timer resets to 5s
    2 event_emitted #1
    2 message_published #1
    2 message_lost #1 fault     // T=2s: Message dropped (network issue)
    5 poll_sent                 // T=5s: No WebSocket message for 4s: Poll executes!
    5 poll_answered 2           // Fetches latest events
    5 event_shown #1            // User sees the dropped event
    5 timer_armed 9             // Poll timer resets to 9s
    6 event_emitted #2
    6 message_published #2
    6 message_received #2       // T=6s: WebSocket message arrives
    6 event_shown #2
    6 timer_armed 10            // Poll timer resets to 10s
    7 event_emitted #3
    7 message_published #3
    7 message_received #3       // T=7s: Workflow completes via WebSocket
    7 event_shown #3
    7 terminal_reached #3       // isTerminal = true
    7 timer_cleared             // Poll timer cleared
"""

SCENARIO_3 = """
    0 timer_armed 4             // T=0s: WebSocket connects, poll timer starts (4s)
    0 websocket_opened
    0 timer_armed 4
    1 event_emitted #0
    1 message_published #0
    1 message_received #0       // T=1s: WebSocket message arrives
    1 event_shown #0
    1 timer_armed 5             // Poll timer resets to 5s
    2 websocket_closed connection-lost
    5 poll_sent                 // T=5s: Poll executes
    5 poll_answered 1
    5 timer_armed 9
    7 event_emitted #1
    7 message_published #1
    7 message_lost #1 no-connection
    9 poll_sent                 // T=9s: Poll executes again
    9 poll_answered 2
    9 event_shown #1
    9 timer_armed 13
    13 poll_sent                // T=13s: Poll executes again
    13 poll_answered 2
    13 timer_armed 17
    15 event_emitted #2
    15 message_published #2
    15 message_lost #2 no-connection
    17 poll_sent                // not T=15s, as the document says: 13 + 4 = 17
    17 poll_answered 3
    17 event_shown #2
    17 terminal_reached #2
"""


def test_scenario_1_is_the_document_s_timeline_row_for_row() -> None:
    assert tell("1 2 3 5!", horizon=60) == rows(SCENARIO_1) == told("websocket-working").rows


def test_scenario_2_is_the_document_s_timeline_row_for_row() -> None:
    found = tell("1 2 6 7!", faults=[lose(1)], horizon=60)
    assert found == rows(SCENARIO_2) == told("websocket-drops-messages").rows


def test_scenario_3_polls_at_5_9_13_and_17_s_and_not_at_15() -> None:
    found = tell("1 7 15!", faults=[cut(2)], horizon=60)
    assert found == rows(SCENARIO_3) == told("websocket-dies").rows
    assert times(found, "poll_sent") == [5.0, 9.0, 13.0, 17.0]


def test_scenario_3_no_end_of_the_run_lets_a_poll_detect_it_at_15_s() -> None:
    for end_us in range(13_000_000, 15_500_000, 100_000):
        found = tell(f"1 {end_us / 1e6}!", faults=[cut(2)], horizon=60)
        assert times(found, "terminal_reached") == [13.0 if end_us == 13_000_000 else 17.0]


def test_best_case_ten_messages_instantly_and_no_poll() -> None:
    found = told("best-case")
    assert times(found.rows, "message_received") == [3.0 * n for n in range(1, 11)]
    assert times(found.rows, "event_shown") == [3.0 * n for n in range(1, 11)]
    assert times(found.rows, "terminal_reached") == [30.0]
    assert only(found.rows, "poll_sent") == []


def test_worst_case_seven_polls_within_30_s_and_the_eighth_at_32_s() -> None:
    found = told("worst-case")
    assert only(found.rows, "message_received", "websocket_opened") == []
    assert times(found.rows, "poll_sent") == [4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0]
    assert times(found.rows, "terminal_reached") == [32.0]

    assert times(found.rows, "event_shown") == [4.0, 8.0, 12.0, 12.0, 16.0, 20.0, 24.0, 24.0, 28.0, 32.0]


def test_worst_case_each_event_is_seen_at_the_next_multiple_of_4_s_up_to_4_s_late() -> None:
    for n, (shown,) in enumerate([times(told("worst-case").rows, "event_shown", event) for event in range(10)]):
        emitted = 3.0 * (n + 1)
        assert shown == -(-emitted // 4) * 4
        assert 0 <= shown - emitted <= 4


@pytest.mark.parametrize(
    ("name", "polls", "messages"),
    [("scale-best-case", 0, 10_000), ("scale-worst-case", 8_000, 0), ("scale-mixed", 800, 9_000)],
)
def test_scale_counts_are_0_and_8000_and_800(name: str, polls: int, messages: int) -> None:
    found = told(name)
    assert len(only(found.rows, "poll_sent")) == polls
    assert len(only(found.rows, "message_received")) == messages
    assert len(only(found.rows, "terminal_reached")) == 1000


def test_scale_worst_case_sends_250_a_second_and_not_267() -> None:
    sent = [t for t in times(told("scale-worst-case").rows, "poll_sent") if 8 <= t < 28]
    assert len(sent) == 5000  # each of 1,000 clients each 4 s for 20 s
    rate = measure(told("scale-worst-case"), within_s=(8.0, 28.0))["polls_per_s_mean"]
    assert rate == 250


def test_scale_mixed_is_800_requests_in_all_and_25_a_second_by_every_tenth_client() -> None:
    polls: dict[int, list[Row]] = {}
    for row in only(told("scale-mixed").rows, "poll_sent"):
        polls.setdefault(row[1], []).append(row)
    assert sorted(polls) == list(range(9, 1000, 10))
    assert {len(sent) for sent in polls.values()} == {8}
    assert all(b[0] - a[0] == 4_000_000 for sent in polls.values() for a, b in pairwise(sent))
    assert measure(told("scale-mixed"), within_s=(8.0, 28.0))["polls_per_s_mean"] == 25


def test_random_gaps_of_4_s_or_more_cost_a_poll_for_every_4_s_in_them() -> None:
    script = realize(load("random-gaps"), seed=0)
    found, polls = told("random-gaps").rows, 0
    for number in range(script.clients):
        mine = script.client(number)
        for before, after in pairwise([mine.start_us, *mine.event_us]):
            if before < script.horizon_us:
                until = min(after - 1, script.horizon_us)  # a message at the due time comes first
                polls += max(0, until - before) // 4_000_000
    assert len(only(found, "poll_sent")) == polls > 0


@pytest.mark.parametrize("name", names())
def test_every_claim_of_every_shipped_scenario_has_the_verdict_that_it_expects(name: str) -> None:
    scenario = load(name)
    verdicts = [judgement.verdict for judgement in judge_all(scenario.claims, told(name))]
    assert verdicts == [claim.expected for claim in scenario.claims]


def test_what_the_document_gets_wrong_is_exactly_this() -> None:
    contradicted = {(name, claim.says) for name in names() for claim in load(name).claims if claim.because}
    assert contradicted == {
        ("websocket-dies", "T=15s: Poll detects workflow completed"),
        ("websocket-dies", "T=15s: isTerminal = true"),
        ("websocket-dies", "T=15s: Poll timer cleared"),
        ("websocket-dies", "T=15s: No more polling"),
        ("worst-case", "Total requests: 8 HTTP polls (over 30 seconds)"),
        ("scale-worst-case", "8000 requests over 30s = 267 req/sec"),
        ("scale-mixed", "Mixed (10% WebSocket failure): 800 req/sec"),
        ("random-gaps", "Polling: 0 requests (timer keeps resetting)"),
        ("reconnection-delay", "Hybrid: reliability high"),
        ("dropped-then-completed", "Result: caught the dropped message!"),
        ("listing-websocket-works", "Don't close WebSocket - keep it open for other workflows"),
        ("listing-drops-messages", "T=5s: Poll timer resets to 9s"),
        ("listing-websocket-dies", "T=9s: Poll executes again"),
        ("listing-websocket-dies", "Result: Polling takes over seamlessly (resilient!)"),
        ("listing-never-opens", "Total requests: 8 HTTP polls"),
        ("listing-never-opens", "Polling will continue as fallback"),
        ("listing-poll-fails", "will retry in 4s"),
        ("listing-cancelled", "TERMINAL_STATES: workflow_cancelled"),
        ("listing-cancelled", "Stop polling when workflow reaches terminal state"),
        ("listing-another-run", "Result: caught the dropped message!"),
        ("listing-backoff-runs-on", "Clean stops polling when done (no runaway requests)"),
        ("slow-orchestrator", "Orchestrator can easily handle this"),
    }


QUOTED = {
    "websocket-working": [
        "T=0s: WebSocket connects",
        "T=0s: poll timer starts (4s)",
        "T=1s: WebSocket message arrives",
        "T=1s: Poll timer resets to 5s",
        "T=2s: WebSocket message arrives",
        "T=2s: Poll timer resets to 6s",
        "T=3s: WebSocket message arrives",
        "T=3s: Poll timer resets to 7s",
        "T=5s: Workflow completes via WebSocket",
        "T=5s: isTerminal = true",
        "T=5s: Poll timer cleared",
        "T=5s: No more polling (efficient!)",
        "T=5s: WebSocket stays open (can be reused)",
        "0 polling requests",
        "WebSocket handled everything",
    ],
    "websocket-drops-messages": [
        "T=0s: WebSocket connects",
        "T=0s: poll timer starts (4s)",
        "T=1s: WebSocket message arrives",
        "T=1s: Poll timer resets to 5s",
        "T=2s: Message dropped (network issue)",
        "T=5s: No WebSocket message for 4s",
        "Poll executes!",
        "Fetches latest events",
        "User sees the dropped event",
        "Poll timer resets to 9s",
        "T=6s: WebSocket message arrives",
        "T=6s: Poll timer resets to 10s",
        "T=7s: Workflow completes via WebSocket",
        "T=7s: isTerminal = true",
        "T=7s: Poll timer cleared",
        "1 polling request",
        "caught the dropped message!",
    ],
    "websocket-dies": [
        "T=0s: WebSocket connects",
        "T=0s: poll timer starts (4s)",
        "T=1s: WebSocket message arrives",
        "T=1s: Poll timer resets to 5s",
        "T=2s: WebSocket connection dies",
        "T=5s: No WebSocket message",
        "Poll executes",
        "T=9s: Poll executes again",
        "T=13s: Poll executes again",
        "T=15s: Poll detects workflow completed",
        "T=15s: isTerminal = true",
        "T=15s: Poll timer cleared",
        "T=15s: No more polling",
        "Polling takes over seamlessly (resilient!)",
    ],
    "best-case": [
        "1 workflow with 10 events",
        "over 30 seconds",
        "WebSocket: 10 messages",
        "WebSocket: (instant)",
        "Polling: 0 requests (timer keeps resetting)",
        "Total requests: 0 HTTP polls",
    ],
    "worst-case": [
        "1 workflow with 10 events",
        "over 30 seconds",
        "WebSocket: 0 messages (dead)",
        "30s / 4s = 7-8 polls",
        "Total requests: 8 HTTP polls",
        "Slight delay (up to 4s)",
    ],
    "scale-best-case": ["1000 concurrent workflows", "Best case: 0 polling requests (WebSocket only)"],
    "scale-worst-case": [
        "1000 concurrent workflows",
        "8 polls = 8000 requests",
        "8000 requests over 30s = 267 req/sec",
        "Slight delay (up to 4s)",
        "Still acceptable for 1000s of concurrent users",
        "rchestrator can easily handle this",
    ],
    "scale-mixed": ["1000 concurrent workflows", "10% WebSocket failure", "800 req/sec"],
}
"""What the document says in its scenarios 1 to 3 and in Performance Impact, by the scenario file that judges it."""


@pytest.mark.parametrize("name", QUOTED)
def test_every_line_and_number_of_the_document_has_a_claim(name: str) -> None:
    said = [claim.says for claim in load(name).claims]
    assert [quote for quote in QUOTED[name] if not any(quote in says for says in said)] == []
