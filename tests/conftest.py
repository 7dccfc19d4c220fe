"""Hypothesis profiles: repeatable unless `HYPOTHESIS_PROFILE=search` asks for new examples; the longest tests first.

The fleet is compiled once before the workers start, which would each do it.
"""

import os
from importlib import import_module

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile what is not kept from an earlier time; what is costs half a second."""
    for entry in ("sim.fleet.alone", "sim.fleet.together"):
        import_module(entry)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that take minutes start first, so that the other worker does the rest meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
