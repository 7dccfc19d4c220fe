"""Traces (DESIGN.md section 6): the order of rows, the file format, pandas, and what is refused."""

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.errors import TraceError
from sim.contract.kinds import KINDS
from sim.contract.trace import COLUMNS, Row, Trace, seconds
from tests.strategies import rows, traces

ROW = {"time_s": 1.5, "client": 0, "kind": "poll_sent", "event": -1, "detail": ""}


def written(trace: Trace) -> str:
    stream = io.StringIO()
    trace.write(stream)
    return stream.getvalue()


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[str | bytes], str]:
    """The sentence about a file of this content, without the file's name in front."""

    def of(content: str | bytes) -> str:
        path = tmp_path / "trace.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(TraceError) as refused:
            Trace.read(path)
        sentence = str(refused.value)
        assert sentence.startswith(f"{path}: ")
        assert len(sentence.splitlines()) == 1
        return sentence.removeprefix(f"{path}: ")

    return of


# Order


@given(st.lists(rows(("timer_armed", "event_shown", "message_published")), max_size=12))
def test_rows_are_ordered_by_time_then_client_then_as_performed(performed: list[Row]) -> None:
    numbered = sorted(range(len(performed)), key=lambda n: (performed[n][0], performed[n][1], n))
    assert Trace(performed).rows == [performed[n] for n in numbered]


def test_rows_are_never_sorted_by_kind() -> None:
    performed: list[Row] = [(0, 0, kind, -1, "") for kind in reversed(KINDS)]
    assert Trace(performed).rows == performed


def test_infrastructure_comes_before_the_clients_of_its_instant() -> None:
    trace = Trace([(5, 0, "poll_sent", -1, ""), (5, -1, "websocket_closed", -1, "")])
    assert [row[1] for row in trace.rows] == [-1, 0]


def test_traces_are_equal_when_their_rows_are() -> None:
    row: Row = (5, 0, "poll_sent", -1, "")
    assert Trace([row], world="model") == Trace([row], world="live")
    assert Trace([row]) != Trace([])
    assert Trace([row]) != [row]
    assert len(Trace([row, row])) == 2


# Files


@given(traces())
def test_any_trace_round_trips_json_lines(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> None:
    path = tmp_path_factory.getbasetemp() / "trace.jsonl"
    trace.write(path)
    assert Trace.read(path) == trace
    assert path.read_text(encoding="utf-8") == written(trace)


@given(traces())
def test_a_line_holds_exactly_the_five_public_keys(trace: Trace) -> None:
    for line in trace.json_lines():
        assert line.endswith("}\n")
        assert tuple(json.loads(line)) == COLUMNS == ("time_s", "client", "kind", "event", "detail")


def test_a_line_looks_like_this() -> None:
    trace = Trace([(1_000_001, 3, "message_lost", 2, 'no "connection"')])
    assert written(trace) == (
        '{"time_s": 1.000001, "client": 3, "kind": "message_lost", "event": 2, "detail": "no \\"connection\\""}\n'
    )


def test_rows_made_of_numpys_numbers_as_python_has_them_are_rows() -> None:
    times = np.array([500_000, 1_500_000]).tolist()
    assert json.loads(written(Trace([(t, 0, "poll_sent", -1, "") for t in times])).splitlines()[1]) == ROW


def test_an_empty_file_is_an_empty_trace(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.touch()
    assert Trace.read(path) == Trace([])
    assert written(Trace([])) == ""


def test_a_trace_of_somebody_elses_making_may_order_its_keys_and_write_whole_seconds(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(json.dumps(dict(reversed((ROW | {"time_s": 2}).items()))), encoding="utf-8")
    assert Trace.read(path).rows == [(2_000_000, 0, "poll_sent", -1, "")]


def test_a_time_off_by_floating_point_alone_is_whole_microseconds(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text(json.dumps(ROW | {"time_s": 0.1 + 0.2}), encoding="utf-8")
    assert Trace.read(path).rows[0][0] == 300_000


# Files that are refused

INT32 = "must be a whole number from -1"
KEYS = "must be a JSON object with exactly the keys time_s, client, kind, event, detail"
COUNT = "detail of poll_answered must be a number of events"
DUE = "detail of timer_armed must be due seconds with six decimals"
TIME = "time_s must be seconds from 0"
WHOLE = "time_s must be whole microseconds (six decimals)"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"time_s": -0.5}, f"{TIME}, not -0.5"),
        ({"time_s": "1.5"}, f"{TIME}, not '1.5'"),
        ({"time_s": True}, f"{TIME}, not True"),
        ({"time_s": None}, f"{TIME}, not None"),
        ({"time_s": math.nan}, f"{TIME}, not nan"),
        ({"time_s": math.inf}, f"{TIME}, not inf"),
        ({"time_s": 1.0000005}, f"{WHOLE}, not 1.0000005"),
        ({"time_s": 1.00000001}, f"{WHOLE}, not 1.00000001"),
        ({"client": True}, f"client {INT32}, not True"),
        ({"client": 0.0}, f"client {INT32}, not 0.0"),
        ({"client": "0"}, f"client {INT32}, not '0'"),
        ({"client": -2}, f"client {INT32}, not -2"),
        ({"client": 2**31}, f"client {INT32}, not 2147483648"),
        ({"event": False}, f"event {INT32}, not False"),
        ({"event": None}, f"event {INT32}, not None"),
        ({"event": math.nan}, f"event {INT32}, not nan"),
        ({"event": -2}, f"event {INT32}, not -2"),
        ({"kind": "poll"}, f"kind must be one of {', '.join(KINDS)}, not 'poll'"),
        ({"kind": ["poll_sent"]}, f"kind must be one of {', '.join(KINDS)}, not ['poll_sent']"),
        ({"detail": None}, "detail must be a string, not None"),
        ({"detail": 4.0}, "detail must be a string, not 4.0"),
        ({"kind": "timer_armed", "detail": ""}, f"{DUE}, not ''"),
        ({"kind": "timer_armed", "detail": "4.0"}, f"{DUE}, not '4.0'"),
        ({"kind": "timer_armed", "detail": "-4.000000"}, f"{DUE}, not '-4.000000'"),
        ({"kind": "poll_answered", "detail": ""}, f"{COUNT}, not ''"),
        ({"kind": "poll_answered", "detail": "-1"}, f"{COUNT}, not '-1'"),
        ({"extra": 1}, KEYS),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_refused_with_file_and_line(
    change: dict[str, Any], reason: str, refusal: Callable[[str | bytes], str]
) -> None:
    lines = json.dumps(ROW) + "\n" + json.dumps(ROW | change) + "\n"
    assert refusal(lines) == f"line 2: {reason}"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_key_is_refused(column: str, refusal: Callable[[str | bytes], str]) -> None:
    assert refusal(json.dumps({k: v for k, v in ROW.items() if k != column})) == f"line 1: {KEYS}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", KEYS),
        ("null", KEYS),
        ("", "not JSON (Expecting value at column 1)"),
        ('{"time_s": }', "not JSON (Expecting value at column 12)"),
        ("[" * 100_000, "not JSON (nested too deeply)"),
    ],
)
def test_a_line_that_is_no_row_is_refused(line: str, reason: str, refusal: Callable[[str | bytes], str]) -> None:
    assert refusal(json.dumps(ROW) + "\n" + line + "\n") == f"line 2: {reason}"


