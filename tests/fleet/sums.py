"""The fleet's sums against the model's: measures, bytes, the hub's work, the orchestrator's queue."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.contract.arrivals import Arrivals
from sim.contract.script import Script
from sim.contract.totals import Queue, Totals
from sim.measure.totals import totals as of_trace
from tests.fleet.test_run import BIN, same_measures
from tests.fleet.witness import Witness, witnessed

PER_S = ("polls_per_s", "openings_per_s", "messages_per_s")


def check_sums(script: Script, total: Callable[[Script], Totals], hub_arrivals: Callable[[Script], Arrivals]) -> None:
    """Raise AssertionError where what the fleet adds up is not what the model does.

    total, hub_arrivals: the fleet's.
    """
    trace, witness = witnessed(script)
    counted, held = total(script), of_trace(trace)
    same_measures(script, counted, held)
    for name in PER_S:
        assert getattr(counted, name).tolist() == getattr(held, name).tolist(), name
    assert counted.measures()["bytes_websocket"] == witness.received_bytes, "bytes_websocket"
    _check_hub(hub_arrivals(script), witness)
    assert (counted.queue is not None) == (script.scenario.orchestrator.workers > 0)
    if counted.queue is not None:
        _check_queue(counted.queue, witness)


def _check_hub(arrivals: Arrivals, witness: Witness) -> None:
    assert arrivals.time_us[~arrivals.message].tolist() == sorted(witness.openings_us), "handshakes"
    assert arrivals.time_us[arrivals.message].tolist() == sorted(witness.messages_us), "messages"
    assert arrivals.time_us.tolist() == sorted(arrivals.time_us)


def _check_queue(queue: Queue, witness: Witness) -> None:
    requests, waits_us = witness.requests, witness.waits_us()
    script = witness.script
    taken = [request for request in requests if not request.turned_away]
    workers_us = script.scenario.orchestrator.workers * script.horizon_us
    busy_us = sum(request.service_us for request in taken)
    seconds = len(queue.offered_per_s)
    assert queue.offered == len(requests), "offered"
    assert queue.turned_away == len(requests) - len(taken), "turned away"
    assert queue.utilisation == pytest.approx(busy_us / workers_us if workers_us else 0.0)
    assert queue.offered_per_s.tolist() == _per_s([request.time_us for request in requests], seconds)
    assert queue.turned_away_per_s.tolist() == _per_s([r.time_us for r in requests if r.turned_away], seconds)
    longest_s = np.zeros(seconds)
    for request, wait_us in zip(taken, waits_us, strict=True):
        second = request.time_us // 1_000_000
        longest_s[second] = max(longest_s[second], wait_us / 1e6)
    assert queue.longest_wait_s.tolist() == longest_s.tolist(), "longest waits"
    assert int(queue.waited.sum()) == len(waits_us)
    assert np.sum(queue.waits_s * queue.waited) == pytest.approx(sum(waits_us) / 1e6), "waits"
    for rank, wait_us in enumerate(sorted(waits_us)):
        at_rank = queue.waits_s[np.searchsorted(np.cumsum(queue.waited), rank, side="right")]
        assert at_rank == pytest.approx(wait_us / 1e6, rel=BIN), "waits"


def _per_s(times_us: list[int], seconds: int) -> list[int]:
    counts: list[int] = np.bincount(np.array(times_us, np.int64) // 1_000_000, minlength=seconds).tolist()
    return counts
