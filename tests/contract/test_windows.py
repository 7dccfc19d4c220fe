"""Windows, and when servers are away or a client is cut off by a partition: [from, until) (R4, F8, L7)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.contract.fault import hit_mask
from sim.contract.script import realize
from sim.contract.windows import ServerOutage, Window, merged
from tests.contract.drawing import clients, scenario

WINDOWS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 6)).map(lambda pair: Window(pair[0], pair[0] + pair[1])), max_size=6
)


def inside(instant_us: int, windows: list[Window] | tuple[Window, ...]) -> bool:
    return any(window.from_us <= instant_us < window.until_us for window in windows)


@given(WINDOWS)
def test_merged_windows_hold_the_same_instants(windows: list[Window]) -> None:
    union = merged(windows)
    assert all(inside(instant, windows) == inside(instant, union) for instant in range(30))


@given(WINDOWS)
def test_merged_windows_are_in_time_order_and_neither_overlap_nor_touch(windows: list[Window]) -> None:
    union = merged(windows)
    assert all(before.until_us < after.from_us for before, after in pairwise(union))


@given(WINDOWS, st.randoms(use_true_random=False))
def test_the_order_of_windows_does_not_matter(windows: list[Window], random: object) -> None:
    shuffled = list(windows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(shuffled) == merged(windows)


def test_windows_that_touch_are_one_and_windows_apart_are_two() -> None:
    assert merged([Window(5, 7), Window(3, 5)]) == (Window(3, 7),)
    assert merged([Window(6, 7), Window(3, 5)]) == (Window(3, 5), Window(6, 7))
    assert merged([Window(3, 9), Window(4, 5)]) == (Window(3, 9),)


def test_a_window_without_an_instant_is_none() -> None:
    assert merged([Window(5, 5)]) == ()


def test_r4_outages_of_redis_that_overlap_are_one() -> None:
    faults = [{"kind": "redis-outage", "at_s": at, "for_s": length} for at, length in [(9, 1), (2, 3), (4, 2.5)]]
    script = realize(scenario(fault=faults))
    assert script.redis_outages == (Window(2_000_000, 6_500_000), Window(9_000_000, 10_000_000))
    assert script.fanout_outages == ()


def test_f8_restarts_are_killed_or_say_goodbye_each_for_itself() -> None:
    faults = [
        {"kind": "fanout-restart", "at_s": 9.0, "for_s": 1.0, "manner": "killed"},
        {"kind": "fanout-restart", "at_s": 2.0, "for_s": 1.0},
    ]
    script = realize(scenario(fault=faults))
    assert script.fanout_outages == (
        ServerOutage(2_000_000, 3_000_000, killed=False),
        ServerOutage(9_000_000, 10_000_000, killed=True),
    )
    assert script.redis_outages == ()


def test_f8_of_restarts_that_overlap_the_first_decides_how_the_server_goes() -> None:
    """What is away already cannot go again."""
    restarts = [
        {"kind": "fanout-restart", "at_s": 3.0, "for_s": 4.0, "manner": "killed"},
        {"kind": "fanout-restart", "at_s": 2.0, "for_s": 1.0, "manner": "graceful"},
    ]
    (outage,) = realize(scenario(fault=restarts)).fanout_outages
    assert outage == ServerOutage(2_000_000, 7_000_000, killed=False)


def test_f8_a_server_that_is_killed_as_it_says_goodbye_is_killed() -> None:
    restarts = [
        {"kind": "fanout-restart", "at_s": 2.0, "for_s": length, "manner": manner}
        for length, manner in [(1.0, "graceful"), (3.0, "killed")]
    ]
    (outage,) = realize(scenario(fault=restarts)).fanout_outages
    assert outage == ServerOutage(2_000_000, 5_000_000, killed=True)


def test_w4_outages_count_from_zero_whenever_clients_start() -> None:
    fault = {"kind": "redis-outage", "at_s": 1.0, "for_s": 1.0}
    assert realize(scenario(client={"start_s": 5.0}, fault=[fault])).redis_outages == (Window(1_000_000, 2_000_000),)


def test_l7_a_partition_cuts_off_the_clients_of_its_fraction() -> None:
    fault = {"kind": "partition", "at_s": 1.0, "for_s": 2.0, "fraction": 0.29}
    script = realize(scenario(client={"count": 100}, fault=[fault]))
    assert [client.partition_windows for client in clients(script)] == [
        (Window(1_000_000, 3_000_000),) if hit else () for hit in hit_mask(0.29, 0, 100)
    ]


def test_l7_partitions_of_one_client_that_overlap_or_touch_are_one() -> None:
    faults = [
        {"kind": "partition", "at_s": 5.0, "for_s": 1.0},
        {"kind": "partition", "at_s": 3.0, "for_s": 2.0, "fraction": 0.5},
    ]
    not_hit, hit = clients(realize(scenario(client={"count": 2}, fault=faults)))
    assert not_hit.partition_windows == (Window(5_000_000, 6_000_000),)
    assert hit.partition_windows == (Window(3_000_000, 6_000_000),)
