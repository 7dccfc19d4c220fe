from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sim.gates.against import Moved, against
from sim.gates.baseline import Baseline, recorded
from sim.gates.check import Checked, check
from sim.gates.load import Placed
from tests.gates.small import DRAWN, DROPPED, EMPTY, placed


def baseline_of(*gates: Placed) -> Baseline:
    return Baseline.model_validate(recorded(check(gates)))


def failing(found: Sequence[Moved]) -> list[str]:
    return [one.sentence for one in found if not one.holds]


def test_what_has_not_moved_holds() -> None:
    gates = placed(DROPPED, "poll_requests", below=9), placed(DRAWN, "latency_mean_s", replications=5, below=99)
    found = against(check(gates), baseline_of(*gates))
    assert [one.verdict for one in found] == ["holds", "holds"]
    assert failing(found) == []


def test_a_slower_poll_is_named_with_what_moved_by_how_much_and_why() -> None:
    before = baseline_of(placed(DROPPED, "latency_max_s", below=9))
    found = against(check([placed(DROPPED, "latency_max_s", interval_s=5.0, below=9)]), before)
    assert failing(found) == [
        "dropped is not the scenario that was recorded: client.poll_interval_s was 4.0 and is 5.0",
        "latency_max_s of dropped in model moved from 3 to 4, by 1",
    ]


def test_a_move_of_several_runs_has_an_interval() -> None:
    before = baseline_of(placed(DRAWN, "latency_mean_s", replications=5, below=99))
    found = against(check([placed(DRAWN, "latency_mean_s", interval_s=5.0, replications=5, below=99)]), before)
    sentence = failing(found)[1]
    assert sentence.startswith("latency_mean_s of drawn in model moved from ")
    assert found[1].by in sentence
    assert "[" in found[1].by
    assert sentence.endswith(" in 5 runs")


def test_any_difference_of_a_deterministic_world_is_a_move() -> None:
    gate = placed(DRAWN, "latency_mean_s", replications=5, below=99)
    before = baseline_of(gate)
    (series,) = before.series
    moved = series.model_copy(update={"values": (series.values[0] * (1 + 1e-6), *series.values[1:])})
    found = against(check([gate]), before.model_copy(update={"series": (moved,)}))
    assert [one.verdict for one in found] == ["fails"]


def test_rounding_is_no_move() -> None:
    gate = placed(DRAWN, "latency_mean_s", below=99)
    before = baseline_of(gate)
    (series,) = before.series
    rounded = series.model_copy(update={"values": (series.values[0] * (1 + 1e-12),)})
    assert failing(against(check([gate]), before.model_copy(update={"series": (rounded,)}))) == []


def live(checked: Checked, values: Sequence[float], *, starved: bool = False) -> Checked:
    """As if these had been measured live."""
    (result,) = checked.results
    observed = {
        run._replace(world="live"): replace(found, measures={"latency_mean_s": value}, starved=starved)
        for (run, found), value in zip(checked.observed.items(), values, strict=True)
    }
    gate = result.placed.gate.model_copy(update={"world": "live", "margin_s": 0.04})
    return Checked((replace(result, placed=replace(result.placed, gate=gate)),), observed, checked.seed)


BEFORE = (0.02, 0.03, 0.02)


def compared(values: Sequence[float], **keys: Any) -> Moved:
    checked = check([placed(DRAWN, "latency_mean_s", replications=3, below=99)])
    before = Baseline.model_validate(recorded(live(checked, BEFORE)))
    (moved,) = against(live(checked, values, **keys), before)
    return moved


def test_a_live_time_may_move_within_its_margin() -> None:
    assert compared([value + 0.03 for value in BEFORE]).holds


@pytest.mark.parametrize("by", [0.05, -0.05])
def test_a_live_time_beyond_its_margin_has_moved_either_way(by: float) -> None:
    moved = compared([value + by for value in BEFORE])
    assert moved.verdict == "fails"
    assert f", by {by:g} " in moved.sentence
    assert moved.sentence.endswith("in 3 runs, beyond the margin of 0.04")


def test_a_live_time_is_compared_run_by_run() -> None:
    moved = compared([0.02 + 0.06, 0.03 + 0.0, 0.02 + 0.06])
    assert moved.verdict == "inconclusive"
    assert moved.sentence.endswith("in 3 runs, an interval that straddles the margin of 0.04: too few to tell")


def test_a_busy_machine_makes_a_live_move_inconclusive() -> None:
    moved = compared([value + 0.05 for value in BEFORE], starved=True)
    assert moved.verdict == "inconclusive"
    assert "beyond the margin of 0.04; the machine was too busy" in moved.sentence


def test_a_series_that_was_not_recorded_fails() -> None:
    before = baseline_of(placed(DROPPED, "poll_requests", below=9))
    gates = [placed(DROPPED, "poll_requests", below=9), placed(DROPPED, "events_lost", below=9)]
    assert failing(against(check(gates), before)) == [
        "events_lost of dropped in model was not recorded; record it again"
    ]


def test_a_series_that_is_not_measured_any_more_fails() -> None:
    before = baseline_of(placed(DROPPED, "poll_requests", below=9), placed(DROPPED, "events_lost", below=9))
    found = against(check([placed(DROPPED, "poll_requests", below=9)]), before)
    assert failing(found) == ["events_lost of dropped in model was recorded, but is not measured now"]


def test_a_scenario_that_no_gate_looks_at_any_more_fails_once() -> None:
    before = baseline_of(
        placed(DROPPED, "poll_requests", below=9),
        placed(DRAWN, "poll_requests", above=-1),
        placed(DRAWN, "messages_lost", above=-1),
    )
    found = against(check([placed(DROPPED, "poll_requests", below=9)]), before)
    assert failing(found) == ["drawn was recorded, but no gate looks at it now"]


def test_other_seeds_or_another_number_of_them_fail() -> None:
    before = baseline_of(placed(DRAWN, "messages_lost", replications=3, above=-1))
    fewer = check([placed(DRAWN, "messages_lost", above=-1)])
    assert failing(against(fewer, before)) == [
        "messages_lost of drawn in model was recorded with seeds 0 to 2 and is measured with seed 0; record it again"
    ]
    later = check([placed(DRAWN, "messages_lost", replications=3, above=-1)], seed=1)
    assert "is measured with seeds 1 to 3" in failing(against(later, before))[0]


def test_a_run_that_shows_nothing_any_more_fails() -> None:
    before = baseline_of(placed(DROPPED | {"title": "empty"}, "poll_requests", below=9))
    found = against(check([placed(EMPTY, "poll_requests", below=9)]), before)
    assert "poll_requests of empty in model was recorded, but is not measured now" in failing(found)
