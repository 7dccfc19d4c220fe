"""Claims judged on traces (DESIGN.md sections 5 and 9)."""

from typing import Any

import pytest

from sim.contract.claim import Claim
from sim.contract.trace import Row, Trace
from sim.verify.claims import ClaimResult, Judgement, documented, judge

POLLS: list[Row] = [(t * 1_000_000, 0, "poll_sent", -1, "") for t in (5, 9, 13)]


def claim(**keys: Any) -> Claim:
    return Claim.model_validate({"says": "so it is"} | keys)


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        ({"equals": 3}, "holds"),
        ({"equals": 4}, "contradicted"),
        ({"between": [3, 4]}, "holds"),
        ({"between": [1, 3]}, "holds"),
        ({"between": [4, 5]}, "contradicted"),
        ({"below": 4}, "holds"),
        ({"below": 3}, "contradicted"),
        ({"above": 2}, "holds"),
        ({"above": 3}, "contradicted"),
    ],
)
def test_a_measure_is_held_against_its_bound(bounds: dict[str, Any], verdict: str) -> None:
    assert judge(claim(measure="poll_requests", **bounds), Trace(POLLS)).verdict == verdict


@pytest.mark.parametrize(
    ("at_s", "verdict"),
    [([5, 9, 13], "holds"), ([5, 9], "contradicted"), ([5, 9, 13, 17], "contradicted"), ([5, 9, 12], "contradicted")],
)
def test_rows_must_be_exactly_those_of_the_claim(at_s: list[float], verdict: str) -> None:
    assert judge(claim(rows={"kind": "poll_sent", "at_s": at_s}), Trace(POLLS)).verdict == verdict


def test_a_claim_judges_only_what_happens_within_its_span() -> None:
    judgement = judge(claim(rows={"kind": "poll_sent", "at_s": [9]}, within_s=[6, 13]), Trace(POLLS))
    assert judgement == Judgement("at 9 s", "holds")
    assert judge(claim(measure="poll_requests", equals=2, within_s=[5, 13]), Trace(POLLS)).verdict == "holds"
    assert judge(claim(measure="polls_per_s_mean", equals=0.25, within_s=[5, 13]), Trace(POLLS)).verdict == "holds"


def test_live_times_may_differ_by_the_margin_and_counts_may_not() -> None:
    late = [(t + 100_000, c, k, e, d) for t, c, k, e, d in POLLS]
    on_time = claim(rows={"kind": "poll_sent", "at_s": [5, 9, 13]})
    assert judge(on_time, Trace(late, world="live")).verdict == "holds"
    assert judge(on_time, Trace(late, world="model")).verdict == "contradicted"
    assert judge(claim(measure="poll_requests", equals=2.9), Trace(late, world="live")).verdict == "contradicted"


def test_a_due_time_is_matched_as_a_number() -> None:
    rows: list[Row] = [(1_010_000, 0, "timer_armed", -1, "5.010000"), (2_000_000, 0, "timer_armed", -1, "6.000000")]
    due = claim(rows={"kind": "timer_armed", "detail": "5.000000", "at_s": [1.0]})
    assert judge(due, Trace(rows, world="live")).verdict == "holds"
    assert judge(due, Trace(rows, world="model")).verdict == "contradicted"


def test_a_measure_that_the_trace_does_not_give_decides_nothing() -> None:
    assert judge(claim(measure="latency_p99_s", below=1), Trace([])).verdict == "not decided"


def test_a_claim_that_expects_to_be_contradicted_fails_when_it_holds() -> None:
    expecting = claim(measure="poll_requests", equals=3, expected="contradicted", because="13 + 4 = 17")
    assert not ClaimResult(expecting, {"model": judge(expecting, Trace(POLLS))}).as_expected
    assert ClaimResult(expecting, {"model": judge(expecting, Trace(POLLS[:1]))}).as_expected


def test_worlds_that_decide_differently_leave_a_claim_undecided() -> None:
    judgements = {"model": Judgement("3", "holds"), "live": Judgement("4", "contradicted")}
    result = ClaimResult(claim(measure="poll_requests", equals=3), judgements)
    assert (result.verdict, result.as_expected) == ("not decided", False)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"measure": "poll_requests", "equals": 8000}, "poll_requests 8,000"),
        ({"measure": "poll_requests", "between": [7, 8]}, "poll_requests 7 to 8"),
        ({"measure": "latency_max_s", "below": 4}, "latency_max_s < 4"),
        ({"rows": {"kind": "poll_sent", "at_s": []}}, "poll_sent never"),
        ({"rows": {"kind": "event_shown", "event": 1, "at_s": [5.0]}}, "event_shown of event 1 at 5 s"),
        ({"rows": {"kind": "timer_armed", "detail": "9.000000", "at_s": [5.0]}}, "timer_armed due 9 s at 5 s"),
    ],
)
def test_what_is_documented_is_told_in_words(keys: dict[str, Any], text: str) -> None:
    assert documented(claim(**keys)) == text


def test_a_starved_live_world_decides_no_claim_otherwise_than_expected() -> None:
    three, four = claim(measure="poll_requests", equals=3), claim(measure="poll_requests", equals=4)
    starved = Trace(POLLS, world="live", starved_s=0.3)
    assert judge(three, starved).verdict == "holds"
    assert judge(four, starved).verdict == "not decided"
    assert judge(four, Trace(POLLS, world="live", starved_s=0.01)).verdict == "contradicted"


def test_a_claim_about_an_outage_is_judged_on_the_rows_of_no_client() -> None:
    rows = [(3_000_000, -1, "outage_began", -1, "redis-outage"), (5_000_000, -1, "outage_ended", -1, "redis-outage")]
    assert judge(claim(rows={"kind": "outage_began", "at_s": [3]}), Trace(rows)).verdict == "holds"
    assert judge(claim(rows={"kind": "outage_ended", "at_s": [4]}), Trace(rows)).verdict == "contradicted"
