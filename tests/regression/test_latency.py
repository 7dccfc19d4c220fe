"""Latency of the reference on real sockets, against what the model predicts."""

from pathlib import Path

import pytest

from sim.pytest_plugin import Fanout
from sim.reference.link import Link

HERE = Path(__file__).parent
PUSHES = HERE.parents[1] / "examples" / "pushes.toml"

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

ADDED_US = 50_000


def test_the_reference_is_as_fast_as_the_model_predicts(fanout: Fanout) -> None:
    fanout.gates(PUSHES, HERE / "live.toml")


def test_50_ms_more_for_each_push_are_told(fanout: Fanout, monkeypatch: pytest.MonkeyPatch) -> None:
    in_time = Link.arrival_us

    def late(link: Link, message: int, size_bytes: int, previous_us: int) -> int:
        return in_time(link, message, size_bytes, previous_us) + ADDED_US

    monkeypatch.setattr(Link, "arrival_us", late)
    with pytest.raises(
        AssertionError, match=r"^latency_p50_s of pushes in live is 0\.\d+ .*, above the model's .* by 0"
    ):
        fanout.gates(PUSHES)
