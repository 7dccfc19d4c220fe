"""Claims (DESIGN.md sections 5, 7 and 9). What is refused stands in the corpus of invalid files."""

import pytest

from sim.contract.claim import MEASURES, Claim, Rows
from sim.contract.kinds import OUTAGES


def test_the_measures_are_those_of_section_7() -> None:
    names = (
        *("poll_requests", "polls_failed", "polls_per_s_mean", "polls_per_s_peak"),
        *("messages_received", "messages_lost", "events_lost", "events_repeated", "events_erased"),
        *("latency_mean_s", "latency_p50_s", "latency_p95_s", "latency_p99_s", "latency_max_s"),
        *("age_mean_s", "terminal_delay_s", "bytes_websocket", "bytes_http", "empty_poll_ratio"),
        *("reconnects", "disconnected_s", "stale_s"),
    )
    assert names == MEASURES


def test_a_claim_holds_unless_it_says_otherwise() -> None:
    assert Claim(says="x", measure="poll_requests", equals=1).expected == "holds"


def test_a_claim_is_the_documents_unless_it_says_that_it_is_ours() -> None:
    assert not Claim(says="x", measure="poll_requests", equals=1).ours
    assert Claim(says="x", measure="poll_requests", equals=1, ours=True).ours


def test_rows_are_those_of_the_first_client_of_any_event_and_detail_unless_they_say_otherwise() -> None:
    claim = Claim.model_validate({"says": "x", "rows": {"kind": "poll_sent", "at_s": [4]}})
    assert claim.rows is not None
    assert (claim.rows.client, claim.rows.event, claim.rows.detail) == (0, None, None)


def test_a_bound_may_be_zero() -> None:
    assert Claim(says="x", measure="poll_requests", equals=0).equals == 0


@pytest.mark.parametrize("kind", OUTAGES)
def test_a_claim_about_outages_is_about_no_client(kind: str) -> None:
    assert Rows(kind=kind, at_s=(1.0,)).whose == -1
    assert Rows(kind="poll_sent", at_s=(1.0,), client=3).whose == 3
