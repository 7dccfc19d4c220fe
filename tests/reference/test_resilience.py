"""A thousand clients on real sockets while Redis and the fanout server are killed under them."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import realize
from sim.contract.trace import Trace
from sim.measure.metrics import measure
from sim.verify.margin import LIVE_MARGIN_S, starved
from sim.worlds import perform
from tests.reference.leftovers import nothing_left

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]

SCRIPT = realize(
    Scenario.from_toml("""
title = "both are killed, and nobody reconnects"
horizon_s = 19.0
[client]
count = 1000
start_s = { uniform = [0, 5] }
poll_interval_s = 4.0
[workload]
even = { count = 3, every_s = 3.0 }
[[fault]]
kind = "redis-outage"
at_s = 5.0
for_s = 1.1
[[fault]]
kind = "fanout-restart"
at_s = 8.0
for_s = 2.0
manner = "killed"
""")
)


@pytest.fixture(scope="module")
def live() -> Trace:
    with pytest.MonkeyPatch.context() as patch, nothing_left(patch):
        return perform(SCRIPT, "live")


def test_everyone_has_every_event_in_the_end(live: Trace) -> None:
    measured = measure(live)
    assert measured["events_lost"] == 0
    assert (measured["messages_lost"] or 0) > 1500
    assert sum(row[2] == "terminal_reached" for row in live.rows) == 1000


@pytest.mark.parametrize("name", ["poll_requests", "messages_lost"])
def test_polls_and_losses_are_as_many_as_in_the_model_within_two_hundredths(name: str, live: Trace) -> None:
    if starved(LIVE_MARGIN_S, live):
        pytest.skip(f"the machine kept the live world waiting for {live.starved_s:.2f} s, too long to decide")
    model = measure(perform(SCRIPT, "model"))
    assert measure(live)[name] == pytest.approx(model[name], rel=0.02)


def test_every_message_ends_once(live: Trace) -> None:
    published = [(row[1], row[3]) for row in live.rows if row[2] == "message_published"]
    ended = [(row[1], row[3]) for row in live.rows if row[2] in ("message_received", "message_lost")]
    assert sorted(ended) == sorted(published)
    assert len(set(ended)) == 3000
