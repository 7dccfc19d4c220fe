"""What `import sim` offers, and what it does not bring along."""

import subprocess
import sys

import pytest

import sim


def test_there_are_at_most_ten_names_and_each_is_there() -> None:
    assert len(sim.__all__) <= 10
    for name in sim.__all__:
        assert getattr(sim, name).__name__ == name


def test_a_name_is_not_hidden_by_the_package_that_it_comes_from() -> None:
    code = "import sim.verify.suite, sim.measure.losses; from sim import measure; print(callable(measure))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "True\n"


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'sim' has no attribute 'simulate'"):
        sim.simulate  # noqa: B018


def test_a_fanout_servers_process_does_not_import_what_only_other_parts_need() -> None:
    code = "import sim.reference.fanout_child, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "aiohttp" in loaded
    assert {"simpy", "matplotlib", "hypothesis", "pandas", "typer"}.isdisjoint(loaded)
