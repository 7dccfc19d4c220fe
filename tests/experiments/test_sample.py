from sim.measure.statistics import difference, mean

from .small import sample


def test_an_estimate_is_the_mean_over_replications_with_its_interval() -> None:
    assert sample(age_mean_s=[3.0, 4.0, 8.0]).estimate("age_mean_s") == mean([3.0, 4.0, 8.0])


def test_there_is_no_estimate_where_a_replication_gives_none() -> None:
    found = sample(latency_p99_s=[3.0, None, 8.0])
    assert found.estimate("latency_p99_s") is None
    assert found.difference(sample(latency_p99_s=[1.0, 2.0, 3.0]), "latency_p99_s") is None
    assert sample(latency_p99_s=[1.0, 2.0, 3.0]).difference(found, "latency_p99_s") is None


def test_differences_are_paired_by_seed_so_that_what_both_share_drops_out() -> None:
    here, there = sample(age_mean_s=[1.0, 50.0, 9.0]), sample(age_mean_s=[0.0, 49.0, 8.0])
    found = here.difference(there, "age_mean_s")
    assert found == difference([1.0, 50.0, 9.0], [0.0, 49.0, 8.0])
    assert found is not None
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_of_samples_of_different_size_the_seeds_that_both_have_are_compared() -> None:
    here, there = sample(age_mean_s=[1.0, 5.0, 100.0]), sample(age_mean_s=[0.0, 3.0])
    assert here.difference(there, "age_mean_s") == difference([1.0, 5.0], [0.0, 3.0])
    assert there.difference(here, "age_mean_s") == difference([0.0, 3.0], [1.0, 5.0])