@pytest.mark.parametrize("change", [{"time_s": 1.0}, {"client": -1}])
def test_rows_out_of_order_are_refused(change: dict[str, Any], refusal: Callable[[str | bytes], str]) -> None:
    lines = json.dumps(ROW) + "\n" + json.dumps(ROW | change) + "\n"
    assert refusal(lines) == "line 2: rows must be ordered by time, then client"


def test_a_file_that_is_not_utf_8_is_refused(refusal: Callable[[str | bytes], str]) -> None:
    assert refusal(b"\xff\n") == "not UTF-8 text, which JSON Lines needs"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TraceError) as refused:
        Trace.read(tmp_path / "none")
    assert str(refused.value) == f"{tmp_path / 'none'}: cannot be read (No such file or directory)"


# pandas


@given(traces())
def test_any_trace_round_trips_pandas(trace: Trace) -> None:
    assert Trace.from_pandas(trace.to_pandas()) == trace


@given(traces())
def test_a_data_frame_has_the_five_columns_with_their_types(trace: Trace) -> None:
    frame = trace.to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert [str(frame[name].dtype) for name in ("time_s", "client", "event")] == ["float64", "int32", "int32"]
    assert all(pd.api.types.is_string_dtype(frame[name].dtype) for name in ("kind", "detail"))
    assert len(frame) == len(trace)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_data_frame_without_a_column_is_refused(column: str) -> None:
    frame = pd.DataFrame([ROW]).drop(columns=column)
    with pytest.raises(TraceError) as refused:
        Trace.from_pandas(frame)
    expected = f"data frame: column {column} is missing; a trace has time_s, client, kind, event, detail"
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"time_s": math.nan}, f"{TIME}, not nan"),
        ({"event": 0.5}, f"event {INT32}, not 0.5"),
        ({"detail": math.nan}, "detail must be a string, not nan"),
        ({"time_s": 1.0}, "rows must be ordered by time, then client"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_wrong_value_in_a_data_frame_is_refused_with_its_row(change: dict[str, Any], reason: str) -> None:
    frame = pd.DataFrame([ROW, ROW | change], dtype=object)
    with pytest.raises(TraceError) as refused:
        Trace.from_pandas(frame)
    assert str(refused.value) == f"data frame: row 1: {reason}"


# Details


@pytest.mark.parametrize(
    ("time_us", "shown"), [(0, "0.000000"), (1, "0.000001"), (4_000_000, "4.000000"), (12_345_678, "12.345678")]
)
def test_due_times_are_shown_in_seconds_with_six_decimals(time_us: int, shown: str) -> None:
    assert seconds(time_us) == shown


def test_the_kinds_are_those_of_section_6_and_of_b14() -> None:
    assert set(KINDS) == {
        *("timer_armed", "timer_cleared", "poll_sent", "poll_answered", "poll_failed"),
        *("event_emitted", "message_published", "message_received", "message_lost"),
        *("event_shown", "event_repeated", "event_erased", "terminal_reached"),
        *("websocket_opened", "websocket_closed"),
        *("outage_began", "outage_ended"),
    }
