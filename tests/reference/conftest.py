"""Fixtures: one embedded Redis for the tests of single components."""

from collections.abc import Iterator

import pytest

from sim.reference.embedded import embedded_redis


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with embedded_redis() as url:
        yield url
