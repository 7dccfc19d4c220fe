from hypothesis import given
from hypothesis import strategies as st

from sim.contract.gate import Gate
from sim.gates.judge import interval, judge, margin_s
from sim.gates.prediction import RUNS, prediction
from sim.verify.margin import LIVE_MARGIN_S

VALUES = st.floats(0, 1e4)


def polls(**keys: object) -> Gate:
    return Gate.model_validate({"measure": "poll_requests", **keys})


def test_one_run_is_judged_by_its_value() -> None:
    assert judge(polls(below=2), [1]).verdict == "holds"
    assert judge(polls(below=2), [3]).reason == "is 3, above the limit of 2 by 1"
    assert judge(polls(above=2), [1]).reason == "is 1, below the limit of 2 by 1"
    assert judge(polls(between=[2, 4]), [5]).reason == "is 5, above the limits of 2 to 4 by 1"
    assert judge(polls(between=[2, 2]), [1]).reason == "is 1, below the limit of 2 by 1"


def test_the_limit_itself_is_neither_below_nor_above_but_between() -> None:
    assert judge(polls(below=2), [2]).reason == "is 2, at the limit of 2 and not below it"
    assert judge(polls(above=2), [2]).reason == "is 2, at the limit of 2 and not above it"
    assert judge(polls(between=[2, 2]), [2]).verdict == "holds"


@given(values=st.lists(VALUES, min_size=2, max_size=6), limit=VALUES)
def test_of_several_runs_the_whole_interval_must_lie_on_the_right_side(values: list[float], limit: float) -> None:
    found = interval(values)
    verdict = judge(polls(below=limit), values).verdict
    assert (verdict == "holds") == (found.high < limit)
    assert (verdict == "fails") == (found.low >= limit)


@given(values=st.lists(VALUES, min_size=1, max_size=6), limit=VALUES)
def test_no_value_passes_below_and_above_the_same_limit(values: list[float], limit: float) -> None:
    verdicts = judge(polls(below=limit), values).verdict, judge(polls(above=limit), values).verdict
    assert verdicts != ("holds", "holds")


def test_an_interval_that_straddles_is_inconclusive_and_tells_how_many_runs_it_had() -> None:
    judged = judge(polls(below=3), [1, 2, 3])
    assert judged.verdict == "inconclusive"
    assert judged.reason.startswith("is 2 [-0.484")
    assert judged.reason.endswith("in 3 runs, an interval that straddles the limit of 3: too few to tell")


def test_runs_that_are_all_alike_need_no_interval() -> None:
    judged = judge(polls(between=[4, 4]), [4, 4, 4])
    assert (judged.verdict, judged.measured) == ("holds", "4")


def live(**keys: object) -> Gate:
    return Gate.model_validate({"measure": "latency_p50_s", "world": "live", "predicted": "model", **keys})


def test_a_predicted_value_may_lie_beyond_the_prediction_by_the_margin_alone() -> None:
    predicting = [0.02, 0.03] * 5
    high = prediction(predicting, 1).high + 0.04
    assert judge(live(margin_s=0.04), [high], predicting).verdict == "holds"
    judged = judge(live(margin_s=0.04), [high + 0.01], predicting)
    assert judged.verdict == "fails"
    assert judged.reason.endswith(f"above the model's 0 to {high:.6g} by 0.01")


def test_a_predicted_count_has_no_margin() -> None:
    gate = polls(world="live", predicted="model")
    assert judge(gate, [3], [3] * RUNS).verdict == "holds"
    assert judge(gate, [4], [3] * RUNS).reason == "is 4, above the model's 3 by 1"


@given(st.floats(0, 1e6), st.integers(1, 5))
def test_what_is_exactly_as_predicted_every_time_holds(value: float, runs: int) -> None:
    assert judge(live(margin_s=0), [value] * runs, [value] * RUNS).verdict == "holds"


def test_a_prediction_of_several_runs_judges_their_mean() -> None:
    predicting = [1.0, 2.0] * 5
    apart = [1.0, 2.0]  # an interval of these reaches far beyond the prediction
    assert judge(live(margin_s=0), apart, predicting).verdict == "holds"


def test_the_margin_of_a_time_in_world_live_is_the_live_margin_unless_the_gate_names_its_own() -> None:
    assert margin_s(live()) == LIVE_MARGIN_S
    assert margin_s(live(margin_s=0.04)) == 0.04
    assert margin_s(polls(world="live", below=1)) == 0
    assert margin_s(live(world="virtual")) == 0
