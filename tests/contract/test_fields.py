"""The building blocks of scenario tables. What is refused stands in the corpus of invalid files."""

import pytest
from pydantic import ValidationError

from sim.contract.fields import LONGEST_S, Span, Table, Uniform


def test_a_span_is_a_pair() -> None:
    span = Span.model_validate([1, 2.5])
    assert (span.first_s, span.last_s) == (1.0, 2.5)


def test_a_span_may_be_one_instant() -> None:
    assert Uniform.model_validate({"uniform": [3, 3]}).uniform == Span(first_s=3.0, last_s=3.0)


def test_the_longest_time_is_still_a_time() -> None:
    assert Span.model_validate([0, LONGEST_S]).last_s == LONGEST_S


def test_tables_are_strict_frozen_and_closed() -> None:
    config = Table.model_config
    assert (config["strict"], config["frozen"], config["extra"]) == (True, True, "forbid")


def test_a_span_made_in_python_is_checked_too() -> None:
    with pytest.raises(ValidationError, match="must not be less than"):
        Span(first_s=2.0, last_s=1.0)
