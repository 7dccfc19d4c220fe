from sim.report.grids import grid
from sim.report.page import Grid
from sim.report.tables import Cell, Table


def made(**given: object) -> Grid:
    columns = (
        "client.policy",
        "client.poll_interval_s",
        "replications",
        "latency_p99_s",
        "latency_p99_s beyond the base",
    )
    rows = [
        ["hybrid", "2", "5", "1.9 [1.8, 2]", "the base"],
        ["hybrid", "4", "5", "-", Cell("-0.1 [-0.2, 0]", "green")],
    ]
    return grid("says", Table(columns, rows, ("client.policy",)), **given)  # type: ignore[arg-type]


def test_keys_and_measures_are_named_in_words() -> None:
    words = "latency, 99th percentile (s)"
    assert list(made().columns) == ["policy", "poll interval (s)", "replications", words, f"{words} beyond the base"]


def test_a_column_is_numeric_where_all_its_cells_are() -> None:
    assert list(made().numeric) == list(made().columns)[1:]


def test_a_sentence_that_begins_with_a_number_is_none() -> None:
    found = grid("says", Table(("advice",), [["5,000/s: no delay does"]], ("advice",)))
    assert list(found.numeric) == []


def test_cells_keep_their_text_and_lose_their_colour() -> None:
    assert list(made().rows[1]) == ["hybrid", "4", "5", "-", "-0.1 [-0.2, 0]"]


def test_a_column_can_be_left_out() -> None:
    assert "replications" not in made(without=("replications",)).columns
    assert [row[2] for row in made(without=("replications",)).rows] == ["1.9 [1.8, 2]", "-"]
