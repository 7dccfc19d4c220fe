from sim.contract.trace import Row
from sim.report.spans import Span, poll_spans, timer_spans, websocket_spans

RE_ARMED, RAN_OUT = "timer re-armed or cleared", "timer ran out"


def armed(time_s: int, due_s: int) -> Row:
    return (time_s * 1_000_000, 0, "timer_armed", -1, f"{due_s}.000000")


def row(time_s: float, kind: str, detail: str = "") -> Row:
    return (round(time_s * 1e6), 0, kind, -1, detail)


def told(spans: list[Span]) -> list[tuple[str, float, float]]:
    return [(span.name, span.from_s, span.until_s) for span in spans]


def test_a_timer_lasts_until_it_is_armed_anew_runs_out_or_is_cleared() -> None:
    rows = [armed(0, 4), armed(1, 5), row(5, "poll_sent"), armed(6, 10), row(7, "timer_cleared")]
    assert told(timer_spans(rows, 20.0)) == [(RE_ARMED, 0, 1), (RAN_OUT, 1, 5), (RE_ARMED, 6, 7)]


def test_a_timer_that_fires_while_a_poll_is_in_flight_has_run_out() -> None:
    rows = [row(0, "poll_sent"), armed(0, 4), row(9, "poll_answered"), armed(9, 13)]
    assert told(timer_spans(rows, 13.0)) == [(RAN_OUT, 0, 4), (RAN_OUT, 9, 13)]


def test_a_poll_answered_in_the_instant_it_was_sent_ends_a_timer_that_ran_out() -> None:
    rows = [armed(0, 4), row(4, "poll_sent"), row(4, "poll_answered"), armed(4, 8)]
    assert told(timer_spans(rows, 6.0)) == [(RAN_OUT, 0, 4), (RE_ARMED, 4, 6)]


def test_a_message_in_the_instant_a_timer_is_due_re_arms_it() -> None:
    rows = [armed(0, 4), row(4, "message_received"), armed(4, 8)]
    assert told(timer_spans(rows, 8.0)) == [(RE_ARMED, 0, 4), (RAN_OUT, 4, 8)]


def test_a_websocket_is_open_until_it_closes_or_to_the_end() -> None:
    rows = [row(1, "websocket_opened"), row(3, "websocket_closed"), row(5, "websocket_opened")]
    assert told(websocket_spans(rows, 9.0)) == [("open", 1, 3), ("open", 5, 9)]
    assert websocket_spans([row(0, "websocket_closed", "refused")], 9.0) == []


def test_a_poll_lasts_until_its_answer_or_failure_or_to_the_end() -> None:
    rows = [
        row(1, "poll_sent"),
        row(2, "poll_answered", "3"),
        row(6, "poll_sent"),
        row(7, "poll_failed", "error"),
        row(11, "poll_sent"),
    ]
    spans = poll_spans(rows, 12.0)
    assert told(spans) == [("poll", 1, 2), ("poll", 6, 7), ("poll", 11, 12)]
    assert [span.fate for span in spans] == ["poll answered", "poll failed: error", "poll in flight"]
