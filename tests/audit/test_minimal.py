from itertools import groupby

from sim.audit.minimal import Example, runs, smallest
from sim.contract.scenario import Scenario


def found() -> Example:
    example = smallest()
    assert example is not None
    return example


def at_s(scenario: Scenario) -> list[float]:
    return [event.at_s for event in scenario.workload.events or ()]


def test_the_smallest_run_that_loses_an_event_drops_one_message_and_completes_a_second_later() -> None:
    example = found()
    assert at_s(example.scenario) == [1.0, 2.0]
    assert [event.type for event in example.scenario.workload.events or ()] == ["node_completed", "workflow_completed"]
    assert [fault.model_dump()["event"] for fault in example.scenario.faults] == [0]
    assert example.missed == 0


def test_the_documented_client_does_not_poll_once_in_it() -> None:
    example = found()
    assert example.polls("hybrid") == 0
    assert example.never_shown("hybrid") == [0]


def test_by_cursor_one_poll_brings_the_event_back() -> None:
    example = found()
    assert example.polls("hybrid-cursor") == 1
    assert example.never_shown("hybrid-cursor") == []


def test_both_are_held_against_the_same_run() -> None:
    example = found()
    assert {tuple(script.client(0).event_us) for script in example.scripts.values()} == {(1_000_000, 2_000_000)}


def test_runs_come_in_order_of_size_and_each_once() -> None:
    sizes = [(len(at_s(run)), at_s(run)[-1]) for run in runs("hybrid", 3, 5)]
    assert sizes == sorted(sizes)
    every = [(tuple(at_s(run)), str(run.faults)) for run in runs("hybrid", 3, 5)]
    assert len(set(every)) == len(every) == 1 * 5 + 2 * (1 + 2 + 3 + 4) + 3 * (1 + 3 + 6)


def test_in_each_run_one_message_is_dropped_and_the_last_event_is_terminal() -> None:
    for times_s, same in groupby(runs("hybrid", 3, 4), key=at_s):
        group = list(same)
        assert [[fault.model_dump()["event"] for fault in run.faults] for run in group] == [
            [dropped] for dropped in range(len(times_s))
        ]
        assert {(run.workload.events or ())[-1].type for run in group} == {"workflow_completed"}


def test_a_single_event_is_never_lost_for_good_since_silence_makes_a_poll() -> None:
    assert smallest(most_events=1) is None


def test_by_cursor_no_run_of_that_size_loses_an_event() -> None:
    assert smallest("hybrid-cursor", (), most_events=3, longest_s=9) is None


def test_polling_alone_loses_nothing() -> None:
    assert smallest("polling-only", (), most_events=2, longest_s=9) is None
