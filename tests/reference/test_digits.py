import pytest

from sim.reference.digits import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("86400", 86_400),
        ("86401", 86_400),
        ("9" * 8000, 86_400),
        ("0" * 8000 + "9", 9),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1e3", None),
        (" 1", None),
        ("1 ", None),
        ("1_000", None),
        ("x", None),
        ("²", None),
        ("٣", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_ascii_digits_are_a_whole_number_up_to_the_most_and_anything_else_is_none(
    text: str, number: int | None
) -> None:
    assert whole_number(text, 86_400) == number
