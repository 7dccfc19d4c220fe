import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiments.point import Task, performed
from sim.experiments.sampler import Sampler
from sim.experiments.stopping import Stopping
from sim.experiments.store import Record

from .small import INTERVAL, SCENARIO, Counting, measures

POINTS = [{INTERVAL: 2}, {INTERVAL: 4}, {INTERVAL: 8}]


def noisy(task: Task) -> dict[str, int | float | None]:
    """Numbers that are the farther apart the longer the interval."""
    spread = task.scenario.policy.poll_interval_s
    return dict(measures(age_mean_s=(-1.0) ** task.seed * spread))


def test_every_point_is_performed_under_the_same_seeds() -> None:
    run = Counting(perform=noisy)
    Sampler(SCENARIO, "model", 7, Stopping(3, 3), run).sample(POINTS)
    for point in POINTS:
        mine = [task.seed for task in run.tasks if task.scenario.policy.poll_interval_s == point[INTERVAL]]
        assert mine == [7, 8, 9]


def test_points_under_one_seed_share_the_draws_that_both_make() -> None:
    first, *others = Sampler(SCENARIO, "fleet", 0, Stopping(4, 4), Counting()).sample(POINTS)
    lost = [one["messages_lost"] for one in first.replications]
    assert len(set(lost)) > 1
    for other in others:
        assert [one["messages_lost"] for one in other.replications] == lost


def test_common_draws_make_a_difference_surer_than_independent_ones() -> None:
    first, second, _ = Sampler(SCENARIO, "fleet", 0, Stopping(10, 10), Counting()).sample(POINTS)
    independent, *_ = Sampler(SCENARIO, "fleet", 100, Stopping(10, 10), Counting()).sample(POINTS)
    paired, unpaired = (other.difference(second, "age_mean_s") for other in (first, independent))
    assert paired is not None
    assert unpaired is not None
    assert paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low)


def test_points_that_are_narrow_enough_get_no_more_replications_than_the_fewest() -> None:
    half_widths = {"age_mean_s": 2.0}
    found = Sampler(SCENARIO, "model", 0, Stopping(4, 60, half_widths), Counting(perform=noisy)).sample(POINTS)
    counts = [sample.count for sample in found]
    assert counts == sorted(counts)
    assert counts[0] < counts[2] <= 60
    for sample in found:
        assert Stopping(4, 60, half_widths).reached(sample) or sample.count == 60


@given(st.integers(0, 40))
def test_an_interruption_anywhere_changes_no_number_and_nothing_is_performed_twice(after: int) -> None:
    stopping = Stopping(4, 12, {"age_mean_s": 3.0})
    whole = Counting(perform=noisy)
    expected = Sampler(SCENARIO, "model", 0, stopping, whole).sample(POINTS)
    record, first, second = Record(), Counting(after, noisy), Counting(perform=noisy)
    if after < len(whole.tasks):
        with pytest.raises(KeyboardInterrupt):
            Sampler(SCENARIO, "model", 0, stopping, first, record).sample(POINTS)
    else:
        Sampler(SCENARIO, "model", 0, stopping, first, record).sample(POINTS)
    assert Sampler(SCENARIO, "model", 0, stopping, second, record).sample(POINTS) == expected
    assert first.tasks + second.tasks == whole.tasks


def test_progress_rises_to_the_end_for_a_fixed_number_and_never_falls_while_it_stops_by_itself() -> None:
    for stopping in (Stopping(4, 4), Stopping(4, 60, {"age_mean_s": 2.0})):
        told: list[float] = []
        Sampler(SCENARIO, "model", 0, stopping, Counting(perform=noisy)).sample(POINTS, told.append)
        assert told == sorted(told)
        assert 0 < told[0] <= told[-1] <= 1
        assert stopping.half_widths or told[-1] == 1


def test_a_replication_in_the_model_is_the_fleets() -> None:
    task = Task(SCENARIO, 5, "fleet")
    fleet, model = performed(task), performed(task._replace(world="model"))
    assert {name: fleet[name] for name in ("poll_requests", "events_lost", "messages_lost")} == {
        name: model[name] for name in ("poll_requests", "events_lost", "messages_lost")
    }
