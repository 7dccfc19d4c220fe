"""The table of mutants fits the code that it breaks; `python -m tests.mutants` hunts them."""

from collections import Counter
from pathlib import Path

import pytest

import sim
from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.package}-{mutant.rule}-{mutant.name}")
def test_each_piece_of_a_mutant_stands_once_in_its_file_and_what_comes_of_it_is_python(mutant: Mutant) -> None:
    original = text = (Path(sim.__file__).parent / mutant.file).read_text()
    for old, new in mutant.edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in sim/{mutant.file}"
        text = text.replace(old, new)
    compile(text, mutant.file, "exec")
    assert text != original


def test_no_two_mutants_of_a_package_have_one_name() -> None:
    assert set(Counter((mutant.package, mutant.name) for mutant in MUTANTS).values()) == {1}
