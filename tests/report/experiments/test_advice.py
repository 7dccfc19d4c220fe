from dataclasses import replace

from sim.experiments.slo import parse
from sim.report.experiments.advice import advice

from .made import tuning


def test_the_answer_comes_first_with_its_interval_and_the_slos() -> None:
    answer = advice(tuning())[0]
    assert answer.startswith("Take client.poll_interval_s = 2: polls_per_s_mean 20 [18.73, 21.27]; latency_p99_s 1.6 [")
    assert answer.endswith("kept latency_p99_s <= 2.")


def test_the_reason_is_the_slo_that_the_next_cheaper_breaks_and_what_it_would_save() -> None:
    why = advice(tuning())[1]
    assert why.startswith(
        "Why: latency_p99_s <= 2 binds. The next cheaper, client.poll_interval_s = 4, would save 10 ["
    )
    assert "but breaks it with latency_p99_s 3.2 [" in why


def test_the_next_dearer_tells_what_it_costs_and_brings() -> None:
    dearer = advice(tuning())[2]
    assert dearer.startswith("The next dearer, client.poll_interval_s = 1, would cost 20 [")
    assert "change latency_p99_s by -0.8 [" in dearer


def test_where_nothing_cheaper_was_tried_no_slo_binds() -> None:
    assert "no candidate has less polls_per_s_mean, so no SLO binds" in " ".join(advice(tuning(bound=9.0)))


def test_it_says_how_sure_it_is_and_where_more_replications_could_change_it() -> None:
    told = " ".join(advice(tuning()))
    assert "How sure: 2 replications of 1,000 clients in world fleet" in told
    assert "within 1/256" in told
    assert "more replications" not in told
    doubtful = tuning(bound=3.2)
    doubtful = replace(doubtful, slos=(*doubtful.slos, parse("age_mean_s<=100")))  # which all keep
    assert "more replications might show that it keeps latency_p99_s <= 3.2." in " ".join(advice(doubtful))


def test_events_that_are_never_shown_are_told_since_no_latency_tells_them() -> None:
    assert "never shown" not in " ".join(advice(tuning()))
    assert "0.02 [0.02, 0.02] events per run are never shown" in " ".join(advice(tuning(lost=20.0)))


def test_what_theory_expects_is_told_where_it_holds() -> None:
    assert "closed form" not in " ".join(advice(tuning()))
    told = advice(replace(tuning(), expected={"polls_per_s_mean": 20.25, "latency_p99_s": 1.594}))
    assert "In closed form, without chance: polls_per_s_mean 20.25; latency_p99_s 1.594." in told


def test_the_model_confirms_contradicts_or_was_not_asked() -> None:
    sampled = "the model on 2 x 1,000 clients and other draws, intervals of 99.9% together: latency_p99_s"
    assert advice(tuning())[-1].startswith(
        f"Confirmed by {sampled} 1.5 [1.4, 1.6], predicted 1.6 [1.5, 1.7]: the inter"
    )
    assert advice(tuning(confirms=False))[-1].startswith(f"Contradicted by {sampled} 3 [2.9, 3.1]")
    assert advice(tuning(confirms=None))[-1] == "Not confirmed by the model: it was not asked to."


def test_where_none_keeps_the_slos_the_closest_is_named() -> None:
    (told,) = advice(tuning(bound=0.5))
    assert told.startswith(
        "None of 3 candidates keeps latency_p99_s <= 0.5; the closest is client.poll_interval_s = 1 "
        "with latency_p99_s 0.8 ["
    )
