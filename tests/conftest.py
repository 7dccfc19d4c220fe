"""Hypothesis profiles: repeatable unless `HYPOTHESIS_PROFILE=search` asks for new examples; the longest test first."""

import os

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("search", deadline=None, max_examples=1_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the test that takes minutes start first, so that the other worker does the rest meanwhile."""
    items.sort(key=lambda item: item.name != "test_the_committed_report_is_what_the_command_makes_now")
