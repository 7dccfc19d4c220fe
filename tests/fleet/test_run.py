"""World fleet against the model: the same script, the same rows; and the sums of all clients."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from sim.contract.draws import BLOCK
from sim.contract.errors import CannotPerform, InputError
from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.totals import Totals, Value
from sim.contract.trace import Row
from sim.fleet.arrays import Arrays
from sim.fleet.layout import HISTOGRAM_BITS
from sim.measure.totals import totals as of_trace
from sim.model.run import _simulate
from sim.scenarios import catalog
from sim.verify.generate import listings, scenarios
from sim.worlds import perform, totals, unable
from tests.dense import dense

QUANTILES = ("latency_p50_s", "latency_p95_s", "latency_p99_s")
BIN = 2.0**-HISTOGRAM_BITS
"""How wide a bin of a histogram is, as a share of its values."""


def agree(script: Script) -> None:
    if unable(script, "fleet") is None:
        assert perform(script, "fleet").rows == perform(script, "model").rows


@pytest.mark.parametrize("name", catalog.names())
def test_a_shipped_scenario_has_the_models_rows(name: str) -> None:
    scenario = catalog.load(name)
    agree(realize(scenario.override(count=min(scenario.client.count, 30)), 1))


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_every_client_has_the_models_rows(scenario: Scenario) -> None:
    """Section 10, and all rules of docs/behaviour.md and docs/protocol.md, the queue's too (O5)."""
    agree(realize(scenario, 3))


@settings(max_examples=150, deadline=None)
@given(dense())
def test_so_it_has_where_much_goes_wrong_at_once(scenario: Scenario) -> None:
    agree(realize(scenario, 3))


def test_a_client_picked_out_of_a_million_has_the_models_rows() -> None:
    script = realize(catalog.load("random-gaps").override(count=1_000_000), 5)
    for number in (0, BLOCK - 1, BLOCK, 999_999):
        rows: list[Row] = []
        _simulate(script, [script.client(number)], rows)  # `perform` would simulate all those before it as well
        assert perform(script, "fleet", clients=[number]).rows == rows


def test_a_client_picked_out_waits_in_the_queue_of_all() -> None:
    script = realize(catalog.load("slow-orchestrator"))
    whole = perform(script, "model").rows
    assert perform(script, "fleet", clients=[7, 299]).rows == [row for row in whole if row[1] in (7, 299)]


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_the_totals_are_the_measures_of_the_models_trace(scenario: Scenario) -> None:
    script = realize(scenario, 4)
    if unable(script, "fleet") is not None:
        return
    counted, held = totals(script, "fleet"), of_trace(perform(script, "model"))
    same_measures(script, counted, held)
    for name in ("polls_per_s", "openings_per_s", "messages_per_s"):
        assert getattr(counted, name).tolist() == getattr(held, name).tolist()


def same_measures(script: Script, counted: Totals, held: Totals) -> None:
    others = script.other_events or script.heartbeats
    assert list(counted.measures()) == list(held.measures())
    for name, value in held.measures().items():
        if name == "bytes_websocket" and others:
            continue  # a trace does not tell which of them came, so its measure takes their mean
        tolerance = BIN if name in QUANTILES else 1e-9  # values within a bin count as their mean; sums of floats
        assert close(counted.measures()[name], value, tolerance), (name, counted.measures()[name], value)


def close(one: Value, other: Value, tolerance: float) -> bool:
    if one is None or other is None or (isinstance(one, int) and isinstance(other, int)):
        return one == other
    return one == pytest.approx(other, rel=tolerance, abs=1e-12)


def test_memory_does_not_grow_with_the_number_of_clients() -> None:
    def held(count: int) -> int:
        script = realize(catalog.load("random-gaps").override(count=count))
        arrays = Arrays(script)
        arrays.draw(script.block(0))
        block = script.block(0)
        drawn = sum(int(getattr(block, field.name).nbytes) for field in fields(block) if field.name != "first")
        return drawn + sum(int(array.nbytes) for array in arrays.all())

    assert held(BLOCK) == held(100 * BLOCK)


