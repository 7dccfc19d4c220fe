"""Servers that are really killed, stopped and started: on real sockets as in the model, within the margin."""

import pytest

from sim.contract.scenario import Scenario
from sim.contract.script import Script, realize
from sim.contract.trace import Trace
from sim.measure.metrics import measure
from sim.verify.agreement import Agreement, compare
from sim.verify.invariants import check
from sim.verify.margin import starved
from sim.worlds import perform, perform_together
from tests.reference.faults import fault, partition
from tests.reference.leftovers import nothing_left

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


def script(text: str, client: str = "", horizon_s: float = 6.0) -> Script:
    head = f'title = "t"\nhorizon_s = {horizon_s}\n[client]\n{client}\n'
    return realize(Scenario.from_toml(head + text))


EVERY_SECOND = "[workload]\neven = { count = 5, every_s = 1.0 }\n"
THREE = 'count = 3\nreconnect = "fixed"\nreconnect_delay_s = 1.4\npoll_interval_s = 2.5\n'
"""Happenings lie further apart than the margin, so that it is decided what comes first."""

MANY = """
count = 40
start_s = { uniform = [0, 1] }
poll_interval_s = 1.5
reconnect = "exponential"
jitter = "full"
reconnect_delay_s = 0.5
reconnect_max_s = 1.0
"""

SCRIPTS = {
    "the fanout server says goodbye": script(EVERY_SECOND + fault("fanout-restart", at_s=1.5, for_s=2.0), THREE),
    "the fanout server is killed": script(
        EVERY_SECOND + fault("fanout-restart", at_s=1.5, for_s=2.0, manner="killed"), THREE
    ),
    "Redis is killed": script(
        EVERY_SECOND + fault("redis-outage", at_s=1.5, for_s=1.2) + "[fanout]\nresubscribe_s = 0.6\n", THREE
    ),
    "a partition": script(EVERY_SECOND + partition(1.5, 3.5), THREE.replace("2.5", "4.0")),
    "half-open, then closed": script(
        EVERY_SECOND
        + fault("connection-lost", at_s=1.5, manner="half-open")
        + fault("connection-lost", at_s=3.5)
        + "[fanout]\nping_every_s = 0.8\npong_within_s = 0.7\n",
        THREE,
    ),
    "the fanout server says goodbye to one that does not read": script(
        EVERY_SECOND
        + fault("fanout-restart", at_s=1.5, for_s=2.0)
        + fault("slow-reader", clients=[0], bytes_per_s=0.0),
        THREE,
    ),
    "the fanout server is killed under one that does not read": script(
        EVERY_SECOND
        + fault("fanout-restart", at_s=1.5, for_s=2.0, manner="killed")
        + fault("slow-reader", clients=[0], bytes_per_s=0.0),
        THREE,
    ),
    "both are killed under forty clients": script(
        "[workload]\neven = { count = 8, every_s = 0.4 }\n"
        + fault("redis-outage", at_s=1.2, for_s=0.7)
        + fault("fanout-restart", at_s=2.3, for_s=0.8, manner="killed"),
        MANY,
        horizon_s=7.0,
    ),
}


@pytest.fixture(scope="module")
def traces() -> dict[str, Trace]:
    """All of them side by side."""
    with pytest.MonkeyPatch.context() as patch, nothing_left(patch):
        performed = perform_together(list(SCRIPTS.values()))
    return dict(zip(SCRIPTS, performed, strict=True))


def held(live: Trace, of: Script) -> Agreement:
    return compare(perform(of, "model"), live)


@pytest.mark.parametrize("name", list(SCRIPTS)[:-1])
def test_what_befalls_few_clients_is_told_as_by_the_model(name: str, traces: dict[str, Trace]) -> None:
    agreement = held(traces[name], SCRIPTS[name])
    if agreement.verdict != "agree" and starved(agreement.margin_s, traces[name]):
        pytest.skip(agreement.sentence)
    assert agreement.verdict == "agree", agreement.sentence
    assert check(traces[name], SCRIPTS[name]) == []


def test_many_clients_all_come_back_at_times_of_their_own(traces: dict[str, Trace]) -> None:
    name = "both are killed under forty clients"
    agreement = held(traces[name], SCRIPTS[name])
    assert agreement.verdict != "differ", agreement.sentence
    assert measure(traces[name])["reconnects"] == 40
    assert check(traces[name], SCRIPTS[name]) == []
