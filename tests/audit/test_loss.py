from functools import cache
from itertools import pairwise

import pytest

from sim.audit.loss import INTERVALS_S, LOSSES, POLICIES, RATES_PER_S, LossAnalysis, analyse, each_in_theory
from sim.contract.errors import InputError


@cache
def analysis() -> LossAnalysis:
    return analyse(seed=3, clients=100)


def test_there_is_a_value_for_each_interval_and_rate_and_for_each_policy_and_probability_in_order() -> None:
    assert [(one.interval_s, one.rate_per_s) for one in analysis().one] == [
        (interval_s, rate_per_s) for interval_s in INTERVALS_S for rate_per_s in RATES_PER_S
    ]
    assert [(each.policy, each.loss) for each in analysis().each] == [
        (policy, loss) for policy in POLICIES for loss in LOSSES
    ]


def test_theory_lies_in_nearly_all_intervals_of_the_model() -> None:
    values = [(one.theory, one.model) for one in analysis().one]
    values += [(each.theory, each.never_shown) for each in analysis().each if each.theory is not None]
    inside = sum(model.low <= theory <= model.high for theory, model in values)
    assert len(values) == 27
    assert inside >= 23  # 95 % intervals; with fewer than 23 inside, one seed in a hundred would fail


def test_the_more_messages_an_interval_brings_the_more_surely_an_event_is_lost() -> None:
    by_messages = sorted(analysis().one, key=lambda one: one.rate_per_s * one.interval_s)
    assert all(fewer.theory <= more.theory + 1e-12 for fewer, more in pairwise(by_messages))


def test_by_cursor_nothing_is_lost_where_the_documented_client_loses_events() -> None:
    assert all(each.never_shown.high == 0 for each in analysis().each if each.policy == "hybrid-cursor")
    assert all(each.never_shown.low > 0 for each in analysis().each if each.policy == "hybrid" and each.loss >= 0.2)


def test_only_the_documented_client_has_a_closed_form() -> None:
    for each in analysis().each:
        assert each.theory == (each_in_theory(each.loss) if each.policy == "hybrid" else None)


def test_the_example_is_one_in_which_the_documented_client_misses_what_the_cursor_brings_back() -> None:
    example = analysis().example
    assert example.never_shown("hybrid") == [example.missed]
    assert example.never_shown("hybrid-cursor") == []


def test_the_same_seed_gives_the_same_and_another_seed_other_values() -> None:
    first, again, other = (analyse(seed, 5) for seed in (0, 0, 1))
    assert (first.one, first.each) == (again.one, again.each)
    assert (first.one, first.each) != (other.one, other.each)


def test_progress_goes_from_some_to_all() -> None:
    shares: list[float] = []
    analyse(clients=2, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_one_client_gives_no_interval() -> None:
    with pytest.raises(InputError, match=r"^the loss analysis needs two clients or more, not 1$"):
        analyse(clients=1)
