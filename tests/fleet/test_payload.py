"""How long JSON text is, without writing it: times of any number of digits, and messages of other runs."""

import json
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.fleet import payload
from sim.fleet.limits import MOST_SECONDS
from sim.worlds import hub_arrivals, totals
from tests.fleet.sums import check_sums

LONGEST_US = MOST_SECONDS * 1_000_000


def check_time(time_us: int) -> None:
    with mock.patch.object(payload, "digits", payload.digits.py_func):
        assert payload.time_bytes.py_func(time_us) == len(json.dumps(time_us / 1e6)), time_us


@given(st.integers(0, LONGEST_US) | st.integers(0, MOST_SECONDS * 10).map(lambda tenths: tenths * 100_000))
def test_a_time_is_as_long_as_json_writes_it(time_us: int) -> None:
    check_time(time_us)


def test_so_is_a_short_time_that_json_writes_with_an_exponent() -> None:
    for time_us in range(1000):
        check_time(time_us)


@given(st.integers(0, 10**18))
def test_a_number_has_as_many_digits_as_it_is_written_with(number: int) -> None:
    assert payload.digits.py_func(number) == len(str(number))


@pytest.mark.parametrize("payload_bytes", [0, 500])
def test_messages_of_other_runs_count_as_they_are_written(payload_bytes: int) -> None:
    """Their times and positions have one digit and more, and so have the numbers of clients."""
    times_s = [0.000005, 0.000015, 0.25, *(0.5 + number for number in range(11))]
    table = {
        "title": "two runs",
        "horizon_s": 20.0,
        "client": {"policy": "hybrid", "count": 12},
        "workload": {
            "events": [{"at_s": 13.0, "type": "workflow_completed"}],
            "other_events": [
                {"at_s": at_s, "type": "node_completed", "node_id": f"é{place}"} for place, at_s in enumerate(times_s)
            ],
            "payload_bytes": payload_bytes,
        },
    }
    script = realize(Scenario.from_dict(table))
    check_sums(script, totals, hub_arrivals)
    assert totals(script).measures()["messages_received"] == 12 * (1 + len(times_s))
