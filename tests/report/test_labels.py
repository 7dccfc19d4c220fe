import pytest

from sim.report import labels


@pytest.mark.parametrize(
    ("events", "text"),
    [([4], "4"), ([1, 2, 3], "1-3"), ([7, 1, 2], "1-2, 7"), ([1, 3, 5, 9], "1...9"), ([2, 2], "2")],
)
def test_indices_are_written_in_few_characters(events: list[int], text: str) -> None:
    assert labels.ranges(events).replace("\N{EN DASH}", "-") == text


def test_markers_far_apart_have_labels_of_their_own() -> None:
    assert labels.shared([(1.0, 0), (3.0, 1)], 0.9) == [(1.0, "0"), (3.0, "1")]


def test_markers_too_close_share_a_label_in_their_middle() -> None:
    assert labels.shared([(1.0, 0), (2.0, 3)], 0.9) == [(1.5, "0, 3")]


def test_a_label_that_has_grown_takes_in_its_neighbour_too() -> None:
    assert labels.shared([(1.0, 0), (3.0, 2), (3.5, 4)], 0.9) == [(2.25, "0...4")]
