"""By when a client by sequence must have shown everything, worked out by hand (P12)."""

from typing import Any

import pytest

from sim.verify.recovery import recovered_by_us
from tests.model.telling import fail, fail_sent, part
from tests.verify.faults import script

CALM: dict[str, Any] = {
    "policy": "hybrid-cursor",
    "poll_jitter": 0.0,
    "error_backoff_factor": 1.0,
    "timeout": 3.0,
    "horizon": 60.0,
}
"""From calm on: a poll in flight for 3 s, and after 4 s another one for 3 s."""


def by_s(own: str, *faults: dict[str, Any], put_off: float = 0.0, **kwargs: Any) -> float | None:
    given = script(own, faults=list(faults), **{**CALM, **kwargs})
    by_us = recovered_by_us(given, given.client(0), round(put_off * 1e6))
    return None if by_us is None else by_us / 1e6


@pytest.mark.parametrize(
    ("what", "found", "wanted"),
    [
        ("the last emission", by_s("1 5"), 15),
        ("the first terminal is the last that counts", by_s("1 5! 9"), 15),
        ("a run without events", by_s("", start_s=2.0), 12),
        ("the last message that re-arms", by_s("1 5", put_off=6.0), 16),
        ("a window in which polls fail", by_s("1", fail_sent(0, 20)), 30),
        ("a partition", by_s("1", part(10, 10)), 30),
        ("polls that fail by number, one after the other", by_s("1", fail(0, 1, 3)), 11 + 2 * 7),
        ("the longest wait: after errors", by_s("1", error_backoff_factor=2.0, error_backoff_max_s=9.0), 16),
        ("the longest wait: with jitter", by_s("1", poll_jitter=0.5), 13),
    ],
)
def test_it_counts_from(what: str, found: float | None, wanted: float) -> None:
    assert found == wanted, what


def test_it_is_not_bounded_where_every_poll_fails_or_polls_meet_those_of_others() -> None:
    assert by_s("1", {"kind": "poll-failed", "probability": 1.0}) is None
    assert by_s("1", poll_latency=3.5) is None
    assert by_s("1", orchestrator={"workers": 1}) is None


def test_draws_that_come_again_may_make_a_longer_row_of_failures() -> None:
    """The last one and the first, again, make two (B20)."""
    given = script("1", faults=[fail(0)], **CALM)
    me = given.client(0)
    assert [number for number, fate in enumerate(me.poll_fate) if fate] == [0]
    by_us = recovered_by_us(given, me, 0)
    me.poll_fate[-1] = me.poll_fate[0]
    assert recovered_by_us(given, me, 0) == (by_us or 0) + 7_000_000