def test_totals_of_several_blocks_are_their_sum() -> None:
    count = BLOCK + 1
    script = realize(catalog.load("worst-case").override(count=count))
    one = totals(realize(catalog.load("worst-case").override(count=1)), "fleet")
    counted = totals(script, "fleet")
    assert counted.measures()["poll_requests"] == count * int(one.measures()["poll_requests"] or 0)
    assert counted.polls_per_s.tolist() == (count * one.polls_per_s).tolist()


def test_no_events_no_polls_and_no_websocket_are_performed_too() -> None:
    for policy in ("websocket-only", "polling-only"):
        table = {"title": "quiet", "horizon_s": 9.0, "client": {"policy": policy}, "workload": {"events": []}}
        agree(realize(Scenario.from_dict(table)))


@settings(max_examples=20, deadline=None)
@given(listings())
def test_a_listing_is_refused_in_one_sentence(scenario: Scenario) -> None:
    with pytest.raises(CannotPerform, match=r"world fleet cannot perform client\.policy = 'hybrid-listing"):
        perform(realize(scenario), "fleet")


def test_a_slow_reader_is_refused_in_one_sentence() -> None:
    with pytest.raises(CannotPerform, match="world fleet cannot perform a fault of kind slow-reader"):
        totals(realize(catalog.load("buffer-overflow")), "fleet")


def test_jitter_that_64_bits_do_not_hold_is_refused() -> None:
    table = catalog.load("cursor-reconnect").to_dict()
    table["client"] |= {"poll_jitter": 0.12345678901}
    with pytest.raises(CannotPerform, match="poll_jitter of at most nine decimals"):
        perform(realize(Scenario.from_dict(table)), "fleet")
    table = catalog.load("deploy-herd-full-jitter").to_dict()
    table["client"] |= {"reconnect_delay_s": 3000.0, "reconnect_max_s": 3000.0}
    with pytest.raises(CannotPerform, match="delays of reconnection below 2147 s"):
        perform(realize(Scenario.from_dict(table)), "fleet")


@pytest.mark.parametrize("policy", ["hybrid", "hybrid-cursor"])
def test_polls_at_openings_lengthen_the_wait_without_having_waited(policy: str) -> None:
    """C7, P7: so the wait may grow beyond what fits into the horizon."""
    lost = [{"kind": "connection-lost", "at_s": at_s} for at_s in (1.0, 2.0, 3.0)]
    table = {
        "title": "three openings in a row",
        "horizon_s": 12.0,
        "client": {
            "policy": policy,
            "poll_interval_s": 10.0,
            "backoff_factor": 1.5,
            "backoff_max_s": 1000.0,
            "catch_up_poll": True,
            "reconnect": "fixed",
            "reconnect_delay_s": 0.5,
            "jitter": "none",
            "poll_jitter": 0.0,
        },
        "workload": {"events": []},
        "fault": lost,
    }
    agree(realize(Scenario.from_dict(table)))


def test_a_client_that_the_script_does_not_have_is_refused() -> None:
    script = realize(catalog.load("worst-case"))
    for number in (-1, script.clients):
        with pytest.raises(InputError, match="clients are numbered from 0"):
            perform(script, "fleet", clients=[number])


def test_a_horizon_of_too_many_seconds_is_refused() -> None:
    table = {"title": "long", "horizon_s": 1e8, "client": {"poll_interval_s": 1e6}, "workload": {"events": []}}
    table |= {"fanout": {"ping_every_s": 1e6}}
    with pytest.raises(CannotPerform, match="a horizon of at most 10,000,000 s"):
        totals(realize(Scenario.from_dict(table)), "fleet")


def test_the_queues_sums_are_those_of_the_requests() -> None:
    """O5: each request waits, is served, or is turned away."""
    script = realize(catalog.load("slow-orchestrator"))
    trace, queue = perform(script, "model"), totals(script, "fleet").queue
    assert queue is not None
    assert queue.offered == queue.offered_per_s.sum() == queue.turned_away + queue.waited.sum()
    assert queue.turned_away == sum(row[2:] == ("poll_failed", -1, "overloaded") for row in trace.rows)
    assert 0 < queue.utilisation <= 1
    assert (queue.wait_s(1.0) or 0) == pytest.approx(queue.longest_wait_s.max(), rel=BIN)
    assert np.all(queue.turned_away_per_s <= queue.offered_per_s)
